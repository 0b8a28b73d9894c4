#pragma once
// Finds the expected payments of one booking: the inner part of matching.h. Internal; pure.
//
// A Hit is one piece of evidence for one expected payment. matching.cpp judges each payment by all of its hits.

#include <map>
#include <set>

#include "gateway/payments/bookings.h"
#include "gateway/payments/matching.h"

namespace tally::gateway::payments {

struct Hit {
    std::size_t payment = 0;  // index of the expected payment
    std::size_t item = 0;     // index of the item that shows it
    bool of_payee = false;    // the statement is of the payee's account
    bool back = false;        // reversed or returned
    bool booked = false;
    bool right = false;  // amount, currency and account are the expected ones
    Level level = Level::NONE;
    Booking booking;
    std::optional<ReturnInfo> returned;
    std::vector<Finding> findings;
};

// Expected payments by everything that may name them. Borrows them.
class ExpectedIndex {
  public:
    // invalid_argument: two payments share an EndToEndId or a UETR, or one has none.
    [[nodiscard]] static Result<ExpectedIndex> of(std::span<const ExpectedPayment> expected);

    struct Found {
        std::size_t payment = 0;
        bool by_id = false;      // by EndToEndId or UETR
        bool by_number = false;  // of the invoice: a word that a text may have by chance
    };
    // What a detail names. Of several payments with one creditor reference (a payment and its later attempts): the one
    // with the amount, and the latest of these.
    [[nodiscard]] std::optional<Found> find(const Entry& entry, const Detail* detail) const;
    // Payments that were ordered together; empty: none.
    [[nodiscard]] std::vector<std::size_t> batch(std::string_view batch_id, std::string_view message_id) const;

    [[nodiscard]] const ExpectedPayment& operator[](std::size_t index) const { return expected_[index]; }
    [[nodiscard]] std::span<const ExpectedPayment> all() const { return expected_; }
    // Whether a payment with this amount went between these accounts.
    [[nodiscard]] bool looks_alike(const std::string& account, const Money& amount, std::string_view other_iban) const;

  private:
    using Names = std::multimap<std::string, std::size_t, std::less<>>;
    [[nodiscard]] std::optional<std::size_t> best_of(const Names& names, std::string_view name, const Entry& entry,
                                                     const Detail* detail) const;
    [[nodiscard]] std::optional<Found> in_text(std::string_view text, const Entry& entry, const Detail* detail) const;

    std::span<const ExpectedPayment> expected_;
    Names end_to_end_ids_, uetrs_, references_, numbers_, batches_, messages_, between_;
};

// Where a booking is.
struct BookingPlace {
    const StatementFile& file;
    const Statement& statement;
    const Entry& entry;
    std::string reference;
    bool shared_reference = false;  // other bookings of the account have it too
};

// Appends one item for each detail, or one for the entry, to `items`, and what they say to `hits`.
[[nodiscard]] Status match_booking(const ExpectedIndex& expected, const BookingPlace& place,
                                   std::vector<ReportItem>& items, std::vector<Hit>& hits);

// Without level, transfers and findings.
[[nodiscard]] ReportItem item_of(const StatementFile& file, const Statement& statement, const Entry& entry);

}  // namespace tally::gateway::payments
