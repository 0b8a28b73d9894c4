#include "tests/simulation/membership.h"

#include <algorithm>
#include <sstream>

namespace tally::simulation {

Bytes Keys::sign(NodeId node, ByteView statement) const {
    std::array<std::uint8_t, 12> secret{};
    std::memcpy(secret.data(), &seed_, sizeof seed_);
    std::memcpy(secret.data() + sizeof seed_, &node, sizeof node);
    const auto digest = crypto::sha256({ByteView(secret), statement});
    return to_bytes(digest.view().first(16));
}

bool Keys::verify(NodeId node, ByteView statement, ByteView signature) const {
    return equal(sign(node, statement), signature);
}

std::optional<consensus::Member> Membership::member(NodeId node) const {
    const auto found = std::find(members.begin(), members.end(), node);
    if (found == members.end()) return std::nullopt;
    return static_cast<consensus::Member>(found - members.begin());
}

consensus::Committee Membership::committee(consensus::FaultModel model) const {
    consensus::Committee committee{kChannel, epoch, model, {}};
    for (const auto node : members) committee.lanes.push_back(Keys::lane(node));
    return committee;
}

consensus::VerifySignature Membership::verifier(const Keys& keys) const {
    return [&keys, nodes = members](consensus::Member member, ByteView statement, ByteView signature) {
        return member < nodes.size() && keys.verify(nodes[member], statement, signature);
    };
}

namespace {

std::string sealing_text(std::uint64_t serial, const std::vector<NodeId>& members) {
    auto text = fmt::format("seal {}", serial);
    for (const auto member : members) text += fmt::format(" {}", member);
    return text;
}

std::optional<std::vector<NodeId>> parse_sealing(const Keys& keys, ByteView transaction) {
    std::istringstream text{std::string(as_text(transaction))};
    std::string word;
    std::string code;
    std::uint64_t serial = 0;
    std::vector<NodeId> members;
    if (!(text >> word >> serial) || word != "seal") return std::nullopt;
    while (text >> word && word != "by")
        members.push_back(static_cast<NodeId>(std::strtoul(word.c_str(), nullptr, 10)));
    if (!(text >> code) || members.empty()) return std::nullopt;
    const auto expected = to_hex(keys.sign(Keys::kAdministrator, as_bytes(sealing_text(serial, members))));
    if (code != expected) return std::nullopt;
    return members;
}

}  // namespace

Bytes sealing_transaction(const Keys& keys, std::uint64_t serial, const std::vector<NodeId>& members) {
    const auto text = sealing_text(serial, members);
    return to_bytes(text + " by " + to_hex(keys.sign(Keys::kAdministrator, as_bytes(text))));
}

consensus::ChangesConfiguration changes_members(const Keys& keys) {
    return [&keys](ByteView transaction, std::int64_t) { return parse_sealing(keys, transaction).has_value(); };
}

Membership successor(const Keys& keys, const Membership& before, const std::vector<storage::Batch>& batches) {
    Membership after{before.epoch + 1, before.members};
    if (batches.size() == 1 && batches[0].size() == 1) {
        if (auto members = parse_sealing(keys, batches[0][0])) after.members = std::move(*members);
    }
    return after;
}

std::size_t expected_quorum(consensus::FaultModel model, std::size_t members) {
    std::size_t faulty = 0;
    while (model == consensus::FaultModel::byzantine && 3 * (faulty + 1) + 1 <= members) ++faulty;
    std::size_t q = 1;
    while (2 * q < members + faulty + 1) ++q;  // two of them share more than the faulty
    return q;
}

}  // namespace tally::simulation
