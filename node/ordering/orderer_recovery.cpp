// What an orderer knows when it starts: from its log and the chain.

#include <spdlog/spdlog.h>

#include <map>

#include "node/channel/config_update.h"
#include "node/ordering/orderer.h"
#include "storage/model/archive.h"

namespace tally::node {

using consensus::RecordType;

// What the log says about final blocks, to compare with the ledger.
struct Orderer::Recovery {
    std::map<crypto::Hash, storage::BlockNumber> numbers;
    storage::BlockNumber last = 0;
    bool empty = true;

    Status take(RecordType type, ByteView record) {
        empty = false;
        if (type == RecordType::proposal) {
            const auto proposal = TRY(storage::decode<consensus::BlockProposal>(record, "a proposal"));
            numbers[proposal.header.hash()] = proposal.header.number;
        }
        if (type == RecordType::certificate) {
            const auto certificate = TRY(storage::decode<consensus::QuorumCertificate>(record, "a certificate"));
            const auto found = numbers.find(certificate.id);
            if (certificate.kind == consensus::VoteKind::finalize && found != numbers.end()) {
                last = std::max(last, found->second);
                numbers.erase(numbers.begin(), numbers.end());
            }
        }
        return {};
    }
};

Status Orderer::recover() {
    const auto membership = membership_.get();
    const auto own = membership->orderer_with(identity_.key.public_key());
    if (!own) {
        return fail(Code::bad_configuration, "the key in [identity.orderer] is not one that channel {} names",
                    membership->config().channel);
    }
    members_ = membership->orderer_keys().size();
    max_transaction_bytes_ = membership->config().batch.absolute_max_bytes;
    self_ = *own;
    lane_ = consensus::lane_id(identity_.key.public_key());
    const auto tip = chain_.tip();
    TALLY_INVARIANT(tip.has_value(), "an orderer starts on a ledger that has its genesis block");
    const auto header = TRY(chain_.block_header(tip->number)).header;
    const bool sealed = (header.flags & storage::BlockHeader::kSealing) != 0;
    const bool first_start = std::filesystem::exists(options_.first_start_marker);
    consensus::Simplex::Options options;
    options.committee = membership->committee(header.epoch + (sealed ? 1 : 0));
    options.self = self_;
    options.settings = settings();
    options.sign = [key = identity_.key](ByteView statement) { return key.sign(statement); };
    options.verify = consensus::verify_with(membership->orderer_keys());
    options.changes_configuration = changes_configuration(membership);
    options.tip = {header, tip->hash};
    options.first_start = members_ == 1 || first_start;
    core_.emplace(std::move(options));

    Recovery recovery;
    log_ = TRY(storage::ConsensusLog::open({options_.log_directory, options_.segment_bytes},
                                           [&](std::uint8_t type, ByteView record) -> Status {
                                               TRY(recovery.take(static_cast<RecordType>(type), record));
                                               return core_->restore(static_cast<RecordType>(type), record);
                                           }));
    if (log_->copied() && members_ > 1) core_->distrust_log();
    if (log_->trusted()) {
        core_->trust_log();
        spdlog::warn("event=trusted_log what=\"the operator has stated that the consensus log in {} is the newest\"",
                     options_.log_directory.string());
    }
    if (log_->copied()) {
        spdlog::warn("event=restored_log what=\"the consensus log in {} was copied or restored: {}\"",
                     options_.log_directory.string(),
                     members_ > 1 ? "this orderer does not vote until the others have said where they are"
                                  : "blocks that this orderer, the only one, ordered since then are lost");
    }
    const auto last = std::max(recovery.last, log_->last_base());
    const bool restored = std::filesystem::exists(options_.restored_marker);
    if (restored && members_ == 1 && recovery.empty)
        spdlog::warn(
            "event=restored what=\"blocks that this orderer, the only one, ordered since the backup are lost\"");
    const bool alone = members_ == 1 && !first_start && !(restored && recovery.empty);  // nobody else has what it lacks
    if (alone && log_->first_base() > tip->number) {
        return fail(Code::corrupt,
                    "the ledger ends at block {}, but the consensus log begins after block {}: blocks are lost",
                    tip->number, log_->first_base());
    }
    if (alone && last < tip->number && !(recovery.empty && tip->number == 0)) {
        return fail(Code::corrupt,
                    "the ledger holds block {}, but the consensus log ends at block {}: the log is damaged",
                    tip->number, last);
    }
    applied_ = tip->number;
    delivered_ = tip->number;
    return {};
}

}  // namespace tally::node
