#pragma once
// Files with OCMF records: one record or several after each other, or the XML container of transparency software.
//
//   <values>
//     <value transactionId="1" context="Transaction.Begin">
//       <signedData format="OCMF" encoding="plain">OCMF|{...}|{...}</signedData>
//       <publicKey encoding="hex">3059...</publicKey>
//     </value>
//   </values>
//
// The encodings are plain (the default), hex and base64. A `plain` public key is a text that crypto/meter_key.h reads.
// The key in a file proves nothing about who has it: it is for a comparison with the key that is printed on the meter
// or registered. Pure. Failures: malformed, too_large, unsupported (a format other than OCMF, by its name); the message
// names the value.

#include <string>
#include <vector>

#include "crypto/error.h"

namespace tally::gateway::ocmf {

inline constexpr std::size_t kMaxRecords = 10'000;  // of a file

struct Entry {
    std::string place;        // in the file: "value 2" or "record 2"; empty where it is the only one
    std::string transaction;  // transactionId; empty: none
    std::string context;      // "Transaction.Begin"; empty: none
    std::string record;       // OCMF|...|...
    std::string public_key;   // as text; empty: none
};

[[nodiscard]] Result<std::vector<Entry>> read_entries(std::string text);

}  // namespace tally::gateway::ocmf
