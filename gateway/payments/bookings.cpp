#include "gateway/payments/bookings.h"

#include <algorithm>
#include <map>
#include <set>

#include "chaincode/json/reflect.h"
#include "crypto/hash.h"

namespace tally::gateway::payments {
namespace {

std::string part(std::string_view text) { return fmt::format("{}:{}", text.size(), text); }

// By value: 5 and 5.00 are the same amount.
std::string amount_part(const Decimal& amount) {
    auto text = amount.text();
    if (text.find('.') != std::string::npos) {
        text.erase(text.find_last_not_of('0') + 1);
        if (text.ends_with('.')) text.pop_back();
    }
    return part(text);
}

std::string key_of(const Statement& statement, const Entry& entry) {
    return part(statement.account) + amount_part(entry.amount.value) + part(entry.amount.currency) +
           part(chaincode::enum_name(entry.direction)) + part(entry.reversal ? "reversal" : "");
}

std::string digest_of(const Statement& statement, const Entry& entry) {
    auto text = part("tally booking v1") + key_of(statement, entry) + part(entry.booked ? entry.booked->text() : "") +
                part(entry.reference) + part(entry.text);
    for (const auto& batch : entry.batches) text += part(batch.message_id) + part(batch.batch_id);
    for (const auto& detail : entry.details) {
        text += part(detail.end_to_end_id) + part(detail.uetr) + part(detail.transaction_id) +
                part(detail.bank_reference) + part(detail.debtor_iban) + part(detail.creditor_iban);
        for (const auto& each : detail.references) text += part(each);
        for (const auto& each : detail.texts) text += part(each);
    }
    return crypto::sha256(as_bytes(text)).hex();
}

std::set<std::string_view> end_to_end_ids(const Entry& entry) {
    std::set<std::string_view> ids;
    for (const auto& detail : entry.details) {
        if (!is_no_reference(detail.end_to_end_id)) ids.insert(detail.end_to_end_id);
    }
    return ids;
}

// What is known of a booking from all of its entries.
struct Known {
    std::string bank_reference;
    std::optional<Date> booked;
    std::set<MessageKind> kinds;
    std::set<std::pair<MessageKind, std::string>> digests;  // of entries without the bank's reference
};

class Collector {
  public:
    explicit Collector(std::span<const StatementFile> files) : files_(files) {}

    void add(const EntryPlace& place) {
        const auto& statement = statement_at(files_, place);
        const auto& entry = entry_at(files_, place);
        auto& alike = by_key_[key_of(statement, entry)];
        const auto digest = entry.bank_reference.empty() ? digest_of(statement, entry) : std::string();
        auto found = find(alike, place, digest);
        if (found) {
            join(*found, place);
        } else {
            found = out_.bookings.size();
            out_.bookings.push_back({place, {}, digest});
            known_.emplace_back();
            if (entry.bank_reference.empty()) alike.without_reference.push_back(*found);
        }
        auto& known = known_[*found];
        known.kinds.insert(statement.kind);
        if (!known.booked) known.booked = entry.booked;
        if (!digest.empty()) known.digests.emplace(statement.kind, digest);
        if (known.bank_reference.empty() && !entry.bank_reference.empty()) {
            known.bank_reference = entry.bank_reference;
            out_.bookings[*found].reference = entry.bank_reference;
            alike.by_reference.emplace(entry.bank_reference, *found);
        }
    }

    Bookings finish() && { return std::move(out_); }

  private:
    // Bookings of one account, amount, currency and direction.
    struct Alike {
        std::multimap<std::string, std::size_t, std::less<>> by_reference;
        std::vector<std::size_t> without_reference;  // when they were first seen
    };

    [[nodiscard]] std::optional<std::size_t> find(const Alike& alike, const EntryPlace& place,
                                                  const std::string& digest) const {
        const auto& entry = entry_at(files_, place);
        if (!entry.bank_reference.empty()) {
            const auto [from, to] = alike.by_reference.equal_range(entry.bank_reference);
            for (auto at = from; at != to; ++at) {
                if (may_be(at->second, entry)) return at->second;
            }
        }
        // A booking that shows the same EndToEndIds goes before one that only could be the same.
        for (const bool certain : {true, false}) {
            for (const auto index : alike.without_reference) {
                if (is_same(index, place, digest, certain)) return index;
            }
            if (!entry.bank_reference.empty()) continue;
            for (const auto& [reference, index] : alike.by_reference) {
                if (is_same(index, place, digest, certain)) return index;
            }
        }
        return std::nullopt;
    }

    [[nodiscard]] bool may_be(std::size_t index, const Entry& entry) const {
        const auto& booked = known_[index].booked;
        return !booked || !entry.booked || *booked == *entry.booked;
    }

    // Without the bank's reference on at least one side.
    [[nodiscard]] bool is_same(std::size_t index, const EntryPlace& place, const std::string& digest,
                               bool certain) const {
        const auto& known = known_[index];
        const auto& entry = entry_at(files_, place);
        const auto kind = statement_at(files_, place).kind;
        if (!may_be(index, entry)) return false;
        if (!known.bank_reference.empty() && !entry.bank_reference.empty()) return false;
        if (known.kinds.contains(kind)) return !digest.empty() && known.digests.contains({kind, digest});
        const auto ids_a = end_to_end_ids(entry_at(files_, out_.bookings[index].best));
        const auto ids_b = end_to_end_ids(entry);
        if (!ids_a.empty() && !ids_b.empty()) return ids_a == ids_b;
        return !certain;
    }

    void join(std::size_t index, const EntryPlace& place) {
        auto& booking = out_.bookings[index];
        const auto& entry = entry_at(files_, place);
        const auto& best = entry_at(files_, booking.best);
        const bool booked_now = best.status != EntryStatus::BOOK && entry.status == EntryStatus::BOOK;
        if (!booked_now && known_[index].kinds.contains(statement_at(files_, place).kind)) {
            out_.duplicates.push_back(place);
            return;
        }
        const bool as_good = (entry.status == EntryStatus::BOOK) == (best.status == EntryStatus::BOOK);
        const bool says_more = booked_now || (as_good && entry.details.size() > best.details.size());
        booking.again.push_back(says_more ? std::exchange(booking.best, place) : place);
    }

    std::span<const StatementFile> files_;
    std::map<std::string, Alike, std::less<>> by_key_;
    std::vector<Known> known_;  // of each booking
    Bookings out_;
};

}  // namespace

const Statement& statement_at(std::span<const StatementFile> files, const EntryPlace& place) {
    return files[place.file].statements[place.statement];
}

const Entry& entry_at(std::span<const StatementFile> files, const EntryPlace& place) {
    return statement_at(files, place).entries[place.entry];
}

Bookings bookings_of(std::span<const StatementFile> files) {
    Collector collector(files);
    for (std::size_t f = 0; f < files.size(); ++f) {
        for (std::size_t s = 0; s < files[f].statements.size(); ++s) {
            for (std::size_t e = 0; e < files[f].statements[s].entries.size(); ++e) collector.add({f, s, e});
        }
    }
    return std::move(collector).finish();
}

bool is_no_reference(std::string_view text) {
    return text.empty() || text == "NOTPROVIDED" || text == "NOTAVAILABLE" || text == "NONREF" || text == "N/A" ||
           text.find_first_not_of("0-. ") == std::string_view::npos;
}

}  // namespace tally::gateway::payments
