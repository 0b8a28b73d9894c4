#include "consensus/committee.h"

#include <cstring>

namespace tally::consensus {

std::size_t quorum(FaultModel model, std::size_t members) {
    TALLY_INVARIANT(members > 0, "a channel without members has no quorum");
    const auto faulty = consensus::faulty(model, members);
    return (members + faulty) / 2 + 1;
}

std::size_t faulty(FaultModel model, std::size_t members) {
    return model == FaultModel::byzantine ? (members - 1) / 3 : 0;
}

std::size_t blocking_set(FaultModel model, std::size_t members) { return members - quorum(model, members) + 1; }

std::uint64_t lane_id(const crypto::PublicKey& key) {
    std::uint64_t id = 0;
    std::memcpy(&id, key.fingerprint().bytes.data(), sizeof id);
    return id;
}

Status verify_certificate(const QuorumCertificate& certificate, const Committee& committee,
                          const VerifySignature& verify) {
    const auto& signers = certificate.signers;
    if (certificate.epoch != committee.epoch) {
        return fail(Code::bad_proof, "the certificate is of epoch {}, not {}", certificate.epoch, committee.epoch);
    }
    if (signers.size() < committee.quorum() || signers.size() != certificate.signatures.size()) {
        return fail(Code::bad_proof, "the certificate has {} signers and {} signatures where {} are needed",
                    signers.size(), certificate.signatures.size(), committee.quorum());
    }
    for (std::size_t i = 0; i < signers.size(); ++i) {
        if (signers[i] >= committee.size())
            return fail(Code::bad_proof, "the certificate names member {}, which is unknown", signers[i]);
        if (i > 0 && signers[i] <= signers[i - 1])
            return fail(Code::bad_proof, "the certificate's signers repeat or are unsorted");
    }
    const auto statement =
        vote_statement(committee.channel, certificate.kind, certificate.epoch, certificate.view, certificate.id);
    for (std::size_t i = 0; i < signers.size(); ++i) {
        if (!verify(signers[i], statement, certificate.signatures[i])) {
            return fail(Code::bad_signature, "the vote of member {} in the certificate has a false signature",
                        signers[i]);
        }
    }
    return {};
}

Status verify_finality(const storage::BlockHeader& header, const FinalityProof& proof, const Committee& committee,
                       const VerifySignature& verify) {
    if (proof.finalization.kind != VoteKind::finalize) {
        return fail(Code::bad_proof, "block {}: its proof is no finalization", header.number);
    }
    if ((header.flags & storage::BlockHeader::kEmptyOnly) != 0) {
        return fail(Code::bad_proof, "block {}: it is behind its epoch's last block", header.number);
    }
    const auto* last = &header;
    auto id = header.hash();
    for (const auto& next : proof.trail) {
        if (next.previous_hash != id || next.number != last->number + 1 || next.epoch != header.epoch) {
            return fail(Code::bad_proof, "block {}: the headers of its proof are not linked", header.number);
        }
        last = &next;
        id = next.hash();
    }
    const auto& certified = proof.finalization;
    if (certified.id != id || certified.view != last->view || certified.epoch != last->epoch) {
        return fail(Code::bad_proof, "block {}: its finalization is of another block", header.number);
    }
    return verify_certificate(certified, committee, verify);
}

VerifySignature verify_with(std::vector<crypto::PublicKey> keys) {
    return [keys = std::move(keys)](Member member, ByteView statement, ByteView signature) {
        return member < keys.size() && keys[member].verify(statement, signature).has_value();
    };
}

}  // namespace tally::consensus
