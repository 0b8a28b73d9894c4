#include <algorithm>

#include "gateway/payments/match_entry.h"
#include "gateway/payments/references.h"

namespace tally::gateway::payments {
namespace {

constexpr std::size_t kShortestNumber = 4;  // of an invoice: shorter ones would be found in dates and amounts
constexpr std::size_t kShortestReference = 5;
constexpr std::size_t kLongestReference = 25;

std::string capitals(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(),
                           [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
    return out;
}

// People and banks write creditor references in groups of four.
std::string without_blanks(std::string_view text) {
    auto out = capitals(text);
    std::erase_if(out, [](char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; });
    return out;
}

// Equal amounts have equal texts, with however many decimals they were written.
std::string between(const std::string& account, const Money& amount) {
    constexpr int kDecimals = 5;  // the most of ISO 20022
    return fmt::format("{} {} {}", account, amount.currency,
                       amount.value.rounded(kDecimals, chaincode::Rounding::DOWN).value_or(amount.value).text());
}

}  // namespace

Result<ExpectedIndex> ExpectedIndex::of(std::span<const ExpectedPayment> expected) {
    ExpectedIndex out;
    out.expected_ = expected;
    for (std::size_t i = 0; i < expected.size(); ++i) {
        const auto& each = expected[i];
        if (is_no_reference(each.end_to_end_id))
            return fail(Code::invalid_argument, "the expected payment {} has no EndToEndId", each.transfer);
        if (out.end_to_end_ids_.contains(each.end_to_end_id))
            return fail(Code::invalid_argument, "two expected payments have the EndToEndId {}", each.end_to_end_id);
        out.end_to_end_ids_.emplace(each.end_to_end_id, i);
        if (!each.uetr.empty()) {
            if (out.uetrs_.contains(each.uetr))
                return fail(Code::invalid_argument, "two expected payments have the UETR {}", each.uetr);
            out.uetrs_.emplace(each.uetr, i);
        }
        if (!each.creditor_reference.empty()) out.references_.emplace(each.creditor_reference, i);
        for (const auto& number : each.numbers) {
            if (number.size() >= kShortestNumber) out.numbers_.emplace(capitals(number), i);
        }
        if (!each.batch_id.empty()) out.batches_.emplace(each.batch_id, i);
        if (!each.message_id.empty()) out.messages_.emplace(each.message_id, i);
        const Money amount{each.amount, each.currency};
        out.between_.emplace(between(each.debtor_iban, amount), i);
        out.between_.emplace(between(each.creditor_iban, amount), i);
    }
    return out;
}

std::optional<std::size_t> ExpectedIndex::best_of(const Names& names, std::string_view name, const Entry& entry,
                                                  const Detail* detail) const {
    const auto [from, to] = names.equal_range(name);
    std::optional<std::size_t> best;
    bool best_fits = false;
    for (auto at = from; at != to; ++at) {
        const auto& each = expected_[at->second];
        const auto& amount = detail != nullptr && detail->amount ? *detail->amount : entry.amount;
        const bool fits = amount.currency == each.currency && amount.value == each.amount;
        if (best && best_fits && !fits) continue;
        best = at->second;
        best_fits = fits;
    }
    return best;
}

std::optional<ExpectedIndex::Found> ExpectedIndex::in_text(std::string_view text, const Entry& entry,
                                                           const Detail* detail) const {
    const auto closed_up = without_blanks(text);
    for (auto at = closed_up.find("RF"); at != std::string::npos; at = closed_up.find("RF", at + 1)) {
        for (auto size = kLongestReference; size >= kShortestReference; --size) {
            if (at + size > closed_up.size()) continue;
            if (const auto found = best_of(references_, std::string_view(closed_up).substr(at, size), entry, detail))
                return Found{*found, false, false};
        }
    }
    const auto upper = capitals(text);
    const std::string_view all(upper);
    constexpr std::string_view kBetween = " \t\r\n,;:()\"'";
    for (std::size_t begin = all.find_first_not_of(kBetween); begin != std::string_view::npos;) {
        const auto end = std::min(all.find_first_of(kBetween, begin), all.size());
        auto word = all.substr(begin, end - begin);
        if (word.ends_with('.')) word.remove_suffix(1);
        if (const auto found = best_of(numbers_, word, entry, detail)) return Found{*found, false, true};
        begin = all.find_first_not_of(kBetween, end);
    }
    return std::nullopt;
}

std::optional<ExpectedIndex::Found> ExpectedIndex::find(const Entry& entry, const Detail* detail) const {
    if (detail != nullptr) {
        if (const auto found = uetrs_.find(detail->uetr); found != uetrs_.end())
            return Found{found->second, true, false};
        if (const auto found = end_to_end_ids_.find(detail->end_to_end_id); found != end_to_end_ids_.end())
            return Found{found->second, true, false};
        // An identifier of ours that is not expected is of an earlier attempt: its reference would be the same.
        if (looks_like_end_to_end_id(detail->end_to_end_id)) return std::nullopt;
        for (const auto& reference : detail->references) {
            if (const auto found = best_of(references_, without_blanks(reference), entry, detail))
                return Found{*found, false, false};
            if (const auto found = best_of(numbers_, capitals(reference), entry, detail))
                return Found{*found, false, true};
        }
        for (const auto& text : detail->texts) {
            if (const auto found = in_text(text, entry, detail)) return found;
        }
        if (entry.details.size() > 1) return std::nullopt;  // the entry's text is of all of them
    }
    if (const auto found = in_text(entry.text, entry, detail)) return found;
    return std::nullopt;
}

std::vector<std::size_t> ExpectedIndex::batch(std::string_view batch_id, std::string_view message_id) const {
    std::vector<std::size_t> out;
    const auto take = [&](const Names& names, std::string_view name) {
        if (name.empty() || !out.empty()) return;
        const auto [from, to] = names.equal_range(name);
        for (auto at = from; at != to; ++at) out.push_back(at->second);
    };
    take(batches_, batch_id);
    take(messages_, message_id);
    return out;
}

bool ExpectedIndex::looks_alike(const std::string& account, const Money& amount, std::string_view other_iban) const {
    const auto [from, to] = between_.equal_range(between(account, amount));
    for (auto at = from; at != to; ++at) {
        const auto& each = expected_[at->second];
        const auto& other = each.debtor_iban == account ? each.creditor_iban : each.debtor_iban;
        if (other_iban.empty() || other_iban == other) return true;
    }
    return false;
}

}  // namespace tally::gateway::payments
