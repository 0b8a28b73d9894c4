#include "node/committing/committer.h"

#include <spdlog/spdlog.h>

#include "crypto/receipt.h"
#include "crypto/thread_name.h"
#include "gateway/http/log_value.h"
#include "node/channel/config_update.h"
#include "node/threads/stopwatch.h"
#include "storage/model/archive.h"

namespace tally::node {

Committer::Committer(storage::Ledger& ledger, CurrentMembership& membership, crypto::VerifiedSignatures& memo,
                     const RememberedSimulations& remembered, WorkerPool& pool, CurrentIdentity signer,
                     Metrics& metrics)
    : ledger_(ledger),
      membership_(membership),
      memo_(memo),
      remembered_(remembered),
      pool_(pool),
      signer_(std::move(signer)),
      metrics_(metrics) {}

Committer::~Committer() { stop(); }

void Committer::start() {
    thread_ = std::thread([this] { run(); });
}

void Committer::stop() {
    disk_.give_up();
    blocks_.close();
    if (thread_.joinable()) thread_.join();
}

void Committer::run() {
    name_thread("committer");
    while (auto block = blocks_.pop()) {
        if (commit(std::move(*block))) continue;
        return blocks_.close();  // the caller of deliver must not wait for room
    }
}

// False when the block could not be written: then none behind it can be.
bool Committer::commit(OrderedBlock ordered) {
    const Stopwatch total;
    const auto membership = membership_.get();
    const auto& header = ordered.header;
    storage::Block block{header, std::move(ordered.batches), {}};
    if (ordered.proof) block.metadata.finality_proof = storage::encode(*ordered.proof);
    block.metadata.writer_certificate = std::move(ordered.writer_certificate);
    block.metadata.writer_signature = std::move(ordered.writer_signature);

    const auto next = membership_after(header, block.batches, membership);
    if (!next) {
        stop_before(header.number, next.error());
        return false;
    }
    const auto state = ledger_.state();
    StateBefore before(*state, ledger_);
    before.remembered = &remembered_;
    auto judgements = check_block(block, *membership, &before, &memo_, &pool_);
    if (!judgements) broken_invariant(judgements.error().message, __FILE__, __LINE__);
    metrics_.stage(Stage::validate, total.seconds());

    const Stopwatch apply;
    CommittedBlock committed{header.number, header.time_ms, {}};
    std::vector<storage::TransactionId> ids;
    std::vector<storage::CheckedTransaction> checked;
    for (auto& [each, reason, bytes] : *judgements) {
        if (!reason.empty()) {
            spdlog::info("event=invalid_transaction block={} id={} code={} reason={}", header.number, each.id.hex(),
                         code_name(each.code), gateway::log_value(reason));
        }
        ids.push_back(each.id);
        committed.transactions.push_back({each.id, each.code, std::move(reason), {}, bytes});
        checked.push_back(std::move(each));
    }
    auto effects = storage::apply_block(header.number, checked, *state);
    if (!effects)
        broken_invariant(fmt::format("block {} cannot be applied: {}", header.number, effects.error().message),
                         __FILE__, __LINE__);
    // A node that joins is nobody in the blocks before: its signature would not be a member's.
    const auto signer = signer_.get();
    const bool is_member = (*next)->identify(signer.chain, header.time_ms, Use::attribution).has_value();
    const auto append = [&] {
        return ledger_.append(block, ids, *effects, [&](const storage::Checkpoint& checkpoint) {
            return is_member ? std::vector{sign_checkpoint(signer, checkpoint)}
                             : std::vector<storage::CheckpointSignature>();
        });
    };
    if (!disk_.write(append, fmt::format("block {} cannot be written", header.number))) return false;
    membership_.set(*next);
    metrics_.stage(Stage::apply, apply.seconds());

    metrics_.block(block);
    metrics_.stage(Stage::commit_total, total.seconds());
    for (const auto code : effects->codes) metrics_.transaction(code_name(code));
    const auto transactions = transactions_of(block);
    for (std::size_t i = 0; i < transactions.size(); ++i) {
        auto& each = committed.transactions[i];
        each.code = effects->codes[i];
        each.result = std::move(checked[i].simulation.result);
        if (!storage::uses_id(each.code) && !each.bytes) each.bytes = crypto::sha256(transactions[i]);
    }
    for (const auto& listener : listeners_) listener(committed);
    return true;
}

void Committer::stop_before(storage::BlockNumber number, const Error& why) {
    spdlog::critical("event=needs_upgrade block={} what={}", number, gateway::log_value(why.message));
    const std::lock_guard lock(mutex_);
    needs_upgrade_ = why.within(fmt::format("block {}", number));
}

std::optional<Error> Committer::needs_upgrade() const {
    const std::lock_guard lock(mutex_);
    return needs_upgrade_;
}

storage::CheckpointSignature sign_checkpoint(const Identity& signer, const storage::Checkpoint& checkpoint) {
    storage::CheckpointSignature out;
    const auto& certificate = signer.certificate();
    out.organization = certificate.subject().organization;
    out.certificate = certificate.der();
    out.protected_header = crypto::receipt_protected_header(
        signer.key.public_key().algorithm(),
        {checkpoint.channel, checkpoint.block_number, checkpoint.block_hash, checkpoint.tree_size, checkpoint.state},
        certificate.fingerprint().view());
    out.signature = signer.key.sign(crypto::receipt_to_be_signed(out.protected_header, checkpoint.root));
    return out;
}

}  // namespace tally::node
