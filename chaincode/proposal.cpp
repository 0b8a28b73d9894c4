#include "chaincode/proposal.h"

#include "crypto/cbor.h"
#include "crypto/random.h"

namespace tally::chaincode {
namespace {

constexpr std::uint64_t kProposalFormat = 1;

Result<Proposal> decode_payload(ByteView payload, const ProposalLimits& limits) {
    crypto::CborReader reader(payload, "the proposal");
    Proposal proposal;
    if (reader.array() != 8) reader.fault(Code::malformed, "the payload must be an array of 8");
    if (reader.uint() != kProposalFormat) reader.fault(Code::unsupported, "only format version 1 is known");
    proposal.channel = reader.text();
    proposal.contract = reader.text();
    proposal.function = reader.text();
    proposal.arguments = reader.text();
    const auto count = reader.array();
    if (count > limits.max_attachments) {
        reader.fault(Code::too_large, fmt::format("{} attachments; {} are allowed", count, limits.max_attachments));
    }
    for (std::uint64_t i = 0; i < count && reader.ok(); ++i) proposal.attachments.push_back(reader.bytes());
    const auto nonce = reader.bytes();
    if (reader.ok() && nonce.size() != proposal.nonce.size()) {
        reader.fault(Code::malformed, fmt::format("the nonce has {} bytes where 16 are wanted", nonce.size()));
    }
    proposal.created_ms = static_cast<std::int64_t>(std::min<std::uint64_t>(reader.uint(), INT64_MAX));
    TRY(reader.finish());
    std::copy(nonce.begin(), nonce.end(), proposal.nonce.begin());
    return proposal;
}

Bytes encode_payload(const Proposal& proposal) {
    crypto::CborWriter writer;
    writer.array(8).uint(kProposalFormat).text(proposal.channel).text(proposal.contract).text(proposal.function);
    writer.text(proposal.arguments).array(proposal.attachments.size());
    for (const auto attachment : proposal.attachments) writer.bytes(attachment);
    writer.bytes(proposal.nonce).uint(static_cast<std::uint64_t>(proposal.created_ms));
    return writer.take();
}

}  // namespace

Result<SignedProposal> SignedProposal::decode(ByteView message, std::size_t max_bytes, const ProposalLimits& limits) {
    SignedProposal out;
    out.cose = TRY(crypto::Sign1::decode(message, max_bytes));
    if (out.cose.headers.content_type != kProposalContentType) {
        return fail(Code::malformed, "the proposal's content type is \"{}\", not \"{}\"",
                    out.cose.headers.content_type.substr(0, 64), kProposalContentType);
    }
    const auto certificates = out.cose.headers.x5chain.size();
    if (certificates == 0) return fail(Code::malformed, "the proposal has no certificate (x5chain)");
    if (certificates > limits.max_chain) {
        return fail(Code::too_large, "a chain of {} certificates; {} are allowed", certificates, limits.max_chain);
    }
    if (out.cose.detached) return fail(Code::malformed, "the proposal has no payload");
    out.proposal = TRY(decode_payload(out.cose.payload, limits));
    out.id = out.cose.to_be_signed_hash({});
    return out;
}

Bytes sign_proposal(const crypto::PrivateKey& key, const std::vector<crypto::Certificate>& chain, Proposal proposal) {
    const auto nonce = crypto::random_bytes(proposal.nonce.size());
    std::copy(nonce.begin(), nonce.end(), proposal.nonce.begin());
    crypto::Sign1Options options;
    options.headers.content_type = kProposalContentType;
    for (const auto& certificate : chain) options.headers.x5chain.push_back(certificate.der());
    return crypto::sign1(key, encode_payload(proposal), options);
}

}  // namespace tally::chaincode
