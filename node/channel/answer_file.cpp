#include "node/channel/answer_file.h"

#include <fmt/ranges.h>

#include <limits>
#include <set>

#include "crypto/cbor.h"
#include "node/channel/ledger_json.h"

namespace tally::node {
namespace {

constexpr std::string_view kAnswerFormat = "tally-answer/1";
constexpr std::string_view kContentType = "application/tally-answer+cbor";
constexpr std::uint64_t kStatementItems = 15;
constexpr std::size_t kMaxSignatures = 256;
constexpr std::size_t kMaxSignatureBytes = 1U << 16;

struct AnswerParts {
    ByteView question;
    ByteView statement;
    std::string_view result;
    std::vector<std::pair<ByteView, ByteView>> signatures;  // with the certificates
};

Result<AnswerParts> decode_answer(ByteView file) {
    crypto::CborReader reader(file, "the answer file");
    AnswerParts parts;
    const auto expect_key = [&](std::uint64_t key) {
        if (reader.uint() != key) reader.fault(Code::malformed, fmt::format("the key {} is wanted", key));
    };
    if (reader.map() != 5) reader.fault(Code::malformed, "a map of 5 is wanted");
    expect_key(1);
    if (reader.text() != kAnswerFormat) reader.fault(Code::unsupported, "only tally-answer/1 is known");
    expect_key(2);
    parts.question = reader.bytes();
    expect_key(3);
    parts.statement = reader.bytes();
    expect_key(4);
    parts.result = reader.text();
    expect_key(5);
    const auto count = reader.array();
    if (count == 0 || count > kMaxSignatures) reader.fault(Code::malformed, "1 to 256 signatures are wanted");
    for (std::uint64_t i = 0; i < count && reader.ok(); ++i) {
        if (reader.array() != 2) reader.fault(Code::malformed, "a signature and a certificate are wanted");
        const auto signature = reader.bytes();
        parts.signatures.emplace_back(signature, reader.bytes());
    }
    TRY(reader.finish());
    return parts;
}

// The caller who signed the question, when it is the one that the statement answers.
Result<chaincode::Caller> check_question(const chaincode::SignedProposal& question, const AnswerStatement& statement,
                                         const Membership& membership, Checks& checks) {
    const auto& proposal = question.proposal;
    const auto member = membership.identify(std::span<const Bytes>(question.cose.headers.x5chain), proposal.created_ms,
                                            use_of(proposal.contract));
    TRY(checks.judged("the caller's certificate", fmt::format("of a member at {}", iso_time(proposal.created_ms)),
                      member ? fmt::format("{} of {}", member->caller.name, member->caller.organization) : "",
                      member ? Status() : Status(std::unexpected(member.error()))));
    TRY(checks.judged("the question", "signed by its caller", "a good signature",
                      question.cose.verify(member->key, {})));
    TRY(checks.same("the question's id", statement.question.hex(), question.id.hex()));
    TRY(checks.same("the question's channel", statement.channel, proposal.channel));
    TRY(checks.same("the question's function", fmt::format("{}.{}", statement.contract, statement.function),
                    fmt::format("{}.{}", proposal.contract, proposal.function)));
    TRY(checks.same("the question's arguments", statement.arguments, proposal.arguments));
    TRY(checks.same("the question's time", iso_time(statement.time_ms), iso_time(proposal.created_ms)));
    TRY(checks.same("the caller", fmt::format("{} of {}", statement.role, statement.organization),
                    fmt::format("{} of {}", member->caller.role, member->caller.organization)));
    return member->caller;
}

std::string policy_text(const ChannelConfig& config, std::string_view contract) {
    const auto own = std::ranges::find(config.policies, contract, &ContractPolicy::contract);
    return own == config.policies.end() ? config.endorsement : own->policy;
}

}  // namespace

Bytes encode_statement(const AnswerStatement& in) {
    crypto::CborWriter writer;
    writer.array(kStatementItems).uint(1).bytes(in.question.view()).text(in.channel).bytes(in.config.view());
    writer.text(in.contract).uint(in.version).text(in.function).text(in.arguments);
    writer.text(in.organization).text(in.role).integer(in.time_ms);
    writer.uint(in.block).bytes(in.block_hash.view()).integer(in.block_time_ms).bytes(in.result.view());
    return writer.take();
}

Result<AnswerStatement> decode_statement(ByteView encoded) {
    crypto::CborReader reader(encoded, "the statement");
    AnswerStatement out;
    const auto hash = [&]() -> crypto::Hash {
        const auto bytes = reader.bytes();
        if (bytes.size() != crypto::Hash{}.bytes.size()) reader.fault(Code::malformed, "a hash has 32 bytes");
        return reader.ok() ? *crypto::Hash::from(bytes) : crypto::Hash();
    };
    if (reader.array() != kStatementItems) reader.fault(Code::malformed, "an array of 15 is wanted");
    if (reader.uint() != 1) reader.fault(Code::unsupported, "only version 1 of it is known");
    out.question = hash();
    out.channel = reader.text();
    out.config = hash();
    out.contract = reader.text();
    const auto version = reader.uint();
    if (version > std::numeric_limits<std::uint32_t>::max())
        reader.fault(Code::malformed, "a contract's version has 32 bits");
    out.version = static_cast<std::uint32_t>(version);
    out.function = reader.text();
    out.arguments = reader.text();
    out.organization = reader.text();
    out.role = reader.text();
    out.time_ms = reader.integer();
    out.block = reader.uint();
    out.block_hash = hash();
    out.block_time_ms = reader.integer();
    out.result = hash();
    TRY(reader.finish());
    return out;
}

AnswerSignature sign_answer(const Identity& signer, ByteView statement) {
    crypto::Sign1Options options;
    options.headers.content_type = kContentType;
    options.headers.kid = as_text(signer.certificate().fingerprint().view());
    options.detached = true;
    return {crypto::sign1(signer.key, statement, options), signer.certificate().der()};
}

Result<chaincode::Caller> verify_answer_signature(ByteView signature, const Bytes& certificate,
                                                  ByteView encoded_statement, const AnswerStatement& statement,
                                                  const Membership& membership) {
    const auto member = TRY(membership.identify(std::span<const Bytes>(&certificate, 1), statement.block_time_ms,
                                                use_of(statement.contract)));
    const auto message = TRY(crypto::Sign1::decode(signature, kMaxSignatureBytes));
    const bool bare = message.unprotected == crypto::CborWriter().map(0).take() && message.headers.extra.empty() &&
                      message.headers.x5chain.empty();
    if (message.headers.content_type != kContentType || !message.detached || !bare)
        return fail(Code::malformed, "what {} signed is no answer to a query", member.caller.name);
    if (!equal(as_bytes(message.headers.kid), crypto::sha256(certificate).view()))
        return fail(Code::bad_proof, "the signature names another certificate than that of {}", member.caller.name);
    if (const auto status = message.verify_detached(member.key, {}, encoded_statement); !status)
        return std::unexpected(status.error().within(fmt::format("the signature of {}", member.caller.name)));
    return member.caller;
}

Bytes make_answer_file(ByteView question, ByteView statement, std::string_view result,
                       const std::vector<AnswerSignature>& signatures) {
    crypto::CborWriter writer;
    writer.map(5).uint(1).text(kAnswerFormat).uint(2).bytes(question).uint(3).bytes(statement).uint(4).text(result);
    writer.uint(5).array(signatures.size());
    for (const auto& each : signatures) writer.array(2).bytes(each.signature).bytes(each.certificate);
    return writer.take();
}

bool is_answer_file(ByteView file) {
    crypto::CborReader reader(file, "the file");
    return reader.map() == 5 && reader.uint() == 1 && reader.text().starts_with("tally-answer/");
}

Result<AnswerFacts> verify_answer_file(ByteView file, const Membership& membership, Checks& checks) {
    const auto parts = TRY(checks.need("the file", "an answer file", decode_answer(file)));
    AnswerFacts facts;
    facts.statement = TRY(checks.need("the file", "a statement that can be read", decode_statement(parts.statement)));
    const auto& statement = facts.statement;
    TRY(checks.same("the channel", membership.config().channel, statement.channel, Code::wrong_channel));
    TRY(checks.same("the configuration in force", membership.config_hash().hex(), statement.config.hex()));
    const auto* contract = membership.contracts().find(statement.contract);
    TRY(checks.same("the contract",
                    fmt::format("{} {}", statement.contract, contract == nullptr ? 0 : contract->version()),
                    fmt::format("{} {}", statement.contract, statement.version)));
    const auto question = TRY(checks.need(
        "the question", "a proposal that can be read",
        chaincode::SignedProposal::decode(parts.question, parts.question.size(), membership.rules().proposal)));
    facts.caller = TRY(check_question(question, statement, membership, checks));
    TRY(checks.same("the result's SHA-256", statement.result.hex(), crypto::sha256(as_bytes(parts.result)).hex()));
    facts.result = parts.result;
    std::vector<Principal> principals;
    std::set<std::string> seen;
    for (const auto& [signature, der] : parts.signatures) {
        const auto what = fmt::format("signature {}", principals.size() + 1);
        const auto expected = fmt::format("of a member at {}", iso_time(statement.block_time_ms));
        const auto signer = TRY(checks.need(
            what, expected, verify_answer_signature(signature, to_bytes(der), parts.statement, statement, membership)));
        const auto name = fmt::format("{} of {}", signer.name, signer.organization);
        const bool is_another = seen.insert(name).second;
        TRY(checks.judged(what, is_another ? expected : "of another member", name,
                          is_another ? Status() : fail(Code::bad_proof, "of {} again", name)));
        principals.push_back({signer.organization, signer.role});
        facts.signers.push_back(name);
    }
    const bool enough = membership.policy_of(statement.contract).satisfied_by(principals);
    const auto names = fmt::format("{}", fmt::join(facts.signers, ", "));
    TRY(checks.judged("the signers", policy_text(membership.config(), statement.contract), names,
                      enough ? Status() : fail(Code::bad_proof, "{} alone, which is not enough", names)));
    return facts;
}

}  // namespace tally::node
