#include "node/channel/block_signatures.h"

#include <set>

#include "crypto/receipt.h"
#include "node/channel/config_update.h"
#include "storage/model/archive.h"

namespace tally::node {
namespace {

Status check_writer(const storage::Block& block, const Membership& membership) {
    const auto writer = TRY(membership.identify(std::span<const Bytes>(&block.metadata.writer_certificate, 1),
                                                block.header.time_ms, Use::attribution));
    return writer.key.verify(storage::writer_statement(block.header), block.metadata.writer_signature);
}

}  // namespace

Status check_block_signatures(const storage::Block& block, const std::shared_ptr<const Membership>& members) {
    const auto& membership = *members;
    if (block.header.number == 0) return {};
    // A block that came with later ones is final by their proof.
    if (!block.metadata.finality_proof.empty()) {
        const auto proof =
            TRY(storage::decode<consensus::FinalityProof>(block.metadata.finality_proof, "the finality proof"));
        TRY(membership.verify_finality(block.header, proof));
    }
    if (!block.metadata.writer_certificate.empty()) TRY(check_writer(block, membership));
    const auto& checkpoint = block.metadata.checkpoint;
    const auto next = TRY(membership_after(block.header, block.batches, members));
    for (const auto& signature : checkpoint.signatures) {
        auto signer = checkpoint_signer(checkpoint, signature, membership, block.header.time_ms, Use::attribution);
        if (!signer && next != members)
            signer = checkpoint_signer(checkpoint, signature, *next, block.header.time_ms, Use::attribution);
        TRY(std::move(signer));
    }
    return {};
}

Result<chaincode::Caller> checkpoint_signer(const storage::Checkpoint& checkpoint,
                                            const storage::CheckpointSignature& signature, const Membership& membership,
                                            std::int64_t time_ms, Use use) {
    const auto member = TRY(membership.identify(std::span<const Bytes>(&signature.certificate, 1), time_ms, use));
    const auto header = crypto::receipt_protected_header(
        member.key.algorithm(),
        {checkpoint.channel, checkpoint.block_number, checkpoint.block_hash, checkpoint.tree_size, checkpoint.state},
        crypto::sha256(signature.certificate).view());
    if (signature.protected_header != header) {
        return fail(Code::bad_proof, "the signature of {} of {} is over another checkpoint than that of block {}",
                    member.caller.name, member.caller.organization, checkpoint.block_number);
    }
    const auto status = member.key.verify(crypto::receipt_to_be_signed(header, checkpoint.root), signature.signature);
    if (!status) {
        return fail(status.error().code, "the signature of {} of {} on the checkpoint of block {}: {}",
                    member.caller.name, member.caller.organization, checkpoint.block_number, status.error().message);
    }
    return member.caller;
}

Status check_committer(const storage::Checkpoint& checkpoint, const storage::CheckpointSignature& signature,
                       const std::string& node, const Membership& membership, std::int64_t time_ms) {
    const auto signer = TRY(checkpoint_signer(checkpoint, signature, membership, time_ms));
    const auto* entry = membership.config().node(node);
    if (entry != nullptr && signer.organization == entry->organization && signer.role == "peer" &&
        signature.organization == entry->organization)
        return {};
    return fail(Code::bad_signature, "{} of {} signs no checkpoints for {}", signer.name, signer.organization, node);
}

Result<std::vector<std::string>> check_vouched_for(const storage::Checkpoint& checkpoint, const Membership& membership,
                                                   std::int64_t time_ms) {
    std::vector<Principal> principals;
    std::vector<std::string> signers;
    std::set<Principal> seen;
    for (const auto& signature : checkpoint.signatures) {
        const auto signer = TRY(checkpoint_signer(checkpoint, signature, membership, time_ms));
        if (!seen.insert({signer.organization, signer.name}).second) {
            return fail(Code::bad_proof, "{} of {} has signed twice", signer.name, signer.organization);
        }
        principals.push_back({signer.organization, signer.role});
        signers.push_back(fmt::format("{} of {}", signer.name, signer.organization));
    }
    if (!membership.receipt_policy().satisfied_by(principals)) {
        return fail(Code::bad_proof,
                    "the checkpoint of block {} is signed by {}, which does not satisfy the channel's rule {}",
                    checkpoint.block_number,
                    signers.empty() ? std::string("nobody") : fmt::format("{}", fmt::join(signers, ", ")),
                    membership.config().receipt);
    }
    return signers;
}

}  // namespace tally::node
