#include "node/backend/transaction_status.h"

#include "chaincode/json/strict_json.h"
#include "storage/model/read_transaction.h"

namespace tally::node {

gateway::TransactionStatus status_of(const Submission& submission) {
    gateway::TransactionStatus status;
    status.id = submission.id;
    status.state = submission.committed ? gateway::TransactionStatus::State::committed
                                        : gateway::TransactionStatus::State::pending;
    status.code = submission.outcome.code;
    status.block = submission.outcome.block;
    status.index = submission.outcome.index;
    if (!submission.outcome.result.empty()) {
        auto result = chaincode::parse_json(submission.outcome.result, "the result", {.max_bytes = 64U << 20});
        if (result) status.result = std::move(*result);
    }
    return status;
}

Result<gateway::TransactionStatus> find_status(const storage::Ledger& ledger, const Waiting& waiting,
                                               const storage::TransactionId& id) {
    gateway::TransactionStatus status;
    status.id = id;
    if (const auto location = TRY(ledger.find(id))) {
        Submission found{id, {location->code, {}, location->block, location->index, {}}, true};
        const auto bytes = ledger.transaction(location->block, location->index);
        if (!bytes && bytes.error().code == Code::not_kept) return status_of(found);
        if (!bytes) return std::unexpected(bytes.error());
        const auto transaction = TRY(storage::read_transaction(*bytes, "a transaction"));
        found.outcome.result = TRY(storage::read_simulation(transaction.simulation, "a simulation")).result;
        return status_of(found);
    }
    if (waiting.contains(id)) status.state = gateway::TransactionStatus::State::pending;
    return status;
}

}  // namespace tally::node
