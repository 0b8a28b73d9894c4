#pragma once
// The handlers that the route table names. See route.h for how they are called.

#include "gateway/rest/route.h"

namespace tally::gateway::handlers {

// handlers_transactions.cpp
void publish_record(const Services& services, Call call);
void submit_proposal(const Services& services, Call call);
void apply_configuration(const Services& services, Call call);
void evaluate_proposal(const Services& services, Call call);
Result<Response> transaction_status(const Services& services, Call& call);
void transaction_receipt(const Services& services, Call call);
Result<Response> transaction_raw(const Services& services, Call& call);

// handlers_ledger.cpp
Result<Response> block(const Services& services, Call& call);
Result<Response> raw_blocks(const Services& services, Call& call);
Result<Response> blocks(const Services& services, Call& call);
Result<Response> latest_checkpoint(const Services& services, Call& call);
Result<Response> checkpoint(const Services& services, Call& call);
Result<Response> consistency(const Services& services, Call& call);
Result<Response> events(const Services& services, Call& call);

// handlers_snapshots.cpp
Result<Response> begin_snapshot(const Services& services, Call& call);
Result<Response> snapshot(const Services& services, Call& call);
Result<Response> snapshot_part(const Services& services, Call& call);

// handlers_contracts.cpp
Result<Response> list_contracts(const Services& services, Call& call);
Result<Response> describe_contract(const Services& services, Call& call);
void query_contract(const Services& services, Call call);
void query_by_path(const Services& services, const ContractQuery& query, Call call);

// handlers_operations.cpp
Result<Response> index(const Services& services, Call& call);
Result<Response> openapi(const Services& services, Call& call);
Result<Response> health(const Services& services, Call& call);
Result<Response> ready(const Services& services, Call& call);
Result<Response> node(const Services& services, Call& call);
Result<Response> registrations(const Services& services, Call& call);
Result<Response> version(const Services& services, Call& call);
Result<Response> metrics(const Services& services, Call& call);

}  // namespace tally::gateway::handlers
