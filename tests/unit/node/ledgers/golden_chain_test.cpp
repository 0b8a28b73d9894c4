// A chain in which every validation code occurs, two versions of a contract and two levels of the rules: what one node
// has judged, every other one judges alike, whether it joins from block 0, verifies, or rebuilds.
//
// The chain goes through a file, a list of encoded blocks. TALLY_KEEP_CHAIN=FILE keeps it.

#include <gtest/gtest.h>

#include <cstdlib>
#include <set>

#include "chaincode/json/reflect.h"
#include "chaincode/json/strict_json.h"
#include "crypto/clocks.h"
#include "node/channel/config_update.h"
#include "node/ledgers/ledger_check.h"
#include "storage/files.h"
#include "storage/model/archive.h"
#include "tests/unit/node/small_node.h"
#include "tests/unit/storage/map_state.h"
#include "tests/unit/storage/temporary_directory.h"

namespace tally::node {
namespace {

using enum storage::ValidationCode;
using storage::Transaction;
using storage::ValidationCode;

constexpr std::size_t kAny = 1'000'000;

std::string json_of(std::string_view key, std::string_view value) {
    return fmt::format(R"({{"key":"{}","value":"{}"}})", key, value);
}

// What the checkpoint of a block says, without who signed it.
Bytes statement_of(const storage::Block& block) {
    auto checkpoint = block.metadata.checkpoint;
    checkpoint.signatures.clear();
    return storage::encode(checkpoint);
}

class GoldenChain : public testing::Test {
  protected:
    GoldenChain() : admin(channel.organizations[0].issue("admin", "admin")) {}

    // Ordered in a block of its own; what it is expected to be is written down.
    void order(ValidationCode code, Bytes transaction) {
        const auto status = maker->submit(std::move(transaction));
        EXPECT_TRUE(status.has_value());
        maker->wait_for(++count);
        expected.push_back(code);
    }
    void order(ValidationCode code, const Transaction& transaction) { order(code, storage::encode(transaction)); }
    // A proposal that a client made for exactly this.
    [[nodiscard]] Bytes proposal(std::string contract, std::string function, std::string arguments,
                                 std::string on = "test", std::int64_t age_ms = 0) const {
        return channel.propose(
            channel.client,
            {std::move(on), std::move(contract), std::move(function), std::move(arguments), {}, {}, now_ms() - age_ms});
    }
    [[nodiscard]] Transaction good(const Bytes& proposal, const storage::StateReader& state) const {
        return channel.endorse(proposal, channel.simulate(proposal, state));
    }
    [[nodiscard]] Transaction good(const std::string& function, const std::string& arguments) const {
        return good(proposal("notes", function, arguments), empty);
    }
    // A good transaction whose simulation was changed and endorsed again.
    template <class Change>
    [[nodiscard]] Transaction changed(const Change& change) const {
        const auto put = proposal("notes", "put", json_of("changed", "v"));
        auto simulation = channel.simulate(put, empty);
        change(simulation);
        return channel.endorse(put, simulation);
    }

    void order_one_of_each_code() {
        const auto first = good("put", json_of("a", "v"));
        order(VALID, first);
        order(DUPLICATE_TXID, first);
        order(BAD_PAYLOAD, to_bytes("no transaction"));
        auto transaction = good("put", json_of("b", "v"));
        transaction.proposal.back() ^= 1;
        order(BAD_CREATOR_SIGNATURE, transaction);
        order(INVALID_ENDORSER_TRANSACTION, changed([](auto& simulation) { simulation.function = "append"; }));
        order(BAD_PROPOSAL_TXID, changed([](auto& simulation) { simulation.transaction_id = {}; }));
        transaction = good("put", json_of("c", "v"));
        transaction.endorsements.clear();
        order(ENDORSEMENT_POLICY_FAILURE, transaction);
        order(MVCC_READ_CONFLICT, good("append", json_of("a", "v")));
        order(PHANTOM_READ_CONFLICT, good("count", R"({"key":"a"})"));
        transaction = good("put", json_of("d", "v"));
        transaction.kind = Transaction::Kind::genesis;
        order(UNKNOWN_TX_TYPE, transaction);
        const auto elsewhere = proposal("notes", "put", json_of("e", "v"), "other");
        auto simulation = channel.simulate(proposal("notes", "put", json_of("e", "v")), empty);
        simulation.transaction_id = SmallChannel::id_of(elsewhere);
        order(TARGET_CHAIN_NOT_FOUND, channel.endorse(elsewhere, simulation));
        order(ILLEGAL_WRITESET, good("add", R"({"key":"a","delta":1,"lower_bound":0})"));
        order(INCREMENT_OUT_OF_BOUNDS, good("add", R"({"key":"n","delta":-1,"lower_bound":0})"));
        const auto unknown = proposal("nobody", "put", json_of("f", "v"));
        simulation.transaction_id = SmallChannel::id_of(unknown);
        simulation.contract = "nobody";
        order(INVALID_CHAINCODE, channel.endorse(unknown, simulation));
        order(EXPIRED_CHAINCODE, changed([](auto& lie) { lie.version = 7; }));
        order(SIMULATION_MISMATCH,
              changed([](auto& lie) { lie.read_write_set.writes.at(0).value = to_bytes("invented"); }));
        order(PROPOSAL_EXPIRED,
              good(proposal("notes", "put", json_of("g", "v"), "test", channel.config.proposal_lifetime_ms + 60'000),
                   empty));
        order(INVALID_CONFIG_TRANSACTION, switch_to_the_next_release());
    }
    // The same change, alone in its block; then transactions under the new configuration.
    void order_the_switch() {
        ASSERT_TRUE(maker->submit_configuration(switch_to_the_next_release()).has_value());
        maker->wait_for(++count);
        expected.push_back(VALID);
        const auto old = good("append", json_of("h", "v"));
        channel.config = next();
        order(EXPIRED_CHAINCODE, old);
        order(VALID, good("append", json_of("h", "v")));
        auto more = channel.membership()->rules().proposal.max_attachments;
        std::vector<Bytes> attachments(more, to_bytes("x"));
        const std::vector<ByteView> views(attachments.begin(), attachments.end());
        const auto heavy =
            channel.propose(channel.client, {"test", "notes", "put", json_of("i", "v"), views, {}, now_ms()});
        order(VALID, good(heavy, empty));
    }
    [[nodiscard]] ChannelConfig next() const {
        auto config = channel.config;
        ++config.version;
        config.rules = 2;
        for (auto& each : config.contracts) {
            if (each.contract == "notes") each.version = 2;
        }
        return config;
    }
    [[nodiscard]] Bytes switch_to_the_next_release() const {
        const auto text = channel_config_json(next());
        const ConfigApproval approval{channel.membership()->config_hash().hex(), config_hash(text).hex(),
                                      now_ms() + kDay, known_versions()};
        const auto arguments = chaincode::json_text(chaincode::to_json(approval));
        return encode_config_update(
            {"test", text, {channel.propose(admin, {"test", "config", "approve", arguments, {}, {}, now_ms()})}});
    }

    static std::vector<Bytes> blocks_of(const storage::Ledger& ledger) {
        std::vector<Bytes> blocks;
        for (storage::BlockNumber number = 0; number <= ledger.tip()->number; ++number)
            blocks.push_back(storage::encode(ledger.block(number).value()));
        return blocks;
    }
    // The tip, the state and the log behind a chain that a node has joined, verified and rebuilt.
    void join(const std::filesystem::path& chain, const std::filesystem::path& data) const {
        const auto bytes = storage::read_file(chain).value();
        const auto blocks = storage::decode<std::vector<Bytes>>(as_bytes(bytes), "a chain", kAny).value();
        const auto genesis = storage::decode<storage::Block>(blocks.at(0), "a block", kAny).value();
        SmallNode node(at_genesis, data);
        ASSERT_TRUE(node.start().has_value());
        std::size_t transactions = 0;
        for (std::size_t number = 1; number < blocks.size(); ++number) {
            auto block = storage::decode<storage::Block>(blocks[number], "a block", kAny).value();
            for (const auto& batch : block.batches) transactions += batch.size();
            OrderedBlock ordered{
                block.header, {}, block.batches, block.metadata.writer_certificate, block.metadata.writer_signature};
            if (!block.metadata.finality_proof.empty()) {
                ordered.proof =
                    storage::decode<consensus::FinalityProof>(block.metadata.finality_proof, "a proof", kAny).value();
            }
            ASSERT_TRUE(node.committer().deliver(std::move(ordered)));
        }
        node.wait_for(transactions);
        for (std::size_t number = 0; number < blocks.size(); ++number) {
            const auto recorded = storage::decode<storage::Block>(blocks[number], "a block", kAny).value();
            const auto mine = node.ledger().block(number).value();
            EXPECT_EQ(mine.metadata.codes, recorded.metadata.codes) << "block " << number;
            EXPECT_EQ(statement_of(mine), statement_of(recorded)) << "block " << number;
        }
        node.stop();
    }
    void verify_and_rebuild(const std::filesystem::path& data) {
        const auto verified = verify_ledger(data, pool, {});
        ASSERT_TRUE(verified.has_value()) << verified.error().message;
        const auto rebuilt = rebuild_ledger(data, pool, {});
        ASSERT_TRUE(rebuilt.has_value()) << rebuilt.error().message;
        EXPECT_EQ(rebuilt->tip_hash, verified->tip_hash);
        EXPECT_EQ(rebuilt->log_root, verified->log_root);
        EXPECT_EQ(rebuilt->corrected, 0U);
    }

    storage::TemporaryDirectory root;
    SmallChannel channel;
    const SmallChannel at_genesis = channel;
    Identity admin;
    storage::MapState empty;
    WorkerPool pool{2, 64};
    std::unique_ptr<SmallNode> maker;
    std::size_t count = 0;
    std::vector<ValidationCode> expected;
};

TEST_F(GoldenChain, IsJudgedAlikeByWhoeverMakesJoinsVerifiesAndRebuildsIt) {
    maker = std::make_unique<SmallNode>(at_genesis, root.path() / "maker");
    ASSERT_TRUE(maker->start().has_value());
    order_one_of_each_code();
    order_the_switch();
    std::vector<ValidationCode> given;
    const auto blocks = blocks_of(maker->ledger());
    for (std::size_t number = 1; number < blocks.size(); ++number) {
        const auto block = storage::decode<storage::Block>(blocks[number], "a block", kAny).value();
        for (const auto code : block.metadata.codes) given.push_back(static_cast<ValidationCode>(code));
    }
    ASSERT_EQ(given.size(), expected.size());
    for (std::size_t i = 0; i < given.size(); ++i)
        EXPECT_EQ(code_name(given[i]), code_name(expected[i])) << "transaction " << i;
    const std::set<ValidationCode> seen(given.begin(), given.end());
    for (std::uint64_t number = 0; number < 256; ++number) {
        const auto code = storage::validation_code(number);
        EXPECT_TRUE(!code || seen.contains(*code)) << code_name(*code) << " does not occur";
    }
    maker->stop();
    verify_and_rebuild(root.path() / "maker");

    const auto file = root.path() / "made.chain";
    ASSERT_TRUE(storage::write_file(file, storage::encode(blocks)).has_value());
    join(file, root.path() / "joined");
    verify_and_rebuild(root.path() / "joined");
    if (const char* keep = std::getenv("TALLY_KEEP_CHAIN"); keep != nullptr)
        std::filesystem::copy_file(file, keep, std::filesystem::copy_options::overwrite_existing);
}

}  // namespace
}  // namespace tally::node
