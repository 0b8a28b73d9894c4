// No signed message is taken for one of another purpose: neither as it is, nor with its content type changed.

#include "chaincode/records/purposes.h"

#include <functional>

#include "chaincode/contracts/data/arguments.h"
#include "chaincode/proposal.h"
#include "chaincode/records/device_record.h"
#include "chaincode/records/key_rotation.h"
#include "chaincode/records/possession.h"
#include "tests/unit/chaincode/contracts/metering_fixture.h"

namespace tally::chaincode::test {
namespace {

const auto kSigningKey = *crypto::PrivateKey::from_raw(crypto::Algorithm::ed25519, Bytes(32, 1));

template <class T>
std::optional<Code> refusal(const Result<T>& result) {
    return result ? std::nullopt : std::optional(result.error().code);
}

struct Purpose {
    std::string_view content_type;
    Bytes message;
    std::function<std::optional<Code>(ByteView)> read;
};

std::vector<Purpose> purposes() {
    const auto drafted = draft("meter-1", 1, kMonday, hourly());
    crypto::Sign1Options options;
    options.headers.content_type = kProposalContentType;
    options.headers.x5chain = {Bytes(8, 1)};
    const auto proposal = crypto::CborWriter()
                              .array(8)
                              .uint(1)
                              .text("main")
                              .text("data")
                              .text("publish")
                              .text("{}")
                              .array(0)
                              .bytes(Bytes(16, 1))
                              .uint(1)
                              .take();
    return {
        {kRecordContentType, sign_record(kSigningKey, "main", drafted.record),
         [](auto in) { return refusal(decode_record(in)); }},
        {kPossessionContentType, sign_possession(kSigningKey, "main", {"GridCo", "meter-1"}),
         [](auto in) { return refusal(decode_possession(in)); }},
        {kRotationContentType, sign_key_rotation(kSigningKey, "main", {"meter-1", 2, kSigningKey.public_key().spki()}),
         [](auto in) { return refusal(decode_key_rotation(in)); }},
        {kProposalContentType, crypto::sign1(kSigningKey, proposal, options),
         [](auto in) { return refusal(SignedProposal::decode(in, 1 << 20)); }},
    };
}

TEST(Purposes, AMessageIsReadForItsOwnPurposeAlone) {
    const auto all = purposes();
    ASSERT_EQ(all.size(), kContentTypes.size());
    for (const auto& message : all) {
        for (const auto& reader : all) {
            const auto refused = reader.read(message.message);
            if (message.content_type == reader.content_type) {
                EXPECT_FALSE(refused) << reader.content_type << ": " << refused->name();
            } else {
                EXPECT_EQ(refused, Code::malformed) << message.content_type << " read as " << reader.content_type;
            }
        }
    }
}

// The content type is signed: with another one the signature does not hold.
TEST(Purposes, TheContentTypeCannotBeChanged) {
    for (const auto& purpose : purposes()) {
        auto cose = *crypto::Sign1::decode(purpose.message);
        const ByteView aad = purpose.content_type == kProposalContentType ? ByteView() : as_bytes("main");
        ASSERT_OK(cose.verify(kSigningKey.public_key(), aad));
        for (const auto other : kContentTypes) {
            if (other == purpose.content_type) continue;
            auto headers = cose.headers;
            headers.content_type = other;
            const auto changed = crypto::encode_sign1(headers.encode(), {}, &cose.payload, cose.signature);
            EXPECT_EQ(code_of(crypto::Sign1::decode(changed)->verify(kSigningKey.public_key(), aad)),
                      Code::bad_signature);
        }
    }
}

Result<json::value> verify_record(Stub& stub, const data::Find&) {
    TRY(stub.verify_attachment(kSigningKey.public_key(), 0, kRecordContentType));
    return json::value("verified");
}

// A contract that asks for a signature says for what.
TEST(Purposes, AContractVerifiesAnAttachmentForOnePurpose) {
    Contract contract("asks", 1, "");
    contract.add(&verify_record,
                 {.name = "verify_record", .summary = "", .writes = true, .attachments = {{"a message"}}});
    ContractSet contracts;
    contracts.add(std::move(contract));
    const MemoryState state;
    for (const auto& purpose : purposes()) {
        Invocation invocation{crypto::sha256({}),
                              "main",
                              "asks",
                              "verify_record",
                              R"({"content_id":"1"})",
                              {purpose.message},
                              1,
                              {"GridCo", "client", "ada", {}}};
        const auto simulated = simulate(contracts, state, invocation, nullptr);
        if (purpose.content_type == kRecordContentType) {
            ASSERT_OK(simulated);
        } else {
            EXPECT_REFUSED(simulated, Code::malformed, purpose.content_type);
        }
    }
}

}  // namespace
}  // namespace tally::chaincode::test
