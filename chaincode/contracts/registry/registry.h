#pragma once
// The registry of devices: who may publish, under which key, with which fields, and until when.
//
// State, all in the namespace "registry":
//   device\0<id>                       a Device (model.h)
//   shard\0<organization>\0<shard>\0<id>   that the device is in the organization's shard
//   pending\0<organization>\0<id>      a Device that waits for another organization's consent (consent.h)
//   key\0<fingerprint>                 which device a proven key belongs to, or belonged (entry.h)
//   vitrokey\0<organization>\0<fingerprint>   the same for keys that cannot be proven
//   schema\0<id>\0<version>            a Schema; never changed
//   rules\0<organization>              Rules of automatic suspension
//   incidents\0<device>                Incidents since the device was last reinstated
//   anchor\0<organization>\0<fingerprint>, crl\0<organization>\0<issuer>, revoked\0<organization>\0<fingerprint>
//
// What a device's data depends on is read with recorded reads, so a change of status, key or trust invalidates what is
// under way. Nothing is retroactive: a change takes effect at its transaction's time or later.

#include "chaincode/contract.h"

namespace tally::chaincode::registry {

[[nodiscard]] Contract contract();

}  // namespace tally::chaincode::registry
