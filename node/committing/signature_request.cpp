#include "node/committing/signature_request.h"

#include <spdlog/spdlog.h>

#include "gateway/http/log_value.h"
#include "node/channel/block_signatures.h"
#include "storage/model/archive.h"

namespace tally::node {
namespace {

Status take(storage::Ledger& ledger, const Membership& membership, const NodeEntry& node,
            const storage::Checkpoint& checkpoint, std::int64_t time_ms,
            const storage::CheckpointSignature& signature) {
    TRY(check_committer(checkpoint, signature, node.id, membership, time_ms));
    return ledger.add_signature(checkpoint.block_number, signature);
}

}  // namespace

Result<Bytes> answer_signature_request(const storage::Ledger& ledger, const CurrentIdentity& signer,
                                       ByteView question) {
    const auto number = TRY(storage::decode<storage::BlockNumber>(question, "a question for a signature"));
    const auto tip = ledger.tip();
    if (!tip || tip->number < number) return fail(Code::unavailable, "this node does not have block {} yet", number);
    for (const auto& signature : TRY(ledger.block_header(number)).metadata.checkpoint.signatures) {
        if (signer.owns(signature.certificate)) return storage::encode(signature);
    }
    return fail(Code::not_found, "this node has not signed the checkpoint of block {}", number);
}

void gather_signatures(storage::Ledger& ledger, const Membership& membership, const std::string& self,
                       storage::BlockNumber block, const AskForSignature& ask, const BlameForSignature& blame) {
    const auto question = storage::encode(block);
    for (const auto* node : membership.config().nodes_with("committer")) {
        const auto here = ledger.block_header(block);
        if (!here) return;
        const auto& signatures = here->metadata.checkpoint.signatures;
        const bool signed_already = std::any_of(signatures.begin(), signatures.end(), [&](const auto& each) {
            return each.organization == node->organization;
        });
        if (node->id == self || signed_already) continue;
        const auto answer = ask(node->id, question);
        if (!answer) continue;  // it is away, or behind: it will be asked again
        const auto signature = storage::decode<storage::CheckpointSignature>(*answer, "a checkpoint's signature");
        if (!signature) {
            blame(node->id, signature.error());
            continue;
        }
        const auto status =
            take(ledger, membership, *node, here->metadata.checkpoint, here->header.time_ms, *signature);
        if (!status)
            spdlog::warn("event=bad_checkpoint node={} what={}", node->id, gateway::log_value(status.error().message));
    }
}

}  // namespace tally::node
