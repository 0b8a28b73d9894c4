#pragma once
// The records that devices sign: published once, never changed, and read by several queries.
//
// State, all in the namespace "data"; every key is unique to one record, so that two records conflict only when they
// claim the same thing or are neighbours in one device's chain:
//   content\0<content id>\0<device>            transaction and sequence: whether a record is here already
//   seq\0<device>\0<sequence>                  the record (model.h)
//   log\0<device>\0<received ms>\0<sequence>   in the order of arrival
//   end\0<device>\0<kind>\0<end>\0<sequence>   in the order of periods
//   day\0<device>\0<start>                     the sequence of the DAILY record that starts there
//   shardday\0<organization>\0<shard>\0<start>\0<device>   the same for an organization's shard
//   daily\0<device>\0<sequence>                a DAILY record that corrects nothing (value: empty)
//   linked\0<device>                           the lowest sequence that came with key 13
//   series\0<device>\0<sequence>               the transaction with the series of a record that came without it
//   corrected\0<device>\0<sequence>            the sequence of the record that corrects this one
//   total\0device\0<id>\0<counter>, total\0shard\0<organization>\0<shard>\0<counter>
//                                              counters, written by increments alone
//
// What meters in the field sign (profile ocmf-1) is kept apart: ocmf.h.
//
// A shard belongs to one organization: a shard of the same name of another organization is another shard.
//
// A record that corrects another one is in content, seq and log alone, and in corrected: queries of days and samples
// answer the original, and name what corrects it.
//
// Publishing reads the device's terms in the registry, the content and sequence keys (absent), the records before and
// after it in the chain, and for a DAILY record the days that start or end where it lies. Liveness and gaps are
// computed when asked.

#include "chaincode/contract.h"

namespace tally::chaincode::data {

[[nodiscard]] Contract contract();

}  // namespace tally::chaincode::data
