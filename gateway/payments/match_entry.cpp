#include "gateway/payments/match_entry.h"

#include <algorithm>

#include "gateway/payments/fitting.h"
#include "gateway/payments/references.h"

namespace tally::gateway::payments {
namespace {

class Matcher {
  public:
    Matcher(const ExpectedIndex& expected, const BookingPlace& place, EntrySum sum, std::vector<ReportItem>& items,
            std::vector<Hit>& hits)
        : expected_(expected),
          place_(place),
          entry_(place.entry),
          sum_(std::move(sum)),
          fitting_(expected, place, sum_),
          items_(items),
          hits_(hits) {}

    Status run() {
        const auto first = items_.size();
        if (entry_.details.empty()) TRY(match_item(nullptr, 0));
        for (std::size_t i = 0; i < entry_.details.size(); ++i)
            TRY(match_item(&entry_.details[i], static_cast<std::int64_t>(i) + 1));
        const bool matched = std::ranges::any_of(items_.begin() + static_cast<std::ptrdiff_t>(first), items_.end(),
                                                 [](const auto& item) { return !item.transfers.empty(); });
        if (sum_.finding && (matched || sum_.finding->finding == Finding::SUM_MISMATCH) &&
            !has(items_[first], sum_.finding->finding))
            items_[first].findings.push_back(*sum_.finding);
        return {};
    }

  private:
    static bool has(const ReportItem& item, Finding finding) {
        return std::ranges::find(item.findings, finding, &Named::finding) != item.findings.end();
    }

    Status match_item(const Detail* detail, std::int64_t number) {
        auto item = item_of(place_.file, place_.statement, entry_);
        item.detail = number;
        if (detail != nullptr) {
            item.line = static_cast<std::int64_t>(detail->line);
            if (detail->amount && !sum_.repeats_total) {
                item.amount = detail->amount->value;
                item.currency = detail->amount->currency;
            }
        }
        const auto found = expected_.find(entry_, detail);
        // A number alone is a word that a text may have by chance: it needs the payee's account.
        if (found && (!found->by_number || fitting_.shows_account(expected_[found->payment], detail))) {
            TRY(match_payment(*found, detail, item));
        } else if (const auto group = batch_of(detail); !group.empty()) {
            TRY(match_batch(group, detail, item));
        } else {
            note_unknown(detail, item);
        }
        items_.push_back(std::move(item));
        return {};
    }

    Status match_payment(const ExpectedIndex::Found& found, const Detail* detail, ReportItem& item) {
        const auto& payment = expected_[found.payment];
        const auto fitting = TRY(fitting_.fit(payment, detail));
        const auto back = fitting_.back_of(payment, detail);
        const auto account = back ? std::nullopt : fitting_.wrong_account(payment, detail);
        for (const auto& finding : {back, fitting.finding, account}) {
            if (finding) item.findings.push_back(*finding);
        }
        const bool right = fitting.right && !account;
        const bool exact = found.by_id && right && !back && !fitting.finding && fitting_.shows_account(payment, detail);
        item.level = exact ? Level::EXACT : Level::REFERENCE;
        item.transfers.push_back(payment.transfer);
        // Another amount than was paid is no return of it: anybody can send a cent with its reference.
        if (back && !fitting.right) return {};
        add_hit(found.payment, detail, item, fitting.amount, right, back.has_value());
        return {};
    }

    [[nodiscard]] std::vector<std::size_t> batch_of(const Detail* detail) const {
        if (entry_.details.size() <= 1) {
            for (const auto& batch : entry_.batches) {
                if (auto group = expected_.batch(batch.batch_id, batch.message_id); !group.empty()) return group;
            }
        }
        return detail == nullptr ? std::vector<std::size_t>() : expected_.batch(detail->batch_id, detail->message_id);
    }

    Status match_batch(const std::vector<std::size_t>& group, const Detail* detail, ReportItem& item) {
        const auto& first = expected_[group.front()];
        Decimal total;
        for (const auto index : group) total = TRY(total.plus(expected_[index].amount));
        const auto count = entry_.batches.empty() ? std::nullopt : entry_.batches.front().count;
        const auto stated = entry_.batches.empty() ? std::nullopt : entry_.batches.front().total;
        const auto& shown = stated ? *stated : Money{item.amount, item.currency};
        const bool fits = shown.currency == first.currency && shown.value == total &&
                          (!count || *count == static_cast<std::int64_t>(group.size()));
        item.level = fits ? Level::BATCH : Level::NONE;
        if (fits) {
            item.findings.push_back(
                {Finding::BATCH_ONLY, fmt::format("the bank shows {} payments as one booking", group.size())});
        } else {
            item.findings.push_back(
                {Finding::SUM_MISMATCH, fmt::format("the batch is {} in {} payments, {} in {} are expected",
                                                    money_text(shown.value, shown.currency),
                                                    count ? std::to_string(*count) : "an unknown number of",
                                                    money_text(total, first.currency), group.size())});
        }
        const auto back = fits ? fitting_.back_of(first, detail) : std::nullopt;
        if (back) item.findings.push_back(*back);
        for (const auto index : group) {
            item.transfers.push_back(expected_[index].transfer);
            add_hit(index, detail, item, item.amount, fits, back.has_value());
        }
        return {};
    }

    // It looks like a payment of ours, and is none that is expected.
    void note_unknown(const Detail* detail, ReportItem& item) const {
        std::string named;
        std::string_view other;
        if (detail != nullptr) {
            if (looks_like_end_to_end_id(detail->end_to_end_id)) named = detail->end_to_end_id;
            for (const auto& reference : detail->references) {
                if (is_creditor_reference(reference)) named = reference;
            }
            other = entry_.direction == Direction::CREDIT ? detail->debtor_iban : detail->creditor_iban;
        }
        if (!named.empty()) {
            item.findings.push_back(
                {Finding::UNKNOWN_REFERENCE, fmt::format("no expected payment has the reference {}", named)});
        } else if (expected_.looks_alike(place_.statement.account, {item.amount, item.currency}, other)) {
            item.findings.push_back(
                {Finding::UNKNOWN_REFERENCE,
                 fmt::format("an expected payment has the amount {}, and the entry shows no reference of it",
                             money_text(item.amount, item.currency))});
        }
    }

    // Several payments of one entry need references of their own, and so do several bookings with one reference.
    [[nodiscard]] std::string reference_of(const Detail* detail, std::int64_t number) const {
        if (entry_.details.size() <= 1 && !place_.shared_reference) return place_.reference;
        if (detail == nullptr) return fmt::format("{}#[{}]", place_.reference, entry_.amount.value.text());
        const auto same = std::ranges::count(entry_.details, detail->end_to_end_id, &Detail::end_to_end_id);
        if (same > 1 || is_no_reference(detail->end_to_end_id)) return fmt::format("{}#[{}]", place_.reference, number);
        return fmt::format("{}#{}", place_.reference, detail->end_to_end_id);
    }

    void add_hit(std::size_t payment, const Detail* detail, ReportItem& item, const Decimal& amount, bool right,
                 bool back) {
        if (entry_.status != EntryStatus::BOOK)
            item.findings.push_back({Finding::PENDING, "the entry is not booked yet"});
        Hit hit;
        hit.payment = payment;
        hit.item = items_.size();
        hit.of_payee = fitting_.of_payee(expected_[payment]);
        hit.back = back;
        hit.booked = entry_.status == EntryStatus::BOOK;
        hit.right = right;
        hit.level = item.level;
        hit.booking = {reference_of(detail, item.detail),
                       place_.statement.account,
                       amount,
                       expected_[payment].currency,
                       entry_.booked,
                       place_.file.sha256};
        if (has(item, Finding::WRONG_CURRENCY)) hit.booking.currency = item.currency;
        if (detail != nullptr) hit.returned = detail->returned;
        for (const auto& finding : item.findings) hit.findings.push_back(finding.finding);
        hits_.push_back(std::move(hit));
    }

    const ExpectedIndex& expected_;
    const BookingPlace& place_;
    const Entry& entry_;
    EntrySum sum_;
    Fitting fitting_;
    std::vector<ReportItem>& items_;
    std::vector<Hit>& hits_;
};

}  // namespace

ReportItem item_of(const StatementFile& file, const Statement& statement, const Entry& entry) {
    ReportItem out;
    out.file = file.name;
    out.statement = statement.id;
    out.kind = statement.kind;
    out.entry = &entry - statement.entries.data() + 1;
    out.line = static_cast<std::int64_t>(entry.line);
    out.direction = entry.direction;
    out.amount = entry.amount.value;
    out.currency = entry.amount.currency;
    out.date = entry.booked;
    return out;
}

Status match_booking(const ExpectedIndex& expected, const BookingPlace& place, std::vector<ReportItem>& items,
                     std::vector<Hit>& hits) {
    return Matcher(expected, place, TRY(check_sum(place.entry)), items, hits).run();
}

}  // namespace tally::gateway::payments
