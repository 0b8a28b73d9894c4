#pragma once
// What a COSE message is signed for: a content type of its own for each purpose, in the protected header. Every reader
// asks for its own, so that no message can be taken for one of another purpose.

#include <algorithm>
#include <array>
#include <string_view>

namespace tally::chaincode {

// By devices.
inline constexpr std::string_view kRecordContentType = "application/tally-record+cbor";
inline constexpr std::string_view kPossessionContentType = "application/tally-registration+cbor";
inline constexpr std::string_view kRotationContentType = "application/tally-key-rotation+cbor";
// By members.
inline constexpr std::string_view kProposalContentType = "application/tally-proposal+cbor";

inline constexpr std::array kContentTypes = {kRecordContentType, kPossessionContentType, kRotationContentType,
                                             kProposalContentType};
static_assert(std::ranges::all_of(kContentTypes,
                                  [](auto type) { return std::ranges::count(kContentTypes, type) == 1; }));

}  // namespace tally::chaincode
