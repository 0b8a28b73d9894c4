#include "node/channel/validator.h"

#include <algorithm>
#include <set>

#include "chaincode/proposal.h"
#include "crypto/cose.h"
#include "node/channel/config_update.h"
#include "node/channel/invocation.h"
#include "storage/model/archive.h"
#include "storage/model/read_transaction.h"

namespace tally::node {

using storage::ValidationCode;

namespace {

// Why a transaction is not valid; or, without a code, why this node cannot say.
struct Refusal {
    std::optional<ValidationCode> code;
    std::string reason;
    Code own_failure = Code::internal;
};
using Step = std::expected<void, Refusal>;

std::unexpected<Refusal> refuse(ValidationCode code, std::string reason) {
    return std::unexpected(Refusal{code, std::move(reason)});
}

std::unexpected<Refusal> node_failed(const Error& error) {
    return std::unexpected(Refusal{std::nullopt, error.message, error.code});
}

Step check_times(const chaincode::Proposal& proposal, std::int64_t time_ms, const Membership& membership) {
    const auto lifetime_ms = membership.config().proposal_lifetime_ms;
    if (proposal.created_ms > time_ms + membership.rules().clock_skew_ms) {
        return refuse(
            ValidationCode::PROPOSAL_EXPIRED,
            fmt::format("created at {}, {} ms after the block", proposal.created_ms, proposal.created_ms - time_ms));
    }
    if (time_ms - proposal.created_ms > lifetime_ms) {
        return refuse(ValidationCode::PROPOSAL_EXPIRED, fmt::format("created {} ms before the block; {} are allowed",
                                                                    time_ms - proposal.created_ms, lifetime_ms));
    }
    return {};
}

Step check_simulation(const storage::Simulation& simulation, const chaincode::SignedProposal& signed_proposal,
                      const chaincode::ContractSet& contracts) {
    const auto& proposal = signed_proposal.proposal;
    if (simulation.transaction_id != signed_proposal.id) {
        return refuse(ValidationCode::BAD_PROPOSAL_TXID, "the simulation is of another proposal");
    }
    if (simulation.contract != proposal.contract || simulation.function != proposal.function) {
        return refuse(ValidationCode::INVALID_ENDORSER_TRANSACTION, "the simulation is of another function");
    }
    const auto* contract = contracts.find(proposal.contract);
    const auto* function = contract == nullptr ? nullptr : contract->find(proposal.function);
    // Of a package's contract not every node has the functions, and the verdict must not depend on it.
    const bool writes = function != nullptr && function->writes;
    if (contract == nullptr || (contract->recomputed() && !writes)) {
        return refuse(ValidationCode::INVALID_CHAINCODE,
                      fmt::format("there is no {}.{} that writes", proposal.contract, proposal.function));
    }
    if (simulation.version != contract->version()) {
        return refuse(ValidationCode::EXPIRED_CHAINCODE,
                      fmt::format("it was simulated with version {} of {}; {} is in force", simulation.version,
                                  proposal.contract, contract->version()));
    }
    return {};
}

std::set<std::string> written_spaces(const storage::ReadWriteSet& set) {
    std::set<std::string> spaces;
    for (const auto& write : set.writes) spaces.insert(write.key.space);
    for (const auto& increment : set.increments) spaces.insert(increment.key.space);
    return spaces;
}

// Endorsers vouch for a package's contract, and nobody runs it again: it writes the state of such contracts alone.
Step check_spaces(const storage::Simulation& simulation, const chaincode::ContractSet& contracts) {
    if (contracts.find(simulation.contract)->recomputed()) return {};
    for (const auto& space : written_spaces(simulation.read_write_set)) {
        const auto* other = contracts.find(space);
        if (other == nullptr || other->recomputed()) {
            return refuse(ValidationCode::ILLEGAL_WRITESET,
                          fmt::format("{} is a package's contract and must not write {}", simulation.contract, space));
        }
    }
    return {};
}

Step check_endorsements(const storage::Transaction& transaction, const storage::Simulation& simulation,
                        const Circumstances& in) {
    const auto& membership = in.membership;
    const auto statement =
        storage::endorsement_statement(membership.config().channel, crypto::sha256(transaction.simulation));
    std::vector<Principal> signers;
    std::set<std::pair<std::string, std::string>> seen;
    std::string reason = "no endorsement";
    for (const auto& endorsement : transaction.endorsements) {
        const auto member =
            membership.identify(std::span(&endorsement.certificate, 1), in.time_ms, use_of(simulation.contract));
        if (!member) {
            reason = member.error().message;
            continue;
        }
        if (auto status = crypto::verify_signature(member->key, statement, endorsement.signature, in.memo); !status) {
            reason =
                fmt::format("{} of {}: {}", member->caller.name, member->caller.organization, status.error().message);
            continue;
        }
        if (!seen.emplace(member->caller.organization, member->caller.name).second) continue;
        signers.push_back({member->caller.organization, member->caller.role});
    }
    const auto satisfy = [&](const std::string& space) -> Step {
        if (membership.policy_of(space).satisfied_by(signers)) return {};
        return refuse(
            ValidationCode::ENDORSEMENT_POLICY_FAILURE,
            fmt::format("{} valid endorsements do not satisfy the policy of {} ({})", signers.size(), space, reason));
    };
    if (auto step = satisfy(simulation.contract); !step) return step;
    for (const auto& space : written_spaces(simulation.read_write_set)) {
        if (auto step = satisfy(space); !step) return step;
    }
    return {};
}

// A contract may make anything of a read that failed. Whether one did is remembered here.
class WatchedState : public storage::StateReader {
  public:
    explicit WatchedState(const storage::StateReader& state) : state_(state) {}
    Result<std::optional<storage::VersionedValue>> get(const storage::StateKey& key) const override {
        auto value = state_.get(key);
        if (!value) failure_ = value.error();
        return value;
    }
    Status scan(std::string_view space, std::string_view start, std::string_view end, bool reverse,
                const Visit& visit) const override {
        auto status = state_.scan(space, start, end, reverse, visit);
        if (!status) failure_ = status.error();
        return status;
    }
    [[nodiscard]] std::optional<std::uint64_t> height() const override { return state_.height(); }
    [[nodiscard]] const std::optional<Error>& failure() const { return failure_; }

  private:
    const storage::StateReader& state_;
    mutable std::optional<Error> failure_;
};

Step run_again(ByteView claimed, const chaincode::SignedProposal& proposal, const chaincode::Caller& creator,
               const Circumstances& in) {
    const WatchedState state(in.before->state);
    const auto fresh =
        chaincode::simulate(in.membership.contracts(), state, invocation_of(proposal, creator, in.membership), in.memo,
                            in.membership.rules().execution);
    if (state.failure()) return node_failed(*state.failure());
    if (!fresh) {
        return refuse(ValidationCode::SIMULATION_MISMATCH,
                      fmt::format("the contract refuses what endorsers claim: {}", fresh.error().message));
    }
    if (!equal(storage::encode(*fresh), claimed))
        return refuse(ValidationCode::SIMULATION_MISMATCH, "the contract gives something else than endorsers claim");
    return {};
}

Step check_id(const storage::TransactionId& id, const StateBefore& before) {
    const auto used = before.id_is_used(id);
    if (!used) return node_failed(used.error());
    if (*used) return refuse(ValidationCode::DUPLICATE_TXID, "its id is used up");
    return {};
}

Step check_against_state(const storage::Transaction& transaction, const storage::Simulation& simulation,
                         const chaincode::SignedProposal& proposal, const chaincode::Caller& creator,
                         const Circumstances& in) {
    if (in.before == nullptr) return {};
    const auto& before = *in.before;
    if (auto step = check_id(proposal.id, before); !step) return step;
    const auto reads = storage::check_reads(simulation.read_write_set, before.state);
    if (!reads) return node_failed(reads.error());
    if (*reads != ValidationCode::VALID) return refuse(*reads, "something that it read has changed since");
    if (!in.membership.contracts().find(simulation.contract)->recomputed()) return {};
    if (before.remembered != nullptr &&
        before.remembered->contains(creator.organization, in.membership.config_hash(), transaction.simulation)) {
        return {};
    }
    return run_again(transaction.simulation, proposal, creator, in);
}

Step check_update(const storage::Transaction& transaction, const Circumstances& in, storage::CheckedTransaction& out) {
    out.id = config_update_id(transaction);
    if (!in.sealing)
        return refuse(ValidationCode::INVALID_CONFIG_TRANSACTION, "it was not ordered alone in a sealing block");
    const auto config = check_config_update(transaction, in.membership, in.time_ms);
    if (!config && config.error().code == Code::needs_upgrade) return node_failed(config.error());
    if (!config) return refuse(ValidationCode::INVALID_CONFIG_TRANSACTION, config.error().message);
    auto simulation = storage::read_simulation(transaction.simulation, "the simulation");
    if (!simulation) return refuse(ValidationCode::BAD_PAYLOAD, simulation.error().message);
    out.simulation = std::move(*simulation);
    return in.before == nullptr ? Step{} : check_id(out.id, *in.before);
}

Step check(ByteView bytes, const Circumstances& in, storage::CheckedTransaction& out) {
    const auto& membership = in.membership;
    auto transaction = storage::read_transaction(bytes, "the transaction");
    if (!transaction) return refuse(ValidationCode::BAD_PAYLOAD, transaction.error().message);
    if (transaction->kind == storage::Transaction::Kind::configuration) return check_update(*transaction, in, out);
    if (transaction->kind != storage::Transaction::Kind::contract)
        return refuse(ValidationCode::UNKNOWN_TX_TYPE, "not a contract's transaction");
    const auto signed_proposal = chaincode::SignedProposal::decode(transaction->proposal, transaction->proposal.size(),
                                                                   membership.rules().proposal);
    if (!signed_proposal) return refuse(ValidationCode::BAD_PAYLOAD, signed_proposal.error().message);
    out.id = signed_proposal->id;
    const auto& proposal = signed_proposal->proposal;
    if (proposal.channel != membership.config().channel) {
        return refuse(ValidationCode::TARGET_CHAIN_NOT_FOUND,
                      fmt::format("the proposal is for channel \"{}\"", proposal.channel));
    }
    const auto creator =
        membership.identify(signed_proposal->cose.headers.x5chain, in.time_ms, use_of(proposal.contract));
    if (!creator) return refuse(ValidationCode::BAD_CREATOR_SIGNATURE, creator.error().message);
    if (auto status = signed_proposal->cose.verify(creator->key, {}, in.memo); !status) {
        return refuse(ValidationCode::BAD_CREATOR_SIGNATURE, status.error().message);
    }
    if (auto step = check_times(proposal, in.time_ms, membership); !step) return step;
    auto simulation = storage::read_simulation(transaction->simulation, "the simulation");
    if (!simulation) return refuse(ValidationCode::BAD_PAYLOAD, simulation.error().message);
    out.simulation = std::move(*simulation);
    if (auto step = check_simulation(out.simulation, *signed_proposal, membership.contracts()); !step) return step;
    if (auto step = check_spaces(out.simulation, membership.contracts()); !step) return step;
    if (auto step = check_endorsements(*transaction, out.simulation, in); !step) return step;
    return check_against_state(*transaction, out.simulation, *signed_proposal, creator->caller, in);
}

}  // namespace

StateBefore::StateBefore(const storage::LedgerState& ledger_state, const storage::Ledger& ledger)
    : StateBefore(static_cast<const storage::StateReader&>(ledger_state),
                  [&ledger](const storage::TransactionId& id) { return ledger.id_is_used(id); }) {}

Result<Judgement> check_transaction(ByteView bytes, const Circumstances& circumstances) {
    Judgement judgement;
    judgement.checked.id = crypto::sha256({as_bytes("tally/unreadable"), bytes});  // unless it can be read
    if (auto step = check(bytes, circumstances, judgement.checked); !step) {
        if (!step.error().code) return std::unexpected(Error{step.error().own_failure, step.error().reason});
        judgement.checked.code = *step.error().code;
        judgement.reason = std::move(step.error().reason);
        if (!storage::uses_id(judgement.checked.code)) judgement.bytes = crypto::sha256(bytes);
    }
    return judgement;
}

Result<storage::CheckedTransaction> check_genesis(const storage::Block& block) {
    TRY(config_of_genesis(block));
    const auto bytes = transactions_of(block)[0];
    const auto transaction = TRY(storage::read_transaction(bytes, "the genesis transaction"));
    storage::CheckedTransaction checked;
    checked.id = crypto::sha256({as_bytes("tally/genesis"), bytes});
    checked.simulation = TRY(storage::read_simulation(transaction.simulation, "the genesis simulation"));
    return checked;
}

Result<std::vector<Judgement>> check_block(const storage::Block& block, const Membership& membership,
                                           const StateBefore* before, crypto::VerifiedSignatures* memo,
                                           WorkerPool* pool) {
    const auto transactions = transactions_of(block);
    std::vector<Judgement> judgements(transactions.size());
    std::vector<std::optional<Error>> failures(transactions.size());
    const bool sealing = (block.header.flags & storage::BlockHeader::kSealing) != 0 && transactions.size() == 1;
    const Circumstances circumstances{block.header.time_ms, membership, before, memo, sealing};
    const auto check_one = [&](std::size_t i) {
        auto judgement = check_transaction(transactions[i], circumstances);
        if (judgement)
            judgements[i] = std::move(*judgement);
        else
            failures[i] = std::move(judgement.error());
    };
    if (pool != nullptr && transactions.size() > 1) {
        pool->for_each(transactions.size(), check_one);
    } else {
        for (std::size_t i = 0; i < transactions.size(); ++i) check_one(i);
    }
    for (std::size_t i = 0; i < failures.size(); ++i) {
        if (failures[i]) return std::unexpected(failures[i]->within(fmt::format("block {}", block.header.number)));
    }
    return judgements;
}

}  // namespace tally::node
