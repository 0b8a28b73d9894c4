// The REST interface, call by call. The paths of contracts' queries are declared with the contracts (router.h).

#include "gateway/rest/answers.h"
#include "gateway/rest/console_routes.h"
#include "gateway/rest/handlers.h"
#include "gateway/rest/route.h"

namespace tally::gateway {

namespace {

using enum Method;

constexpr std::uint64_t kMaxRecord = 1 << 20;
constexpr std::uint64_t kMaxProposal = 1 << 20;
constexpr std::uint64_t kMaxArguments = 256 << 10;

const Parameter kTransactionId{"id", Type::text, true, "64 hexadecimal digits", {}};
const Parameter kWait{"wait",
                      Type::text,
                      false,
                      "answer when committed (default) or when accepted for ordering",
                      {"committed", "accepted"}};
const Parameter kAttested{
    std::string(kAttest), Type::boolean, false, "have enough organizations sign the answer of a query", {}};
const Parameter kHeaderOnly{"header_only", Type::boolean, false, "leave the transactions out", {}};

const RequestBody kProposal{{kCose}, "A signed proposal (COSE_Sign1)", kMaxProposal};
const std::vector<Answer> kTransactionAnswers{{200, kJson, "Transaction", "Committed and valid"},
                                              {202, kJson, "Transaction", "Accepted; its code is not known yet"}};

std::vector<Route> record_routes() {
    return {
        {post,
         "/v1/records",
         "publish_record",
         "records",
         "Publish a record that a device has signed",
         &handlers::publish_record,
         {kWait},
         RequestBody{{kCose, kVitroBlock, kOcmf},
                     "A signed device record: Tally's COSE_Sign1, a Vitro IoT Block, or an OCMF record",
                     kMaxRecord},
         {{200, kJson, "RecordOutcome", "On the ledger"},
          {202, kJson, "RecordOutcome", "Accepted; its code is not known yet"}},
         {404, 409, 422},
         Access::member,
         {"client", "peer", "admin"}},
        {post,
         "/v1/transactions",
         "submit",
         "transactions",
         "Endorse, order and commit a signed proposal",
         &handlers::submit_proposal,
         {kWait},
         kProposal,
         kTransactionAnswers,
         {404, 409, 422},
         Access::member,
         {},
         "/v1/transactions/"},  // endorsers and orderers judge by the proposal's contract whose word it may be
        {post,
         "/v1/configuration/{config}/apply",
         "apply_configuration",
         "transactions",
         "Put a proposed configuration into force, when enough admins have approved it",
         &handlers::apply_configuration,
         {{"config", Type::text, true, "its hash, 64 hexadecimal digits", {}}},
         {},
         kTransactionAnswers,
         {403, 404, 409, 422},
         Access::member,
         {},
         "/v1/configuration/"},
        {post,
         "/v1/queries",
         "evaluate",
         "transactions",
         "Evaluate a signed proposal and write nothing",
         &handlers::evaluate_proposal,
         {kAttested},
         kProposal,
         {{200, kJson, {}, "The answer"}, {200, kCbor, {}, "The answer; with attest, an answer file"}},
         {404, 409, 410, 422}},
        {get,
         "/v1/transactions/{id}",
         "transaction",
         "transactions",
         "Whether a transaction is unknown, pending or committed",
         Reading{&handlers::transaction_status},
         {kTransactionId},
         {},
         {{200, kJson, "Transaction", {}}},
         {404}},
        {get,
         "/v1/transactions/{id}/receipt",
         "receipt",
         "transactions",
         "The proof that a transaction is on the ledger",
         &handlers::transaction_receipt,
         {kTransactionId},
         {},
         {{200, kCose, {}, "A receipt file (RFC 9942)"}},
         {404, 503}},
        {get,
         "/v1/transactions/{id}/raw",
         "raw_transaction",
         "transactions",
         "A transaction as it is stored",
         Reading{&handlers::transaction_raw},
         {kTransactionId},
         {},
         {{200, "application/octet-stream", {}, "Encoded transaction"}},
         {404}},
    };
}

// What a member reads of the ledger; 404 where it is not there.
Route of_ledger(std::string_view path, std::string_view name, std::string_view summary, Immediate handler,
                std::vector<Parameter> parameters, Answer answer, std::vector<int> problems = {404}) {
    return {get,
            path,
            name,
            "ledger",
            summary,
            Reading{handler},
            std::move(parameters),
            {},
            {std::move(answer)},
            std::move(problems)};
}

std::vector<Route> ledger_routes() {
    return {
        {get,
         "/v1/blocks",
         "blocks",
         "ledger",
         "Blocks from a number on; as a stream, their headers as they are committed, resumed after Last-Event-ID",
         Reading{&handlers::blocks},
         {{"from", Type::number, false, "first block (default 0; of a stream: the next one)", {}},
          {"after", Type::number, false, "instead of from: the block before the first", {}},
          {"limit", Type::number, false, "of a page: at most so many (default 10, at most 100)", {}},
          kHeaderOnly},
         {},
         {{200, kJson, "BlockPage", "A page"}, {200, kEventStream, {}, "A page, or Server-Sent Events"}}},
        of_ledger("/v1/blocks/{number}", "block", "One block", &handlers::block,
                  {{"number", Type::number, true, {}, {}}, kHeaderOnly}, {200, kJson, "Block", {}}),
        of_ledger("/v1/blocks/{number}/raw", "raw_blocks",
                  "Blocks as they are stored, from a number on, each with its length (4 bytes, little-endian) in front",
                  &handlers::raw_blocks,
                  {{"number", Type::number, true, "first block", {}},
                   {"limit",
                    Type::number,
                    false,
                    "at most so many (default 1, at most 100); fewer where they are large",
                    {}}},
                  {200, "application/octet-stream", {}, "Encoded blocks (docs/formats.md)"}, {404, 410}),
        of_ledger("/v1/checkpoints/latest", "latest_checkpoint", "The newest signed tree head",
                  &handlers::latest_checkpoint, {}, {200, kJson, "Checkpoint", {}}),
        of_ledger("/v1/checkpoints/{block}", "checkpoint", "The signed tree head after a block", &handlers::checkpoint,
                  {{"block", Type::number, true, {}, {}}}, {200, kJson, "Checkpoint", {}}),
        of_ledger(
            "/v1/checkpoints/{block}/consistency", "consistency", "The proof that history was only appended to",
            &handlers::consistency,
            {{"block", Type::number, true, {}, {}}, {"from", Type::number, true, "the earlier checkpoint's block", {}}},
            {200, kJson, "Consistency", {}}),
        {get,
         "/v1/events",
         "events",
         "ledger",
         "Contract events as they are committed; resumes after Last-Event-ID",
         &handlers::events,
         {{"from_block", Type::number, false, "first block (default: the next one)", {}},
          {"contract", Type::text, false, "only of this contract", {}},
          {"event", Type::text, false, "only of this name", {}}},
         {},
         {{200, kEventStream, {}, "Server-Sent Events"}},
         {406, 503}},
    };
}

std::vector<Route> registration_routes() {
    return {
        {get,
         "/v1/registrations",
         "registrations",
         "devices",
         "Devices that ask to be registered, with a certificate under a trust anchor; kept by this gateway alone",
         Reading{&handlers::registrations},
         {{"device", Type::text, false, "this one alone", {}}},
         {},
         {{200, kJson, "Registrations", {}}},
         {403, 404}},
    };
}

std::vector<Route> snapshot_routes() {
    return {
        {post,
         "/v1/snapshots",
         "begin_snapshot",
         "snapshots",
         "Make a copy of the ledger as it is now, for a new node; or go on with the one that is being made",
         Reading{&handlers::begin_snapshot},
         {},
         {},
         {{202, kJson, "Snapshot", "As snapshot"}},
         {503},
         Access::member,
         {"admin"}},
        {get,
         "/v1/snapshots",
         "snapshot",
         "snapshots",
         "How far the snapshot is: state is none, running, done or failed",
         Reading{&handlers::snapshot},
         {},
         {},
         {{200, kJson, "Snapshot", {}}},
         {},
         Access::member,
         {"admin"}},
        {get,
         "/v1/snapshots/{block}",
         "snapshot_part",
         "snapshots",
         "Bytes of the finished snapshot, at most 4 MiB",
         Reading{&handlers::snapshot_part},
         {{"block", Type::number, true, "the block that it is of", {}},
          {"offset", Type::number, false, "from this byte on (default 0)", {}}},
         {},
         {{200, "application/octet-stream", {}, "Bytes; none at the end"}},
         {404},
         Access::member,
         {"admin"}},
    };
}

std::vector<Route> contract_routes() {
    return {
        {get,
         "/v1/contracts",
         "contracts",
         "contracts",
         "Contracts, their functions and argument schemas",
         &handlers::list_contracts,
         {},
         {},
         {{200, kJson, "Contracts", {}}}},
        {get,
         "/v1/contracts/{contract}",
         "contract",
         "contracts",
         "One contract",
         &handlers::describe_contract,
         {},
         {},
         {{200, kJson, "Contract", {}}},
         {404}},
        {post,
         "/v1/contracts/{contract}/{function}",
         "query",
         "contracts",
         "Run a query as the identified caller",
         &handlers::query_contract,
         {},
         RequestBody{{kJson}, "The function's arguments", kMaxArguments},
         {},
         {404, 409, 422},
         Access::member,
         {},
         "/v1/contracts/config/"},
    };
}

}  // namespace

const std::vector<Route>& operation_routes() {
    static const std::vector<Route> table{
        {get,
         "/",
         "index",
         "operations",
         "Where to go from here",
         &handlers::index,
         {},
         {},
         {{200, kJson, "Index", {}}},
         {},
         Access::anyone},
        {get,
         "/v1/openapi.json",
         "openapi",
         "operations",
         "This document",
         &handlers::openapi,
         {},
         {},
         {},
         {},
         Access::anyone},
        {get,
         "/healthz",
         "health",
         "operations",
         "Whether the process works",
         &handlers::health,
         {},
         {},
         {{200, kJson, "Health", {}}},
         {503},
         Access::anyone},
        {get,
         "/readyz",
         "ready",
         "operations",
         "Whether clients should be sent here",
         &handlers::ready,
         {},
         {},
         {{200, kJson, "Health", {}}},
         {503},
         Access::anyone},
        {get,
         "/v1/node",
         "node",
         "operations",
         "Height, view, leader, and the peers with their lag and traffic",
         &handlers::node,
         {},
         {},
         {{200, kJson, "Node", {}}},
         {},
         Access::member,
         {},
         "/v1/node/"},  // who proposes or approves a configuration asks which versions are known
        {get,
         "/version",
         "version",
         "operations",
         "Which software this is",
         &handlers::version,
         {},
         {},
         {{200, kJson, "Program", {}}},
         {},
         Access::anyone},
        {get,
         "/metrics",
         "metrics",
         "operations",
         "Figures for Prometheus",
         &handlers::metrics,
         {},
         {},
         {{200, "text/plain", {}, "Prometheus text format"}},
         {},
         Access::operations},
    };
    return table;
}

const std::vector<Route>& routes() {
    static const std::vector<Route> table = [] {
        std::vector<Route> all;
        for (auto part : {record_routes(), ledger_routes(), snapshot_routes(), registration_routes(), contract_routes(),
                          console_routes(), operation_routes()}) {
            all.insert(all.end(), part.begin(), part.end());
        }
        return all;
    }();
    return table;
}

std::optional<std::string> Call::text(std::string_view name) const {
    const auto* value = arguments.if_contains(name);
    if (value == nullptr || !value->is_string()) return std::nullopt;
    return std::string(value->get_string());
}

std::optional<std::uint64_t> Call::number(std::string_view name) const {
    const auto* value = arguments.if_contains(name);
    if (value == nullptr || !value->is_int64()) return std::nullopt;
    return static_cast<std::uint64_t>(value->get_int64());
}

bool Call::flag(std::string_view name) const {
    const auto* value = arguments.if_contains(name);
    return value != nullptr && value->is_bool() && value->get_bool();
}

}  // namespace tally::gateway
