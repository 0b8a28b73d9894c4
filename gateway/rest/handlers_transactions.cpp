#include "gateway/rest/answers.h"
#include "gateway/rest/handlers.h"

namespace tally::gateway::handlers {

namespace {

Wait wait_of(const Call& call) { return call.text("wait") == "accepted" ? Wait::accepted : Wait::committed; }

}  // namespace

void publish_record(const Services& services, Call call) {
    auto done = [responder = call.responder](Result<RecordOutcome> outcome) {
        if (!outcome) return responder.send(outcome.error());
        json::object body{{"content_id", outcome->content_id},
                          {"duplicate", outcome->duplicate},
                          {"transaction", transaction_json(outcome->transaction)}};
        responder.send(transaction_response(outcome->transaction, std::move(body), responder.request_id()));
    };
    const auto wait = wait_of(call);
    services.backend->submissions.publish(std::move(call.request.body), media_type(call.request.content_type),
                                          *call.caller, wait, std::move(done));
}

void submit_proposal(const Services& services, Call call) {
    const auto wait = wait_of(call);
    services.backend->submissions.submit(
        *call.caller, std::move(call.request.body), wait,
        [responder = call.responder](Result<TransactionStatus> status) {
            if (!status) return responder.send(status.error());
            responder.send(transaction_response(*status, transaction_json(*status), responder.request_id()));
        });
}

void apply_configuration(const Services& services, Call call) {
    const auto hash = crypto::Hash::from_hex(*call.text("config"));
    if (!hash) return call.responder.send(hash.error().within("\"config\""));
    services.backend->submissions.apply_configuration(
        *call.caller, *hash, [responder = call.responder](const Result<TransactionStatus>& status) {
            if (!status) return responder.send(status.error());
            responder.send(transaction_response(*status, transaction_json(*status), responder.request_id()));
        });
}

void evaluate_proposal(const Services& services, Call call) {
    auto& queries = services.backend->queries;
    if (call.flag(kAttest))
        return queries.attest(*call.caller, std::move(call.request.body), answer_bytes(call.responder, kCbor));
    queries.evaluate(*call.caller, std::move(call.request.body), answer_json(call.responder));
}

Result<Response> transaction_status(const Services& services, Call& call) {
    const auto id = TRY(parse_transaction_id(*call.text("id")));
    const auto status = TRY(services.backend->ledger.status(id));
    return json_response(transaction_json(status));
}

void transaction_receipt(const Services& services, Call call) {
    const auto id = parse_transaction_id(*call.text("id"));
    if (!id) return call.responder.send(id.error());
    const auto posted = services.backend->ledger.post(
        *call.caller, [&ledger = services.backend->ledger, caller = *call.caller, id = *id,
                       responder = call.responder] { ledger.receipt(caller, id, answer_bytes(responder, kCose)); });
    if (!posted) call.responder.send(posted.error());
}

Result<Response> transaction_raw(const Services& services, Call& call) {
    const auto id = TRY(parse_transaction_id(*call.text("id")));
    const auto transaction = TRY(services.backend->ledger.transaction(id));
    return bytes_response(transaction, "application/octet-stream");
}

}  // namespace tally::gateway::handlers
