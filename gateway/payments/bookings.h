#pragma once
// Finds the bookings that statements' entries report. One booking may be in several messages; it counts once. Internal
// to matching.
//
// Two entries are the same booking when account, amount, currency, direction and RvslInd are equal, the booking dates
// do not contradict, and
//   both have the bank's reference (AcctSvcrRef), and it is the same; or
//   one of them has none, they are of messages of different kinds (052, 053, 054), and their EndToEndIds, where both
//   show any, are the same; or
//   neither has one, the messages are of one kind, and their digests (account and all that identifies the entry,
//   NtryRef included) are the same.
// The same booking again in a message of the same kind is a duplicate, unless it was pending before and is booked now.

#include <span>
#include <string>
#include <vector>

#include "gateway/payments/camt.h"

namespace tally::gateway::payments {

// Where an entry is: indices into the files.
struct EntryPlace {
    std::size_t file = 0;
    std::size_t statement = 0;
    std::size_t entry = 0;
};

struct OneBooking {
    EntryPlace best;                // the entry that says most: booked before pending, with details before without
    std::vector<EntryPlace> again;  // other messages' entries of the same booking
    std::string reference;          // the bank's of any of them, or a SHA-256 over account and first entry
};

struct Bookings {
    std::vector<OneBooking> bookings;    // in the order of the statements
    std::vector<EntryPlace> duplicates;  // in messages of a kind that had the booking already
};

[[nodiscard]] const Entry& entry_at(std::span<const StatementFile> files, const EntryPlace& place);
[[nodiscard]] const Statement& statement_at(std::span<const StatementFile> files, const EntryPlace& place);

[[nodiscard]] Bookings bookings_of(std::span<const StatementFile> files);

// What banks write where no EndToEndId was given.
[[nodiscard]] bool is_no_reference(std::string_view text);

}  // namespace tally::gateway::payments
