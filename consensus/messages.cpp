#include "consensus/messages.h"

#include "storage/model/archive.h"

namespace tally::consensus {

Bytes vote_statement(std::string_view channel, VoteKind kind, std::uint64_t epoch, std::uint64_t view,
                     const crypto::Hash& id) {
    storage::Encoder encoder;
    encoder(std::string("tally/vote/v1"), std::string(channel), kind, epoch, view, id);
    return encoder.take();
}

std::size_t quorum(FaultModel model, std::size_t members) {
    TALLY_INVARIANT(members > 0, "a channel without members has no quorum");
    const auto faulty = model == FaultModel::byzantine ? (members - 1) / 3 : 0;
    return (members + faulty) / 2 + 1;
}

Status verify_certificate(const Certificate& certificate, std::string_view channel,
                          std::span<const crypto::PublicKey> members, FaultModel model) {
    const auto& signers = certificate.signers;
    const auto needed = quorum(model, members.size());
    if (signers.size() < needed || signers.size() != certificate.signatures.size()) {
        return fail(Code::bad_proof, "the certificate has {} signers and {} signatures where {} are needed",
                    signers.size(), certificate.signatures.size(), needed);
    }
    const auto statement =
        vote_statement(channel, certificate.kind, certificate.epoch, certificate.view, certificate.id);
    for (std::size_t i = 0; i < signers.size(); ++i) {
        if (signers[i] >= members.size())
            return fail(Code::bad_proof, "the certificate names member {}, which is unknown", signers[i]);
        if (i > 0 && signers[i] <= signers[i - 1])
            return fail(Code::bad_proof, "the certificate's signers repeat or are unsorted");
        if (auto status = members[signers[i]].verify(statement, certificate.signatures[i]); !status) {
            return std::unexpected(status.error().within(fmt::format("the vote of member {}", signers[i])));
        }
    }
    return {};
}

}  // namespace tally::consensus
