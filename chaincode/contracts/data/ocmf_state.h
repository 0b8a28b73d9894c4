#pragma once
// Where OCMF records are in the state (ocmf.h lists the keys).

#include "chaincode/contracts/data/ocmf_answers.h"
#include "chaincode/stub.h"

namespace tally::chaincode::data {

inline constexpr std::string_view kOcmfSession = "ocmfsession", kOcmfFiscal = "ocmffiscal";

// The keys of a device's sessions, or of its fiscal readings, in [from_s, to_s): the first one, and that after the
// last.
[[nodiscard]] std::pair<std::string, std::string> ocmf_keys(std::string_view name, std::string_view device,
                                                            std::int64_t from_s, std::int64_t to_s);
[[nodiscard]] std::string ocmf_record_key(std::string_view device, std::string_view content_id);
// The record that an index names; corrupt when it is not there.
[[nodiscard]] Result<StoredOcmf> stored_ocmf(Stub& stub, std::string_view device, std::string_view content_id);

}  // namespace tally::chaincode::data
