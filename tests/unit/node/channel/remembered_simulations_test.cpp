// A node that remembers what it has endorsed judges as one that runs everything again: random transactions, endorsed on
// random states under random configurations, in random blocks.

#include "node/channel/remembered_simulations.h"

#include <gtest/gtest.h>

#include <random>

#include "chaincode/execute.h"
#include "node/channel/validator.h"
#include "node/endorsing/evaluator.h"
#include "storage/model/archive.h"
#include "tests/unit/node/small_channel.h"
#include "tests/unit/storage/map_state.h"

namespace tally::node {
namespace {

using storage::ValidationCode;

class RandomHistory {
  public:
    explicit RandomHistory(unsigned seed) : random_(seed) { change(); }

    void step() {
        switch (below(8)) {
            case 0: return change();
            case 1:
            case 2: return block();
            default: return endorse();
        }
    }
    std::map<ValidationCode, int> seen;
    int skipped = 0;  // runs that the remembered results saved

  private:
    std::size_t below(std::size_t limit) { return random_() % limit; }

    // Another configuration: other versions, other rules, or only another hash.
    void change() {
        auto& config = channel_.config;
        ++config.version;
        config.rules = 1 + static_cast<std::uint32_t>(below(2));
        for (auto& each : config.contracts) {
            if (each.contract == "notes") each.version = 1 + static_cast<std::uint32_t>(below(2));
        }
        std::erase_if(config.contracts, [](const auto& each) { return each.contract == "ledger_of_others"; });
        if (below(2) == 0) {
            config.contracts.push_back({"ledger_of_others", 1, {}});
            std::sort(config.contracts.begin(), config.contracts.end());
        }
        membership_ = channel_.membership();
    }

    void endorse() {
        static const std::vector<std::string> kFunctions{"put",  "append", "erase",  "add",
                                                         "copy", "count",  "append", "put_elsewhere"};
        const auto function = kFunctions[below(kFunctions.size())];
        const auto key = fmt::format("k{}", below(3));
        const auto arguments = function == "erase" || function == "count" ? fmt::format(R"({{"key":"{}"}})", key)
                               : function == "add" ? fmt::format(R"({{"key":"n{}","delta":{},"lower_bound":0}})",
                                                                 below(2), int(below(7)) - 3)
                                                   : fmt::format(R"({{"key":"{}","value":"k{}"}})", key, below(3));
        const auto proposal = channel_.propose(function, arguments);
        const auto decoded = chaincode::SignedProposal::decode(proposal, proposal.size());
        const chaincode::Caller caller{"A", "client", "client", channel_.client.certificate().der()};
        auto simulation =
            chaincode::simulate(membership_->contracts(), state_, invocation_of(*decoded, caller, *membership_),
                                nullptr, membership_->rules().execution);
        if (!simulation) return;
        remembered_.add("A", membership_->config_hash(), storage::encode(*simulation));
        if (below(10) == 0) simulation->result = R"("a lie")";
        waiting_.push_back(storage::encode(channel_.endorse(proposal, *simulation)));
    }

    void block() {
        storage::Block block;
        block.header.number = ++number_;
        block.header.time_ms = test_time_ms();
        auto& batch = block.batches.emplace_back();
        for (auto count = below(6); count > 0 && !waiting_.empty(); --count) {
            const auto which = waiting_.begin() + static_cast<std::ptrdiff_t>(below(waiting_.size()));
            batch.push_back(*which);
            if (below(4) != 0) waiting_.erase(which);  // else it comes again
        }
        StateBefore fresh{state_,
                          [this](const storage::TransactionId& id) -> Result<bool> { return used_.contains(id); }};
        auto remembering = fresh;
        remembering.remembered = &remembered_;
        const auto expected = check_block(block, *membership_, &fresh, nullptr, nullptr).value();
        const auto judged = check_block(block, *membership_, &remembering, nullptr, nullptr).value();
        std::vector<storage::CheckedTransaction> checked;
        for (std::size_t i = 0; i < expected.size(); ++i) {
            ASSERT_EQ(code_name(judged[i].checked.code), code_name(expected[i].checked.code)) << judged[i].reason;
            ASSERT_EQ(judged[i].checked.simulation, expected[i].checked.simulation);
            checked.push_back(judged[i].checked);
        }
        const auto effects = storage::apply_block(number_, checked, state_).value();
        for (std::size_t i = 0; i < checked.size(); ++i) {
            ++seen[effects.codes[i]];
            if (storage::uses_id(effects.codes[i])) used_.insert(checked[i].id);
        }
        for (const auto& update : effects.updates) {
            if (update.value)
                state_.values[update.key] = {*update.value, update.version};
            else
                state_.values.erase(update.key);
        }
    }

    std::mt19937 random_;
    SmallChannel channel_;
    std::shared_ptr<const Membership> membership_;
    storage::MapState state_;
    RememberedSimulations remembered_{64};
    std::vector<Bytes> waiting_;
    std::set<storage::TransactionId> used_;
    std::uint64_t number_ = 0;
};

TEST(RememberedVerdicts, AreThoseOfANodeThatRunsEverything) {
    std::map<ValidationCode, int> seen;
    for (unsigned seed = 1; seed <= 20; ++seed) {
        SCOPED_TRACE(fmt::format("seed {}", seed));
        RandomHistory history(seed);
        for (int i = 0; i < 200 && !testing::Test::HasFatalFailure(); ++i) history.step();
        for (const auto& [code, count] : history.seen) seen[code] += count;
    }
    for (const auto code : {ValidationCode::VALID, ValidationCode::DUPLICATE_TXID, ValidationCode::MVCC_READ_CONFLICT,
                            ValidationCode::PHANTOM_READ_CONFLICT, ValidationCode::SIMULATION_MISMATCH,
                            ValidationCode::EXPIRED_CHAINCODE, ValidationCode::INCREMENT_OUT_OF_BOUNDS}) {
        EXPECT_GT(seen[code], 0) << code_name(code) << " never came up";
    }
}

}  // namespace
}  // namespace tally::node
