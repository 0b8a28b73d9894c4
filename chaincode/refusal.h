#pragma once
// Why a contract refuses: a code of its own, declared once beside the functions that use it.
//
//   inline constexpr Refusal stale_sequence{{"stale_sequence", Kind::refused},
//                                           "The sequence number was used before.",
//                                           "The record is on the ledger already, or the device was copied."};
//   ...
//   return fail(stale_sequence, "sequence {} of {} was used before", ...);
//
// The kind gives the HTTP status and the exit code; `tally explain` and the reference page show the sentences.

#include "crypto/error.h"

namespace tally::chaincode {

struct Refusal : Code {
    std::string_view meaning;
    std::string_view advice;  // what to do

    constexpr Refusal(Code code, std::string_view what, std::string_view then)
        : Code(code), meaning(what), advice(then) {}
};

}  // namespace tally::chaincode
