#pragma once
// Where OCMF records are in the state (ocmf.h lists the keys).

#include "chaincode/contracts/data/ocmf_answers.h"
#include "chaincode/stub.h"

namespace tally::chaincode::data {

[[nodiscard]] std::string ocmf_record_key(std::string_view device, std::string_view content_id);
// The record that an index names; corrupt when it is not there.
[[nodiscard]] Result<StoredOcmf> stored_ocmf(Stub& stub, std::string_view device, std::string_view content_id);

}  // namespace tally::chaincode::data
