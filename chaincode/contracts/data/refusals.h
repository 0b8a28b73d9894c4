#pragma once
// Why the data contract refuses a record.

#include "chaincode/refusal.h"

namespace tally::chaincode::data::refusals {

inline constexpr Refusal stale_sequence{{"stale_sequence", Kind::refused},
                                        "The sequence number was used before.",
                                        "The record is there already, or the device was copied."};
inline constexpr Refusal chain_broken{{"chain_broken", Kind::refused},
                                      "The record does not follow the device's last one.",
                                      "Publish the records in their order; tally audit shows which is missing."};
inline constexpr Refusal period_overlap{{"period_overlap", Kind::refused},
                                        "Its period was published before, in part or whole.",
                                        "See the device's records for that day."};
inline constexpr Refusal clock_ahead{
    {"clock_ahead", Kind::refused}, "The record ends in the future.", "Check the device's clock."};
inline constexpr Refusal too_late{{"too_late", Kind::refused},
                                  "The record is older than the channel takes.",
                                  "See the channel's configuration for the limit."};
inline constexpr Refusal duplicate_record{
    {"duplicate_record", Kind::conflict}, "The same record is on the ledger.", "Nothing is to be done."};

inline constexpr Refusal confidential_series{
    {"confidential_series", Kind::refused},
    "The readings are kept by a collection or are encrypted; they must not be in a block.",
    "Publish the record with its rows packed beside it: a gateway hands the rows to the collection's keepers."};
inline constexpr Refusal confidential_figures{{"confidential_figures", Kind::refused},
                                              "A collection keeps the device's figures; they must not be in a block.",
                                              "Have the device sign a commitment in their place: tally device commit."};
inline constexpr Refusal figures_withheld{
    {"figures_withheld", Kind::refused},
    "The figures are a commitment, and cannot be had here.",
    "Ask a node of a keeper of the device's collection; a commitment is for devices whose collection keeps figures."};
inline constexpr Refusal not_confidential{{"not_confidential", Kind::refused},
                                          "The device's readings are in blocks, and nobody can erase them.",
                                          "Assign the device to a collection: tally call registry assign_collection."};

inline constexpr Refusal day_open{{"day_open", Kind::conflict},
                                  "The day has not ended, or the agreement's reconciliation window has not.",
                                  "Finalize it after the time that the message names."};
inline constexpr Refusal not_in_scope{{"not_in_scope", Kind::refused},
                                      "The agreement does not cover the device.",
                                      "See the agreement's scope: tally call agreement terms_on."};

}  // namespace tally::chaincode::data::refusals
