#include "node/cli/attest.h"

#include "chaincode/json/strict_json.h"
#include "node/channel/answer_file.h"
#include "node/cli/command.h"
#include "node/ledgers/channel_ledger.h"
#include "storage/files.h"

namespace tally::node::cli {
namespace {

constexpr std::size_t kMaxAnswer = 256U << 20;

}  // namespace

void add_attest_options(CLI::App& command, AttestOptions& options) {
    command.add_option("--attest", options.file, "Have enough organizations sign the answer; write it to this file");
    command.add_option("--attest-config", options.config,
                       "channel.json or genesis.block that the answer is checked against (default: the profile's)");
}

Result<boost::json::value> attested_query(MemberClient& member, std::string_view contract, std::string_view function,
                                          const boost::json::object& arguments, const AttestOptions& options) {
    const auto& config = options.config.empty() ? member.profile().genesis : options.config;
    if (config.empty())
        return fail(Code::invalid_argument,
                    "an attested answer is checked against the channel's configuration: name one with --attest-config");
    const auto membership = TRY(Membership::from(TRY(read_channel_file(config))));
    const auto answer = TRY(member.ask_attested(contract, function, arguments));
    Checks checks;
    const auto facts = verify_answer_file(answer.file, *membership, checks);
    if (!facts) {
        return fail(Code::bad_proof, "what the gateway gave proves nothing by {}: {} [{}]", config.string(),
                    facts.error().message, facts.error().code.name());
    }
    const auto question = TRY(chaincode::SignedProposal::decode(answer.question, answer.question.size()));
    if (facts->statement.question != question.id)
        return fail(Code::bad_proof, "the gateway gave the answer to another question");
    TRY(storage::write_file(options.file, answer.file));
    say_done(fmt::format("{}: the answer at block {}, signed by {}", options.file.string(), facts->statement.block,
                         fmt::join(facts->signers, ", ")));
    return chaincode::parse_json(facts->result, "the answer", {.max_bytes = kMaxAnswer, .max_depth = 32});
}

}  // namespace tally::node::cli
