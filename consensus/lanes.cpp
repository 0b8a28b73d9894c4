#include "consensus/lanes.h"

#include <algorithm>

namespace tally::consensus {

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

Lanes::Stored Lanes::store(Member member, BatchPtr batch, std::int64_t now_ms) {
    auto& lane = lanes_[member];
    const auto& header = batch->header;
    if (header.at <= lane.final) return Stored::stale;
    const auto hash = header.hash();
    if (const auto found = lane.held.find(header.at); found != lane.held.end()) {
        return found->second.hash == hash ? Stored::known : Stored::equivocation;
    }
    if (!follows(lane.head, header)) {
        if (header.at <= lane.head) return Stored::stale;
        if (lane.early_bytes + header.bytes > limits_.early_bytes) return Stored::full;
        const auto size = header.bytes;
        if (lane.early.try_emplace(header.at, std::move(batch)).second) lane.early_bytes += size;
        return Stored::early;
    }
    if (header.at.sequence > 1 && lane.head_hash != Hash{} && header.previous != lane.head_hash) {
        return Stored::equivocation;
    }
    if (lane.bytes + header.bytes > limits_.bytes && !lane.held.empty()) return Stored::full;
    lane.head = header.at;
    lane.head_hash = hash;
    lane.bytes += header.bytes;
    lane.held.emplace(header.at, Held{std::move(batch), hash, now_ms});
    return Stored::stored;
}

BatchPtr Lanes::take_early(Member member) {
    auto& lane = lanes_[member];
    while (!lane.early.empty()) {
        auto first = lane.early.begin();
        const bool next = follows(lane.head, first->second->header);
        if (!next && first->first > lane.head) return nullptr;
        auto batch = std::move(first->second);
        lane.early_bytes -= batch->header.bytes;
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
    lane.loose.emplace(at, Held{std::move(batch), hash, now_ms});
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

std::size_t Lanes::holders(Member lane, const LanePosition& position) const { return holders(lanes_[lane], position); }

Lanes::Payload Lanes::payload(const std::vector<LanePosition>& parent, std::size_t needed, std::uint64_t max_bytes,
                              std::uint64_t max_messages) const {
    Payload payload;
    for (Member member = 0; member < lanes_.size(); ++member) {
        auto last = parent[member];
        for (const auto& [position, held] : lanes_[member].held) {
            if (position <= parent[member]) continue;
            const auto& header = held.batch->header;
            if (!follows(last, header) || holders(lanes_[member], position) < needed) break;
            const bool first = payload.references.empty();
            if (header.sealing && !first) break;
            if (!first &&
                (payload.bytes + header.bytes > max_bytes || payload.messages + header.count > max_messages)) {
                payload.full = true;
                break;
            }
            payload.oldest_ms = first ? held.since_ms : std::min(payload.oldest_ms, held.since_ms);
            payload.references.push_back(reference_to(member, header));
            payload.bytes += header.bytes;
            payload.messages += header.count;
            payload.sealing = header.sealing;
            if (header.sealing) return payload;
            last = position;
        }
    }
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
    for (auto each = first; each != last; ++each) lane.bytes -= each->second.batch->header.bytes;
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
                lane.loose.emplace(next->first, next->second);
            }
            drop(lane, lane.held.upper_bound(lane.final), lane.held.end());
        }
        drop(lane, lane.held.begin(), lane.held.upper_bound(lane.final));
        if (lane.held.empty()) {
            lane.head = lane.final;
            lane.head_hash = last;
        }
        lane.loose.erase(lane.loose.begin(), lane.loose.upper_bound(lane.final));
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
