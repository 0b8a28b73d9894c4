#pragma once
// An answer file: what a query answered at one block, attested by enough organizations. It is verified offline, like a
// receipt. Deterministic CBOR:
//
//   { 1: "tally-answer/1", 2: question, 3: statement, 4: result (JSON text), 5: [ [signature, certificate DER], ... ] }
//
// The question is the proposal that the caller signed. The statement is a byte string that holds the CBOR array
//
//   [1, question id, channel, configuration hash, contract, version, function, arguments (JSON text),
//    caller's organization, caller's role, time (ms), block number, block hash, block time (ms), SHA-256 of the result]
//
// where the time is that of the question. Each endorser signs the statement: a COSE_Sign1 message with the statement as
// detached payload, the content type "application/tally-answer+cbor" and the SHA-256 of the certificate as kid. The
// file counts when the endorsers satisfy the contract's endorsement policy by the configuration that the statement
// names. Their certificates are judged at the block's time, the caller's at the question's.
//
// Functions are pure; any thread.

#include <string>
#include <vector>

#include "chaincode/contract.h"
#include "chaincode/proposal.h"
#include "node/channel/checks.h"
#include "node/channel/identity.h"
#include "node/channel/membership.h"

namespace tally::node {

struct AnswerStatement {
    storage::TransactionId question;
    std::string channel;
    crypto::Hash config;
    std::string contract;
    std::uint32_t version = 0;  // of the contract
    std::string function;
    std::string arguments;  // JSON
    std::string organization;
    std::string role;
    std::int64_t time_ms = 0;
    storage::BlockNumber block = 0;
    crypto::Hash block_hash;
    std::int64_t block_time_ms = 0;
    crypto::Hash result;

    friend bool operator==(const AnswerStatement&, const AnswerStatement&) = default;
};

[[nodiscard]] Bytes encode_statement(const AnswerStatement& statement);
// malformed or unsupported.
[[nodiscard]] Result<AnswerStatement> decode_statement(ByteView encoded);

// One endorser's signature on a statement.
struct AnswerSignature {
    Bytes signature;  // COSE_Sign1
    Bytes certificate;
};

[[nodiscard]] AnswerSignature sign_answer(const Identity& signer, ByteView statement);
// Who signed, when the signature holds and the certificate counts at the block's time.
[[nodiscard]] Result<chaincode::Caller> verify_answer_signature(ByteView signature, const Bytes& certificate,
                                                                ByteView encoded_statement,
                                                                const AnswerStatement& statement,
                                                                const Membership& membership);

[[nodiscard]] Bytes make_answer_file(ByteView question, ByteView statement, std::string_view result,
                                     const std::vector<AnswerSignature>& signatures);
[[nodiscard]] bool is_answer_file(ByteView file);  // by its first bytes

struct AnswerFacts {
    AnswerStatement statement;
    chaincode::Caller caller;
    std::string result;                // JSON
    std::vector<std::string> signers;  // "name of organization"
};

// Checks everything that the file claims against the configuration of the channel that was in force. `checks` is told
// of each check.
[[nodiscard]] Result<AnswerFacts> verify_answer_file(ByteView file, const Membership& membership, Checks& checks);

}  // namespace tally::node
