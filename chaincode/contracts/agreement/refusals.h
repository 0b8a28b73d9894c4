#pragma once
// Why the agreement contract refuses.

#include "chaincode/refusal.h"

namespace tally::chaincode::agreement::refusals {

inline constexpr Refusal wrong_party{
    {"wrong_party", Kind::refused}, "Another party of the agreement may do this.", "The message names who may."};
inline constexpr Refusal terms_invalid{{"terms_invalid", Kind::refused},
                                       "The terms contradict themselves or the channel.",
                                       "tally agreement check FILE names every problem at once."};
inline constexpr Refusal other_terms{{"other_terms", Kind::conflict},
                                     "The hash is not that of the proposed terms.",
                                     "Read the terms again and sign their hash: tally agreement show ID --version N."};
inline constexpr Refusal not_open{{"agreement_not_open", Kind::conflict},
                                  "The agreement, or this version of it, is not in the state that this needs.",
                                  "tally agreement show ID says which state it is in and who has signed."};
inline constexpr Refusal too_late{{"agreement_too_late", Kind::refused},
                                  "The date lies in days that are billed, or before a version that is in force.",
                                  "Propose a later date."};
inline constexpr Refusal device_taken{{"device_taken", Kind::conflict},
                                      "Another agreement bills the same field of the device on the same days.",
                                      "Amend the other agreement first, or leave the device out."};

}  // namespace tally::chaincode::agreement::refusals
