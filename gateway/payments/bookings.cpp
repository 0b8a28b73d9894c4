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

// Of all details, in one text; empty: the entry shows none.
std::string end_to_end_ids(const Entry& entry) {
    std::set<std::string_view> ids;
    for (const auto& detail : entry.details) {
        if (!is_no_reference(detail.end_to_end_id)) ids.insert(detail.end_to_end_id);
    }
    std::string out;
    for (const auto id : ids) out += part(id);
    return out;
}

// What is known of a booking from all of its entries.
struct Known {
    std::string bank_reference;
    std::optional<Date> booked;
    std::set<MessageKind> kinds;
    std::string ids;  // of the entry that says most
};

// Bookings of one account, amount, currency and direction. Those that a kind of message has not shown yet are found in
// steps that do not grow with their number: statements have thousands of equal amounts.
class Alike {
  public:
    using Index = std::size_t;

    void add(Index index, const Known& known) {
        if (!known.bank_reference.empty()) by_reference_.emplace(known.bank_reference, index);
        if (!known.ids.empty()) by_ids_.emplace(known.ids, index);
        for (const auto kind : {MessageKind::REPORT, MessageKind::STATEMENT, MessageKind::NOTIFICATION}) {
            if (!known.kinds.contains(kind)) open_[group(kind, known)].insert(index);
        }
    }
    void remove(Index index, const Known& known) {
        erase(by_reference_, known.bank_reference, index);
        erase(by_ids_, known.ids, index);
        for (auto& [name, indices] : open_) indices.erase(index);
    }
    void add_digest(MessageKind kind, const std::string& digest, Index index) {
        by_digest_.emplace(std::pair(kind, digest), index);
    }

    // The first booking that `is_it` takes: by the bank's reference, by the digest in a message of the same kind, by
    // EndToEndIds, and then where one of the two shows no EndToEndId.
    template <class IsIt>  // bool(Index)
    [[nodiscard]] std::optional<Index> find(MessageKind kind, const Known& known, const std::string& digest,
                                            IsIt&& is_it) const {
        if (!known.bank_reference.empty()) {
            const auto [from, to] = by_reference_.equal_range(known.bank_reference);
            for (auto at = from; at != to; ++at) {
                if (is_it(at->second)) return at->second;
            }
        } else if (const auto same = by_digest_.find(std::pair(kind, digest)); same != by_digest_.end()) {
            return same->second;
        }
        const bool with_reference = !known.bank_reference.empty();
        if (!known.ids.empty()) {
            const auto [from, to] = by_ids_.equal_range(known.ids);
            for (auto at = from; at != to; ++at) {
                for (const bool reference : {false, true}) {
                    if ((!reference || !with_reference) && contains({kind, reference, true}, at->second) &&
                        is_it(at->second))
                        return at->second;
                }
            }
        }
        for (const bool ids : {false, true}) {
            if (ids && !known.ids.empty()) continue;
            for (const bool reference : {false, true}) {
                if (reference && with_reference) continue;
                const auto found = open_.find({kind, reference, ids});
                if (found == open_.end()) continue;
                for (const auto index : found->second) {
                    if (is_it(index)) return index;
                }
            }
        }
        return std::nullopt;
    }

  private:
    using Names = std::multimap<std::string, Index, std::less<>>;
    using Group = std::tuple<MessageKind, bool, bool>;  // not shown yet by; has a bank reference; shows EndToEndIds

    static void erase(Names& names, const std::string& name, Index index) {
        const auto [from, to] = names.equal_range(name);
        const auto found = std::find_if(from, to, [&](const auto& each) { return each.second == index; });
        if (found != to) names.erase(found);
    }
    static Group group(MessageKind kind, const Known& known) {
        return {kind, !known.bank_reference.empty(), !known.ids.empty()};
    }
    [[nodiscard]] bool contains(const Group& name, Index index) const {
        const auto found = open_.find(name);
        return found != open_.end() && found->second.contains(index);
    }

    Names by_reference_;
    Names by_ids_;
    std::map<std::pair<MessageKind, std::string>, Index> by_digest_;
    std::map<Group, std::set<Index>> open_;
};

class Collector {
  public:
    explicit Collector(std::span<const StatementFile> files) : files_(files) {}

    void add(const EntryPlace& place) {
        const auto& statement = statement_at(files_, place);
        const auto& entry = entry_at(files_, place);
        auto& alike = by_key_[key_of(statement, entry)];
        const auto digest = entry.bank_reference.empty() ? digest_of(statement, entry) : std::string();
        const Known shown{entry.bank_reference, entry.booked, {statement.kind}, end_to_end_ids(entry)};
        const auto found = alike.find(statement.kind, shown, digest, [&](std::size_t index) {
            const auto& booked = known_[index].booked;
            return !booked || !entry.booked || *booked == *entry.booked;
        });
        const auto index = found.value_or(out_.bookings.size());
        if (found) {
            join(alike, index, place, shown);
        } else {
            out_.bookings.push_back({place, {}, digest.empty() ? entry.bank_reference : digest});
            known_.push_back(shown);
            alike.add(index, shown);
        }
        if (!digest.empty()) alike.add_digest(statement.kind, digest, index);
    }

    Bookings finish() && { return std::move(out_); }

  private:
    void join(Alike& alike, std::size_t index, const EntryPlace& place, const Known& shown) {
        auto& booking = out_.bookings[index];
        auto& known = known_[index];
        const auto& entry = entry_at(files_, place);
        const auto& best = entry_at(files_, booking.best);
        const bool booked_now = best.status != EntryStatus::BOOK && entry.status == EntryStatus::BOOK;
        const auto kind = statement_at(files_, place).kind;
        if (!booked_now && known.kinds.contains(kind)) {
            out_.duplicates.push_back(place);
            return;
        }
        alike.remove(index, known);
        const bool as_good = (entry.status == EntryStatus::BOOK) == (best.status == EntryStatus::BOOK);
        const bool says_more = booked_now || (as_good && entry.details.size() > best.details.size());
        booking.again.push_back(says_more ? std::exchange(booking.best, place) : place);
        if (says_more) known.ids = shown.ids;
        if (known.bank_reference.empty() && !shown.bank_reference.empty())
            booking.reference = known.bank_reference = shown.bank_reference;
        if (!known.booked) known.booked = shown.booked;
        known.kinds.insert(kind);
        alike.add(index, known);
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
