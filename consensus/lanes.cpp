#include "consensus/lanes.h"

#include <algorithm>

namespace tally::consensus {
namespace {

constexpr std::uint64_t kBatchCost = 512;       // headers, signature, places in maps
constexpr std::uint64_t kTransactionCost = 64;  // beside its bytes

}  // namespace

std::optional<std::string_view> unsound(const LaneBatch& batch, std::uint64_t max_bytes, std::uint64_t max_messages) {
    const auto& header = batch.header;
    std::uint64_t bytes = 0;
    for (const auto& transaction : batch.transactions) {
        if (transaction.empty()) return "an empty transaction";
        bytes += transaction.size();
    }
    if (bytes != header.bytes || header.count != batch.transactions.size()) return "another size than it says";
    if (header.count == 0 || header.at.sequence == 0) return "no transaction or no position";
    if (bytes > max_bytes || header.count > max_messages) return "more than a block may hold";
    if (header.sealing && header.count != 1) return "a configuration that is not alone";
    if (storage::batch_digest(batch.transactions) != header.digest) return "another digest than it says";
    return std::nullopt;
}

std::uint64_t cost(const BatchHeader& header) { return header.bytes + kTransactionCost * header.count + kBatchCost; }

bool follows(const LanePosition& last, const BatchHeader& next) {
    if (next.at.incarnation == last.incarnation) return next.at.sequence == last.sequence + 1;
    return next.at.incarnation > last.incarnation && next.at.sequence == 1 && last >= next.after;
}

BatchReference reference_to(Member lane, const BatchHeader& header) {
    return {lane, header.at, header.digest, header.count, header.bytes};
}

Lanes::Lanes(const Committee& committee, std::vector<LanePosition> final_positions, LaneLimits limits)
    : limits_(limits), lanes_(committee.size()) {
    final_positions.resize(committee.size());
    for (std::size_t i = 0; i < lanes_.size(); ++i) {
        lanes_[i].final = final_positions[i];
        lanes_[i].head = final_positions[i];
        lanes_[i].acks.resize(committee.size());
    }
}

Lanes::Stored Lanes::fate(Member lane, const BatchHeader& header) const {
    return fate(lanes_[lane], header, header.hash());
}

Lanes::Stored Lanes::fate(const Lane& lane, const BatchHeader& header, const Hash& hash) const {
    if (header.at <= lane.final) return Stored::stale;
    if (const auto found = lane.held.find(header.at); found != lane.held.end()) {
        return found->second.hash == hash ? Stored::known : Stored::equivocation;
    }
    if (!follows(lane.head, header)) {
        if (header.at <= lane.head) return Stored::stale;
        if (lane.early.contains(header.at)) return Stored::known;
        return lane.early_bytes + cost(header) > limits_.early_bytes ? Stored::full : Stored::early;
    }
    if (header.at.sequence > 1 && lane.head_hash != Hash{} && header.previous != lane.head_hash) {
        return Stored::equivocation;
    }
    return lane.bytes + cost(header) > limits_.bytes && !lane.held.empty() ? Stored::full : Stored::stored;
}

Lanes::Stored Lanes::store(Member member, BatchPtr batch, std::int64_t now_ms) {
    const auto is = fate(member, batch->header);
    return is == Stored::full ? is : keep(member, std::move(batch), now_ms);
}

Lanes::Stored Lanes::keep(Member member, BatchPtr batch, std::int64_t now_ms) {
    auto& lane = lanes_[member];
    const auto& header = batch->header;
    const auto hash = header.hash();
    auto is = fate(lane, header, hash);
    if (is == Stored::full) is = follows(lane.head, header) ? Stored::stored : Stored::early;
    const auto size = cost(header);
    if (is == Stored::early) {
        lane.early_bytes += size;
        lane.early.emplace(header.at, std::move(batch));
    } else if (is == Stored::stored) {
        lane.head = header.at;
        lane.head_hash = hash;
        lane.bytes += size;
        lane.held.emplace(header.at, Held{std::move(batch), hash, now_ms});
    }
    return is;
}

BatchPtr Lanes::take_early(Member member) {
    auto& lane = lanes_[member];
    while (!lane.early.empty()) {
        auto first = lane.early.begin();
        const bool next = follows(lane.head, first->second->header);
        if (!next && first->first > lane.head) return nullptr;
        auto batch = std::move(first->second);
        lane.early_bytes -= cost(batch->header);
        lane.early.erase(first);
        if (next) return batch;
    }
    return nullptr;
}

void Lanes::store_loose(Member member, BatchPtr batch, std::int64_t now_ms) {
    auto& lane = lanes_[member];
    const auto at = batch->header.at;
    if (at <= lane.final || find(reference_to(member, batch->header)) != nullptr) return;
    const auto hash = batch->header.hash();
    add_loose(lane, Held{std::move(batch), hash, now_ms});
}

void Lanes::add_loose(Lane& lane, Held held) {
    lane.loose_bytes += cost(held.batch->header);
    const auto at = held.batch->header.at;
    lane.loose.emplace(at, std::move(held));
}

void Lanes::let_loose_go(Member lane, const std::set<Hash>& but) {
    drop_loose(lanes_[lane], [&](const BatchHeader& header) { return !but.contains(header.digest); });
}

void Lanes::drop_loose(Lane& lane, const std::function<bool(const BatchHeader&)>& what) {
    std::erase_if(lane.loose, [&](const auto& each) {
        const auto& header = each.second.batch->header;
        const bool goes = what(header);
        if (goes) lane.loose_bytes -= cost(header);
        return goes;
    });
}

const Held* Lanes::at(Member member, const LanePosition& position) const {
    const auto found = lanes_[member].held.find(position);
    return found == lanes_[member].held.end() ? nullptr : &found->second;
}

const Held* Lanes::find(const BatchReference& reference) const {
    if (reference.lane >= lanes_.size()) return nullptr;
    const auto& lane = lanes_[reference.lane];
    const auto matches = [&](const Held& held) {
        return reference_to(reference.lane, held.batch->header) == reference;
    };
    if (const auto found = lane.held.find(reference.at); found != lane.held.end() && matches(found->second)) {
        return &found->second;
    }
    const auto [first, last] = lane.loose.equal_range(reference.at);
    for (auto each = first; each != last; ++each) {
        if (matches(each->second)) return &each->second;
    }
    return nullptr;
}

LaneAck Lanes::head(Member lane) const { return {lane, lanes_[lane].head, lanes_[lane].head_hash}; }

std::vector<BatchPtr> Lanes::behind(Member member, const LanePosition& position, std::uint64_t max_bytes) const {
    std::vector<BatchPtr> batches;
    std::uint64_t bytes = 0;
    const auto& held = lanes_[member].held;
    for (auto next = held.upper_bound(position); next != held.end(); ++next) {
        bytes += next->second.batch->header.bytes;
        if (bytes > max_bytes && !batches.empty()) break;
        batches.push_back(next->second.batch);
    }
    return batches;
}

void Lanes::acknowledged(Member by, const LaneAck& ack) {
    auto& known = lanes_[ack.lane].acks[by];
    if (ack.at >= known.at) known = ack;
}

void Lanes::forget_acknowledgements(Member by) {
    for (auto& lane : lanes_) lane.acks[by] = {};
}

const LaneAck& Lanes::acknowledgement(Member by, Member lane) const { return lanes_[lane].acks[by]; }

// Who acknowledged something further on is believed to hold this too; who acknowledged a position that this member
// knows must mean the same batch.
std::size_t Lanes::holders(const Lane& lane, const LanePosition& position) const {
    std::size_t count = 0;
    for (const auto& ack : lane.acks) {
        if (ack.at < position) continue;
        const auto known = lane.held.find(ack.at);
        if (known == lane.held.end() || ack.head == Hash{} || known->second.hash == ack.head) ++count;
    }
    return count;
}

Lanes::Payload Lanes::payload(const std::vector<LanePosition>& parent, std::size_t needed, std::uint64_t max_bytes,
                              std::uint64_t max_messages, Member first) const {
    struct Reader {
        Member member;
        LanePosition last;
        std::map<LanePosition, Held>::const_iterator next;
        std::uint64_t bytes = 0;
    };
    std::vector<Reader> readers;  // of the lanes that may have more, in the order of their turns
    for (std::size_t turn = 0; turn < lanes_.size(); ++turn) {
        const auto member = static_cast<Member>((first + turn) % lanes_.size());
        readers.push_back({member, parent[member], lanes_[member].held.upper_bound(parent[member])});
    }
    Payload payload;
    while (!readers.empty()) {
        const auto reader = std::min_element(readers.begin(), readers.end(),
                                             [](const auto& a, const auto& b) { return a.bytes < b.bytes; });
        const auto& lane = lanes_[reader->member];
        const bool more = reader->next != lane.held.end() &&
                          follows(reader->last, reader->next->second.batch->header) &&
                          holders(lane, reader->next->first) >= needed;
        const bool empty = payload.references.empty();
        if (!more || (!empty && reader->next->second.batch->header.sealing)) {
            readers.erase(reader);
            continue;
        }
        const auto& [position, held] = *reader->next;
        const auto& header = held.batch->header;
        if (!empty && (payload.references.size() == kMaxReferences || payload.bytes + header.bytes > max_bytes ||
                       payload.messages + header.count > max_messages)) {
            payload.full = true;
            readers.erase(reader);
            continue;
        }
        payload.oldest_ms = empty ? held.since_ms : std::min(payload.oldest_ms, held.since_ms);
        payload.references.push_back(reference_to(reader->member, header));
        payload.bytes += header.bytes;
        payload.messages += header.count;
        payload.sealing = header.sealing;
        if (header.sealing) return payload;
        reader->bytes += header.bytes;
        reader->last = position;
        ++reader->next;
    }
    std::stable_sort(payload.references.begin(), payload.references.end(),
                     [](const auto& a, const auto& b) { return a.lane < b.lane; });
    payload.full = payload.full || payload.bytes >= max_bytes || payload.messages >= max_messages;
    return payload;
}

bool Lanes::has_work(std::size_t needed, std::optional<Member> own) const {
    for (Member member = 0; member < lanes_.size(); ++member) {
        const auto& held = lanes_[member].held;
        if (held.empty()) continue;
        if (member == own || holders(lanes_[member], held.begin()->first) >= needed) return true;
    }
    return false;
}

void Lanes::drop(Lane& lane, std::map<LanePosition, Held>::iterator first,
                 std::map<LanePosition, Held>::iterator last) {
    for (auto each = first; each != last; ++each) lane.bytes -= cost(each->second.batch->header);
    lane.held.erase(first, last);
}

void Lanes::finalize(const std::vector<LanePosition>& positions, const std::vector<BatchReference>& payload) {
    for (Member member = 0; member < lanes_.size(); ++member) {
        auto& lane = lanes_[member];
        if (positions[member] <= lane.final) continue;
        lane.final = positions[member];
        // What the block holds at its last position decides how the lane goes on.
        const Held* ordered = nullptr;
        for (const auto& reference : payload) {
            if (reference.lane == member && reference.at == lane.final) ordered = find(reference);
        }
        const auto own = lane.held.find(lane.final);
        Hash last = ordered != nullptr ? ordered->hash : own != lane.held.end() ? own->second.hash : Hash{};
        const bool contradicted = ordered != nullptr && own != lane.held.end() && own->second.hash != last;
        if (contradicted) {
            // The lane goes on from what was ordered; a proposal may yet name what this member held behind its own.
            for (auto next = lane.held.upper_bound(lane.final); next != lane.held.end(); ++next) {
                add_loose(lane, next->second);
            }
            drop(lane, lane.held.upper_bound(lane.final), lane.held.end());
        }
        drop(lane, lane.held.begin(), lane.held.upper_bound(lane.final));
        if (lane.held.empty()) {
            lane.head = lane.final;
            lane.head_hash = last;
        }
        drop_loose(lane, [&](const BatchHeader& header) { return header.at <= lane.final; });
    }
}

std::size_t Lanes::count() const {
    std::size_t count = 0;
    for (const auto& lane : lanes_) count += lane.held.size();
    return count;
}

std::vector<BatchPtr> Lanes::all() const {
    std::vector<BatchPtr> batches;
    for (const auto& lane : lanes_) {
        for (const auto& [position, held] : lane.held) batches.push_back(held.batch);
        for (const auto& [position, held] : lane.loose) batches.push_back(held.batch);
    }
    return batches;
}

}  // namespace tally::consensus
