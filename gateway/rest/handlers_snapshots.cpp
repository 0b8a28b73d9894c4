#include "gateway/rest/answers.h"
#include "gateway/rest/handlers.h"

namespace tally::gateway::handlers {

Result<Response> begin_snapshot(const Services& services, Call&) {
    return json_response(TRY(services.backend->ledger.begin_snapshot()), 202);
}

Result<Response> snapshot(const Services& services, Call&) {
    return json_response(services.backend->ledger.snapshot());
}

Result<Response> snapshot_part(const Services& services, Call& call) {
    const auto part =
        TRY(services.backend->ledger.snapshot_part(*call.number("block"), call.number("offset").value_or(0)));
    return bytes_response(part, "application/octet-stream");
}

}  // namespace tally::gateway::handlers
