#include "node/channel/ledger_check.h"

#include "crypto/receipt.h"
#include "node/roles/validator.h"
#include "storage/consensus_log.h"
#include "storage/model/archive.h"
#include "storage/seal.h"

namespace tally::node {
namespace {

std::unexpected<Error> wrong(std::uint64_t block, std::string_view sentence) {
    return fail(Code::corrupt, "block {}: {}", block, sentence);
}

Status check_writer(const storage::Block& block, const Membership& membership) {
    const auto writer =
        TRY(membership.identify(std::span<const Bytes>(&block.metadata.writer_certificate, 1), block.header.time_ms));
    return writer.key.verify(storage::writer_statement(block.header), block.metadata.writer_signature);
}

// What was signed about a block outside its hash: the finality certificate, and the writer.
Status check_signatures(const storage::Block& block, const Membership& membership) {
    if (block.header.number == 0) return {};
    // A block that came with later ones is final by their proof.
    if (!block.metadata.finality_proof.empty()) {
        const auto proof =
            TRY(storage::decode<consensus::FinalityProof>(block.metadata.finality_proof, "the finality proof"));
        TRY(membership.verify_finality(block.header, proof));
    }
    if (!block.metadata.writer_certificate.empty()) TRY(check_writer(block, membership));
    return {};
}

// The checkpoint behind a block is signed by members as they were before the block, or as it made them.
Status check_checkpoint_signatures(const storage::Block& block, const Membership& before, const Membership& after) {
    for (const auto& signature : block.metadata.checkpoint.signatures) {
        const auto certificate = std::span<const Bytes>(&signature.certificate, 1);
        auto known = before.identify(certificate, block.header.time_ms);
        if (!known) known = after.identify(certificate, block.header.time_ms);
        const auto signer = TRY(std::move(known));
        const auto statement = crypto::receipt_to_be_signed(signature.protected_header, block.metadata.checkpoint.root);
        TRY(signer.key.verify(statement, signature.signature));
    }
    return {};
}

Status check_checkpoint(const storage::Checkpoint& stored, const storage::Checkpoint& computed) {
    if (stored.block_hash != computed.block_hash || stored.tree_size != computed.tree_size ||
        stored.root != computed.root || stored.state != computed.state ||
        stored.block_number != computed.block_number || stored.channel != computed.channel) {
        return fail(Code::corrupt, "block {}: its checkpoint is not what its transactions give", stored.block_number);
    }
    return {};
}

// Runs one block through validation into `to`; the result must be what was stored.
Status replay_block(const storage::Block& stored, storage::Ledger& to, std::shared_ptr<const Membership>& membership,
                    const chaincode::ContractSet& contracts, WorkerPool& pool) {
    const auto number = stored.header.number;
    std::vector<storage::CheckedTransaction> checked;
    if (number == 0) {
        checked.push_back(TRY(check_genesis(stored)));
    } else {
        if (auto status = check_signatures(stored, *membership); !status) return wrong(number, status.error().message);
        for (auto& judgement : check_block(stored, *membership, contracts, nullptr, &pool))
            checked.push_back(std::move(judgement.checked));
    }
    std::vector<storage::TransactionId> ids;
    ids.reserve(checked.size());
    for (const auto& each : checked) ids.push_back(each.id);
    const auto effects = TRY(storage::apply_block(
        number, checked, *to.snapshot(),
        [&](const storage::TransactionId& id) -> Result<bool> { return TRY(to.find(id)).has_value(); }));
    if (effects.codes != stored.metadata.codes)
        return wrong(number, "its validation codes are not what its transactions give");
    auto block = stored;
    TRY(to.append(block, ids, effects,
                  [&](const storage::Checkpoint&) { return stored.metadata.checkpoint.signatures; }));
    TRY(check_checkpoint(stored.metadata.checkpoint, block.metadata.checkpoint));
    const bool configuration_changed =
        std::any_of(effects.updates.begin(), effects.updates.end(), [](const auto& update) {
            return update.key == storage::StateKey{std::string(kConfigSpace), std::string(kConfigKey)};
        });
    const auto before = membership;
    if (configuration_changed) membership = TRY(Membership::from(TRY(config_of_state(*to.snapshot()))));
    if (number == 0) return {};
    const auto status = check_checkpoint_signatures(stored, *before, *membership);
    return status ? status : wrong(number, status.error().message);
}

Result<LedgerSummary> replay(const storage::Ledger& from, storage::Ledger& to, const chaincode::ContractSet& contracts,
                             WorkerPool& pool, const ReportProgress& progress) {
    const auto tip = from.tip();
    if (!tip) return fail(Code::corrupt, "the ledger has no genesis block");
    LedgerSummary summary;
    std::shared_ptr<const Membership> membership;
    for (std::uint64_t number = 0; number <= tip->number; ++number) {
        const auto block = TRY(from.block(number));
        if (auto status = replay_block(block, to, membership, contracts, pool); !status)
            return std::unexpected(status.error());
        ++summary.blocks;
        summary.transactions += block.metadata.codes.size();
        summary.valid += static_cast<std::uint64_t>(
            std::count(block.metadata.codes.begin(), block.metadata.codes.end(), storage::ValidationCode::VALID));
        summary.tip_hash = block.header.hash();
        summary.log_root = block.metadata.checkpoint.root;
        if (progress) progress(number + 1, tip->number + 1);
    }
    return summary;
}

Status compare_family(const storage::Ledger& stored, const storage::Ledger& computed, std::string_view family) {
    const auto a = TRY(stored.entries(family));
    const auto b = TRY(computed.entries(family));
    for (;;) {
        const bool more_a = TRY(a->next());
        const bool more_b = TRY(b->next());
        if (!more_a && !more_b) return {};
        if (more_a && more_b && equal(a->key(), b->key()) && equal(a->value(), b->value())) continue;
        const auto key = to_hex(more_a ? a->key() : b->key());
        return fail(Code::corrupt, "{}: the entry {} is not what the blocks give", family, key.substr(0, 120));
    }
}

// Strict where the directory was closed in order; after a crash a torn end is legitimate.
Status check_log(const std::filesystem::path& data, bool sealed) {
    if (!std::filesystem::exists(log_path(data))) return {};
    return storage::ConsensusLog::inspect(log_path(data), sealed, [](std::uint8_t, ByteView) -> Status { return {}; });
}

// A ledger that exists only as long as it is needed.
class ShadowDirectory {
  public:
    explicit ShadowDirectory(std::filesystem::path path) : path_(std::move(path)) {
        std::filesystem::remove_all(path_);
    }
    ~ShadowDirectory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    ShadowDirectory(const ShadowDirectory&) = delete;
    ShadowDirectory& operator=(const ShadowDirectory&) = delete;
    [[nodiscard]] Result<std::unique_ptr<storage::Ledger>> open(const std::string& channel) const {
        storage::LedgerOptions options;
        options.directory = path_;
        options.create = true;
        options.channel = channel;
        return storage::Ledger::open(std::move(options));
    }
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

std::filesystem::path beside(const std::filesystem::path& data, std::string_view suffix) {
    auto path = std::filesystem::absolute(data).lexically_normal();
    if (!path.has_filename()) path = path.parent_path();
    path += suffix;
    return path;
}

}  // namespace

Result<LedgerSummary> verify_ledger(const std::filesystem::path& data, const chaincode::ContractSet& contracts,
                                    WorkerPool& pool, const ReportProgress& progress) {
    const auto stored = TRY(inspect_channel_ledger(data));
    TRY(check_log(data, std::filesystem::exists(data / "SEAL")));
    TRY(stored.ledger->check_files());
    const ShadowDirectory shadow(beside(data, ".verify"));
    const auto computed = TRY(shadow.open(stored.ledger->channel()));
    auto summary = TRY(replay(*stored.ledger, *computed, contracts, pool, progress));
    for (const char* family : {"blocks", "state", "history", "index", "log", "meta"}) {
        TRY(compare_family(*stored.ledger, *computed, family));
    }
    return summary;
}

Result<LedgerSummary> rebuild_ledger(const std::filesystem::path& data, const chaincode::ContractSet& contracts,
                                     WorkerPool& pool, const ReportProgress& progress) {
    const auto lock = TRY(storage::DirectoryLock::take(data));
    const bool sealed = std::filesystem::exists(data / "SEAL");
    TRY(check_log(data, sealed));  // it cannot be made again, and must not be sealed over
    storage::LedgerOptions options;
    options.directory = ledger_path(data);
    options.read_only = true;
    auto stored = TRY(storage::Ledger::open(std::move(options)));
    const ShadowDirectory shadow(data / "ledger.rebuilt");
    auto computed = TRY(shadow.open(stored->channel()));
    auto summary = TRY(replay(*stored, *computed, contracts, pool, progress));
    TRY(computed->close());
    computed.reset();
    stored.reset();
    TRY(storage::break_seal(data));
    const auto old = data / "ledger.old";
    std::error_code error;
    std::filesystem::remove_all(old, error);
    std::filesystem::rename(ledger_path(data), old, error);
    if (!error) std::filesystem::rename(shadow.path(), ledger_path(data), error);
    if (error) return fail(Code::io_error, "putting the rebuilt ledger in place: {}", error.message());
    std::filesystem::remove_all(old, error);
    std::filesystem::remove(disagreement_file(data), error);
    if (sealed) TRY(storage::write_seal(data));  // after a crash there was none, and the log may end in a torn record
    return summary;
}

}  // namespace tally::node
