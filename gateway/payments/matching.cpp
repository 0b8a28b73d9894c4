#include "gateway/payments/matching.h"

#include <algorithm>
#include <map>

#include "gateway/payments/match_entry.h"
#include "gateway/payments/statement_checks.h"

namespace tally::gateway::payments {
namespace {

// What one account's statements say of one payment.
struct OfAccount {
    bool of_payee = false;
    std::vector<const Hit*> right;  // booked, as expected
    std::vector<const Hit*> wrong;  // booked, with another amount, currency or account
    std::vector<const Hit*> batched;
    std::vector<const Hit*> back;
    std::vector<const Hit*> pending;
};

struct Verdict {
    TransferState state = TransferState::NOT_FOUND;
    const Hit* hit = nullptr;
};

Verdict judge(const OfAccount& account) {
    // A batch beside single bookings is the same money, told twice.
    const auto batched = account.right.empty() ? account.batched.size() : 0;
    const auto forward = account.right.size() + batched;
    if (!account.back.empty() && forward <= account.back.size()) return {TransferState::RETURNED, account.back.back()};
    // One of another amount beside it is no second payment: anybody can send a cent with its reference.
    if (!account.right.empty() && forward > account.back.size() + 1)
        return {TransferState::TWICE, account.right.front()};
    if (!account.right.empty())
        return {TransferState::CONFIRMED, account.back.empty() ? account.right.front() : account.right.back()};
    if (!account.wrong.empty()) return {TransferState::MISMATCHED, account.wrong.back()};
    if (!account.batched.empty()) return {TransferState::BATCH_ONLY, account.batched.back()};
    if (!account.pending.empty()) return {TransferState::PENDING, account.pending.back()};
    return {};
}

std::map<std::string, OfAccount> by_account(std::span<const Hit* const> hits) {
    std::map<std::string, OfAccount> accounts;
    for (const auto* hit : hits) {
        auto& account = accounts[hit->booking.account];
        account.of_payee = hit->of_payee;
        const bool of_batch = std::ranges::find(hit->findings, Finding::BATCH_ONLY) != hit->findings.end();
        auto& list = !hit->booked  ? account.pending
                     : hit->back   ? account.back
                     : !hit->right ? account.wrong
                     : of_batch    ? account.batched
                                   : account.right;
        list.push_back(hit);
    }
    return accounts;
}

// Money that came back on either side is back, and a second booking on either side is one too many; beyond that the
// payee's account decides, and then the payer's. What both confirm is confirmed by the payer's booking: all payments of
// an order are on that account.
Verdict judge(const std::map<std::string, OfAccount>& accounts) {
    std::vector<std::pair<bool, Verdict>> verdicts;  // of the payee; the verdict
    for (const auto& [name, account] : accounts) verdicts.emplace_back(account.of_payee, judge(account));
    std::ranges::stable_sort(verdicts, std::greater(), &std::pair<bool, Verdict>::first);
    for (const auto state : {TransferState::RETURNED, TransferState::TWICE}) {
        for (const auto& [payee, verdict] : verdicts) {
            if (verdict.state == state) return verdict;
        }
    }
    const auto is_settled = [](const auto& each) {
        return each.second.state == TransferState::CONFIRMED || each.second.state == TransferState::MISMATCHED;
    };
    const auto first = std::ranges::find_if(verdicts, is_settled);
    if (first == verdicts.end()) return verdicts.empty() ? Verdict() : verdicts.front().second;
    const bool agreed = std::ranges::all_of(
        verdicts, [&](const auto& each) { return !is_settled(each) || each.second.state == TransferState::CONFIRMED; });
    if (!agreed) return first->second;
    return std::find_if(verdicts.rbegin(), verdicts.rend(), is_settled)->second;
}

TransferResult result_of(const ExpectedPayment& payment, std::span<const Hit* const> hits) {
    TransferResult out;
    out.transfer = payment.transfer;
    const auto verdict = judge(by_account(hits));
    out.state = verdict.state;
    if (verdict.hit != nullptr) {
        out.level = verdict.hit->level;
        out.booking = verdict.hit->booking;
        out.returned = verdict.hit->returned;
    }
    for (const auto* hit : hits) {
        for (const auto finding : hit->findings) {
            if (std::ranges::find(out.findings, finding) == out.findings.end()) out.findings.push_back(finding);
        }
    }
    return out;
}

class Matching {
  public:
    Matching(const ExpectedIndex& expected, std::span<const StatementFile> files)
        : expected_(expected), files_(files) {}

    Result<MatchReport> run() {
        report_.statements = TRY(check_statements(expected_.all(), files_));
        const auto found = bookings_of(files_);
        for (const auto& booking : found.bookings) ++references_[reference_key(booking)];
        for (const auto& booking : found.bookings) TRY(add_booking(booking));
        for (const auto& place : found.duplicates) {
            auto& item = add_item(place);
            item.findings.push_back({Finding::DUPLICATE_ENTRY, "the same entry is in a message of this kind before"});
        }
        put_in_order();
        std::vector<std::vector<const Hit*>> of_payment(expected_.all().size());
        for (const auto& hit : hits_) of_payment[hit.payment].push_back(&hit);
        for (std::size_t i = 0; i < of_payment.size(); ++i)
            report_.transfers.push_back(result_of(expected_[i], of_payment[i]));
        return std::move(report_);
    }

  private:
    // A reversal often has the reference of what it reverses.
    [[nodiscard]] std::tuple<std::string, bool, std::string> reference_key(const OneBooking& booking) const {
        return {statement_at(files_, booking.best).account, entry_at(files_, booking.best).reversal, booking.reference};
    }

    ReportItem& add_item(const EntryPlace& place) {
        places_.push_back(place);
        return report_.items.emplace_back(
            item_of(files_[place.file], statement_at(files_, place), entry_at(files_, place)));
    }

    Status add_booking(const OneBooking& booking) {
        const auto& place = booking.best;
        const auto first = report_.items.size();
        const auto first_hit = hits_.size();
        const bool shared = references_[reference_key(booking)] > 1;
        TRY(match_booking(
            expected_,
            {files_[place.file], statement_at(files_, place), entry_at(files_, place), booking.reference, shared},
            report_.items, hits_));
        places_.resize(report_.items.size(), place);
        note_second(first_hit);
        for (const auto& again : booking.again) add_again(again, first, report_.items.size());
        return {};
    }

    // A second booking of a payment on the same account, in the item that has it.
    void note_second(std::size_t first_hit) {
        for (auto i = first_hit; i < hits_.size(); ++i) {
            auto& hit = hits_[i];
            if (!hit.booked || hit.back) continue;
            const auto key = std::pair(hit.payment, hit.booking.account);
            const auto [before, is_new] = booked_.emplace(key, hit.booking.reference);
            if (is_new) continue;
            hit.findings.push_back(Finding::TWICE);
            report_.items[hit.item].findings.push_back(
                {Finding::TWICE,
                 fmt::format("the booking {} has {} already", before->second, expected_[hit.payment].transfer)});
        }
    }

    // The same booking in a message of another kind: the same match, and nothing to remark. The booking's items are
    // [first, last).
    void add_again(const EntryPlace& place, std::size_t first, std::size_t last) {
        auto level = Level::EXACT;
        std::vector<std::string> transfers;
        for (auto i = first; i < last; ++i) {
            const auto& item = report_.items[i];
            level = std::max(level, item.level);
            transfers.insert(transfers.end(), item.transfers.begin(), item.transfers.end());
        }
        auto& item = add_item(place);
        item.level = level;
        item.transfers = std::move(transfers);
    }

    void put_in_order() {
        std::vector<std::size_t> order(report_.items.size());
        for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
        std::ranges::sort(order, {}, [&](std::size_t i) {
            return std::tuple(places_[i].file, places_[i].statement, places_[i].entry, report_.items[i].detail);
        });
        std::vector<ReportItem> items;
        items.reserve(order.size());
        for (const auto i : order) items.push_back(std::move(report_.items[i]));
        report_.items = std::move(items);
    }

    const ExpectedIndex& expected_;
    std::span<const StatementFile> files_;
    MatchReport report_;
    std::vector<EntryPlace> places_;  // of the report's items
    std::vector<Hit> hits_;
    std::map<std::tuple<std::string, bool, std::string>, int> references_;  // how many bookings have it
    std::map<std::pair<std::size_t, std::string>, std::string> booked_;     // payment and account: the booking
};

}  // namespace

Result<MatchReport> match(std::span<const ExpectedPayment> expected, std::span<const StatementFile> files) {
    const auto index = TRY(ExpectedIndex::of(expected));
    return Matching(index, files).run();
}

}  // namespace tally::gateway::payments
