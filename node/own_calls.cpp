#include "node/own_calls.h"

#include <future>

#include "chaincode/json/strict_json.h"
#include "chaincode/proposal.h"
#include "node/threads/stopwatch.h"

namespace tally::node {

namespace json = boost::json;

namespace {

constexpr unsigned kOwnAttempts = 5;  // when another node does the same at the same time

bool came_between(storage::ValidationCode code) {
    return code == storage::ValidationCode::MVCC_READ_CONFLICT ||
           code == storage::ValidationCode::PHANTOM_READ_CONFLICT;
}

}  // namespace

OwnCalls::OwnCalls(Parts parts)
    : parts_(std::move(parts)), organization_(parts_.identity.get().certificate().subject().organization) {}

Result<json::value> OwnCalls::query(std::string_view contract, std::string_view function,
                                    const json::object& arguments) {
    if (parts_.stop.stop_requested()) return fail(Code::unavailable, "the node stops");
    const auto own = parts_.identity.get();
    const auto& subject = own.certificate().subject();
    return parts_.evaluator.query(
        {subject.organization, subject.organizational_unit, subject.common_name, own.certificate().der()},
        std::string(contract), std::string(function), chaincode::json_text(arguments), now_ms());
}

Result<json::value> OwnCalls::run(std::string_view contract, std::string_view function, std::string arguments,
                                  std::vector<ByteView> attachments) {
    std::uint64_t bytes = arguments.size();
    for (const auto each : attachments) bytes += each.size();
    const std::vector<Bytes> kept = [&] {  // the submission may outlive a wait that ends early
        std::vector<Bytes> out;
        for (const auto each : attachments) out.push_back(to_bytes(each));
        return out;
    }();
    for (unsigned attempt = 1;; ++attempt) {
        const auto own = parts_.identity.get();
        const auto promise = std::make_shared<std::promise<Result<Submission>>>();
        auto future = promise->get_future();
        parts_.submitter.submit_own(
            organization_, bytes,
            [own, channel = parts_.channel, contract = std::string(contract), function = std::string(function),
             arguments, kept] {
                const std::vector<ByteView> views(kept.begin(), kept.end());
                return Submitter::OwnProposal{chaincode::sign_proposal(
                    own.key, own.chain, {channel, contract, function, arguments, views, {}, now_ms()})};
            },
            own.key.public_key(), true, [promise](Result<Submission> done) { promise->set_value(std::move(done)); });
        while (future.wait_for(std::chrono::milliseconds(100)) != std::future_status::ready) {
            if (parts_.stop.stop_requested()) return fail(Code::unavailable, "the node stops");
        }
        const auto done = TRY(future.get());
        if (done.outcome.code == storage::ValidationCode::VALID)
            return chaincode::parse_json(done.outcome.result, "the contract's answer");
        if (!came_between(done.outcome.code) || attempt == kOwnAttempts)
            return fail(Code::conflict, "the transaction {} is {}: {}", done.id.hex(), code_name(done.outcome.code),
                        done.outcome.reason);
    }
}

Result<Bytes> OwnCalls::raw_transaction(const std::string& id) {
    const auto hash = TRY(crypto::Hash::from_hex(id));
    const auto place = TRY(parts_.ledger.find(hash));
    if (!place) return fail(Code::not_found, "there is no transaction {}", id);
    return parts_.ledger.transaction(place->block, place->index);
}

}  // namespace tally::node
