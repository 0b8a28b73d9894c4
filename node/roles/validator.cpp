#include "node/roles/validator.h"

#include <algorithm>
#include <set>

#include "chaincode/proposal.h"
#include "crypto/cose.h"
#include "node/channel/config_update.h"
#include "storage/model/archive.h"

namespace tally::node {

using storage::ValidationCode;

namespace {

constexpr std::int64_t kClockSkewMs = 30'000;

struct Refusal {
    ValidationCode code;
    std::string reason;
};
using Step = std::expected<void, Refusal>;

std::unexpected<Refusal> refuse(ValidationCode code, std::string reason) {
    return std::unexpected(Refusal{code, std::move(reason)});
}

Step check_times(const chaincode::Proposal& proposal, std::int64_t time_ms, std::int64_t lifetime_ms) {
    if (proposal.created_ms > time_ms + kClockSkewMs) {
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
    if (function == nullptr || !function->writes) {
        return refuse(ValidationCode::INVALID_CHAINCODE,
                      fmt::format("there is no {}.{} that writes", proposal.contract, proposal.function));
    }
    if (function->origin_signed && simulation.origin_signatures.empty()) {
        return refuse(ValidationCode::BAD_ORIGIN_SIGNATURE, "the origin's signature is missing");
    }
    return {};
}

Result<std::set<std::string>> written_spaces(const storage::ReadWriteSet& set,
                                             const chaincode::ContractSet& contracts) {
    std::set<std::string> spaces;
    const auto touch = [&](const storage::StateKey& key) -> Status {
        spaces.insert(key.space);
        if (key.space != kConfigSpace || key.key != kConfigKey) return {};
        return fail(Code::permission_denied, "writes the channel's configuration");
    };
    for (const auto& write : set.writes) TRY(touch(write.key));
    for (const auto& increment : set.increments) TRY(touch(increment.key));
    for (const auto& space : spaces) {
        if (contracts.find(space) == nullptr)
            return fail(Code::permission_denied, "writes into the unknown namespace \"{}\"", space);
    }
    return spaces;
}

Step check_endorsements(const storage::Transaction& transaction, const storage::Simulation& simulation,
                        std::int64_t time_ms, const Membership& membership, const chaincode::ContractSet& contracts,
                        crypto::VerifiedSignatures* memo) {
    const auto statement = storage::endorsement_statement(membership.config().channel, transaction.simulation);
    std::vector<Principal> signers;
    std::set<std::pair<std::string, std::string>> seen;
    std::string reason = "no endorsement";
    for (const auto& endorsement : transaction.endorsements) {
        const auto member =
            membership.identify(std::span(&endorsement.certificate, 1), time_ms, use_of(simulation.contract));
        if (!member) {
            reason = member.error().message;
            continue;
        }
        if (auto status = crypto::verify_signature(member->key, statement, endorsement.signature, memo); !status) {
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
    // Behind the endorsements: an ILLEGAL_WRITESET uses the id up.
    const auto spaces = written_spaces(simulation.read_write_set, contracts);
    if (!spaces) return refuse(ValidationCode::ILLEGAL_WRITESET, spaces.error().message);
    for (const auto& space : *spaces) {
        if (auto step = satisfy(space); !step) return step;
    }
    return {};
}

Step check_origin(const storage::Simulation& simulation, const chaincode::Proposal& proposal,
                  crypto::VerifiedSignatures* memo) {
    for (const auto& origin : simulation.origin_signatures) {
        const auto verify = [&]() -> Status {
            const auto key = TRY(crypto::PublicKey::from_spki(origin.public_key));
            if (origin.form == storage::OriginSignature::Form::raw_digest)
                return key.verify_digest(origin.digest, origin.signature);
            if (origin.attachment >= proposal.attachments.size())
                return fail(Code::bad_signature, "the attachment is missing");
            const auto record = TRY(crypto::Sign1::decode(proposal.attachments[origin.attachment]));
            return record.verify(key, as_bytes(proposal.channel), memo);
        };
        if (auto status = verify(); !status)
            return refuse(ValidationCode::BAD_ORIGIN_SIGNATURE, status.error().message);
    }
    return {};
}

Step check_update(const storage::Transaction& transaction, std::int64_t time_ms, const Membership& membership,
                  bool sealing, storage::CheckedTransaction& out) {
    out.id = config_update_id(transaction);
    if (!sealing)
        return refuse(ValidationCode::INVALID_CONFIG_TRANSACTION, "it was not ordered alone in a sealing block");
    if (const auto config = check_config_update(transaction, membership, time_ms); !config)
        return refuse(ValidationCode::INVALID_CONFIG_TRANSACTION, config.error().message);
    auto simulation = storage::decode<storage::Simulation>(transaction.simulation, "the simulation");
    if (!simulation) return refuse(ValidationCode::BAD_PAYLOAD, simulation.error().message);
    out.simulation = std::move(*simulation);
    return {};
}

Step check(ByteView bytes, std::int64_t time_ms, const Membership& membership, const chaincode::ContractSet& contracts,
           crypto::VerifiedSignatures* memo, bool sealing, storage::CheckedTransaction& out) {
    auto transaction = storage::decode<storage::Transaction>(bytes, "the transaction");
    if (!transaction) return refuse(ValidationCode::BAD_PAYLOAD, transaction.error().message);
    if (transaction->kind == storage::Transaction::Kind::configuration)
        return check_update(*transaction, time_ms, membership, sealing, out);
    if (transaction->kind != storage::Transaction::Kind::contract)
        return refuse(ValidationCode::UNKNOWN_TX_TYPE, "not a contract's transaction");
    const auto signed_proposal = chaincode::SignedProposal::decode(transaction->proposal, transaction->proposal.size());
    if (!signed_proposal) return refuse(ValidationCode::BAD_PAYLOAD, signed_proposal.error().message);
    out.id = signed_proposal->id;
    const auto& proposal = signed_proposal->proposal;
    if (proposal.channel != membership.config().channel) {
        return refuse(ValidationCode::TARGET_CHAIN_NOT_FOUND,
                      fmt::format("the proposal is for channel \"{}\"", proposal.channel));
    }
    const auto creator = membership.identify(signed_proposal->cose.headers.x5chain, time_ms, use_of(proposal.contract));
    if (!creator) return refuse(ValidationCode::BAD_CREATOR_SIGNATURE, creator.error().message);
    if (auto status = signed_proposal->cose.verify(creator->key, {}, memo); !status) {
        return refuse(ValidationCode::BAD_CREATOR_SIGNATURE, status.error().message);
    }
    if (auto step = check_times(proposal, time_ms, membership.config().proposal_lifetime_ms); !step) return step;
    auto simulation = storage::decode<storage::Simulation>(transaction->simulation, "the simulation");
    if (!simulation) return refuse(ValidationCode::BAD_PAYLOAD, simulation.error().message);
    out.simulation = std::move(*simulation);
    if (auto step = check_simulation(out.simulation, *signed_proposal, contracts); !step) return step;
    if (auto step = check_endorsements(*transaction, out.simulation, time_ms, membership, contracts, memo); !step)
        return step;
    return check_origin(out.simulation, proposal, memo);
}

}  // namespace

Judgement check_transaction(ByteView bytes, std::int64_t time_ms, const Membership& membership,
                            const chaincode::ContractSet& contracts, crypto::VerifiedSignatures* memo, bool sealing) {
    Judgement judgement;
    judgement.checked.id = crypto::sha256({as_bytes("tally/unreadable"), bytes});  // unless it can be read
    if (auto step = check(bytes, time_ms, membership, contracts, memo, sealing, judgement.checked); !step) {
        judgement.checked.code = step.error().code;
        judgement.reason = std::move(step.error().reason);
        if (!storage::uses_id(judgement.checked.code)) judgement.bytes = crypto::sha256(bytes);
    }
    return judgement;
}

Result<storage::CheckedTransaction> check_genesis(const storage::Block& block) {
    TRY(config_of_genesis(block));
    const auto bytes = transactions_of(block)[0];
    const auto transaction = TRY(storage::decode<storage::Transaction>(bytes, "the genesis transaction"));
    storage::CheckedTransaction checked;
    checked.id = crypto::sha256({as_bytes("tally/genesis"), bytes});
    checked.simulation = TRY(storage::decode<storage::Simulation>(transaction.simulation, "the genesis simulation"));
    return checked;
}

std::vector<Judgement> check_block(const storage::Block& block, const Membership& membership,
                                   const chaincode::ContractSet& contracts, crypto::VerifiedSignatures* memo,
                                   WorkerPool* pool) {
    const auto transactions = transactions_of(block);
    std::vector<Judgement> judgements(transactions.size());
    const bool sealing = (block.header.flags & storage::BlockHeader::kSealing) != 0 && transactions.size() == 1;
    const auto check_one = [&](std::size_t i) {
        judgements[i] = check_transaction(transactions[i], block.header.time_ms, membership, contracts, memo, sealing);
    };
    if (pool != nullptr && transactions.size() > 1) {
        pool->for_each(transactions.size(), check_one);
    } else {
        for (std::size_t i = 0; i < transactions.size(); ++i) check_one(i);
    }
    return judgements;
}

}  // namespace tally::node
