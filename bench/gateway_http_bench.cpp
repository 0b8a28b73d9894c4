// Requests per second through TLS, HTTP, identity and routing, before a ledger that answers at once. Clients and server
// share the machine's cores, so a server alone does better.

#include <benchmark/benchmark.h>

#include <chrono>

#include "chaincode/json/strict_json.h"
#include "gateway/http/client.h"
#include "gateway/http/server.h"
#include "gateway/rest/api.h"
#include "gateway/rest/token.h"
#include "tests/unit/gateway/make_token.h"

namespace {

using namespace tally;
using namespace tally::gateway;

std::int64_t now_ms() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
        .count();
}

class InstantBackend : public Operations, public Submissions, public Queries, public LedgerReads {
  public:
    Result<Caller> identify(std::span<const crypto::Certificate> chain) override {
        return Caller{"OrgA", "client", chain.front().subject().common_name, chain.front().der()};
    }
    void publish(Bytes record, std::string, Caller, Wait, Done<RecordOutcome> done) override {
        RecordOutcome outcome;
        outcome.transaction.state = TransactionStatus::State::committed;
        outcome.transaction.block = record.size();
        outcome.content_id = std::string(64, '0');
        done(std::move(outcome));
    }
    void submit(Caller, Bytes, Wait, Done<TransactionStatus> done) override { done(TransactionStatus{}); }
    void apply_configuration(const Caller&, const crypto::Hash&, Done<TransactionStatus> done) override {
        done(TransactionStatus{});
    }
    void evaluate(Caller, Bytes, Done<std::string> done) override { done("null"); }
    void attest(Caller, Bytes, Done<Bytes> done) override { done(Bytes()); }
    void query(Caller, std::string, std::string, json::object arguments, Done<std::string> done) override {
        done(chaincode::json_text(arguments));
    }
    Status post(const Caller&, std::function<void()> task) override {
        task();
        return {};
    }
    Result<TransactionStatus> status(const storage::TransactionId& id) override {
        TransactionStatus status;
        status.id = id;
        return status;
    }
    Result<Bytes> transaction(const storage::TransactionId&) override { return Bytes(); }
    void receipt(const chaincode::Caller&, const storage::TransactionId&, Done<Bytes> done) override { done(Bytes()); }
    Result<std::uint64_t> height() override { return 1; }
    Result<json::object> block(std::uint64_t, bool) override { return json::object(); }
    Result<Bytes> raw_block(std::uint64_t) override { return Bytes(); }
    Result<json::object> checkpoint(std::optional<std::uint64_t>) override { return json::object(); }
    Result<json::object> consistency(std::uint64_t, std::uint64_t) override { return json::object(); }
    Result<json::object> begin_snapshot() override { return json::object(); }
    json::object snapshot() override { return {}; }
    Result<Bytes> snapshot_part(std::uint64_t, std::uint64_t) override { return Bytes(); }
    Result<EventPage> events(EventCursor from, const EventFilter&, std::size_t) override { return EventPage{{}, from}; }
    std::shared_ptr<void> on_commit(std::function<void()>) override { return nullptr; }
    chaincode::ContractSet contracts() override { return contracts_; }
    const chaincode::ContractSet& documented_contracts() override { return contracts_; }
    std::string channel() override { return "metering"; }
    std::string metrics() override { return {}; }
    Health health() override { return {true, {}}; }
    Health ready() override { return {true, {}}; }
    json::object node() override { return {}; }

  private:
    chaincode::ContractSet contracts_;
};

// One server for all benchmarks of the process.
struct Site {
    Site() {
        const crypto::Name root_name{"root", "OrgA", "admin"};
        const std::int64_t hour = 3'600'000;
        const auto root_key = crypto::PrivateKey::generate(crypto::Algorithm::p256);
        root = crypto::issue_root(root_key, root_name, now_ms() - hour, now_ms() + hour).pem();
        const auto root_certificate = *crypto::Certificate::from_pem(root);
        const auto issue = [&](const std::string& name) {
            const auto key = crypto::PrivateKey::generate(crypto::Algorithm::p256);
            crypto::Issue what{.subject = {name, "OrgA", "client"}, .key = key.public_key()};
            what.not_before_ms = now_ms() - hour;
            what.not_after_ms = now_ms() + hour;
            what.dns_or_ip = {"localhost"};
            return TlsIdentity{crypto::issue(root_key, root_certificate, what)->pem(), key.pem()};
        };
        client = issue("meters-1");
        ServerOptions options;
        options.tls = issue("gateway");
        server = std::make_unique<HttpServer>(options, api);
        if (!server->start()) std::abort();
    }

    [[nodiscard]] ClientOptions options() const {
        ClientOptions options;
        options.base_url = fmt::format("https://localhost:{}", server->port());
        options.roots_pem = root;
        options.identity = client;
        return options;
    }

    static RestOptions without_rates() {
        RestOptions options;
        options.per_identity = options.per_address = {1e9, 1e9};
        return options;
    }

    InstantBackend backend;
    RestApi api{backend, {backend, backend, backend}, without_rates()};
    std::string root;
    TlsIdentity client;
    std::unique_ptr<HttpServer> server;
};

Site& site() {
    static Site kept;
    return kept;
}

void post_records(benchmark::State& state) {
    auto client = *HttpClient::create(site().options());
    const Bytes record(static_cast<std::size_t>(state.range(0)), 0x5a);
    for (auto _ : state) {
        const auto response = client.post("/v1/records", record, "application/cose");
        if (!response || response->status != 200) return state.SkipWithError("a record was not taken");
    }
    state.SetItemsProcessed(state.iterations());
    state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(post_records)->Arg(200)->Arg(40 << 10)->ThreadRange(1, 8)->UseRealTime();

void get_status(benchmark::State& state) {
    auto client = *HttpClient::create(site().options());
    const std::string path = "/v1/transactions/" + std::string(64, 'a');
    for (auto _ : state) {
        const auto response = client.get(path);
        if (!response || response->status != 200) return state.SkipWithError("no status");
    }
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(get_status)->ThreadRange(1, 8)->UseRealTime();

void connect_and_get(benchmark::State& state) {
    auto client = *HttpClient::create(site().options());
    for (auto _ : state) {
        const auto response = client.get("/version", {{"Connection", "close"}});
        if (!response || response->status == 500) return state.SkipWithError("no version");
    }
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(connect_and_get)->UseRealTime();

void admit_a_token(benchmark::State& state) {
    const auto key = *crypto::PrivateKey::from_pem(site().client.key_pem);
    const auto chain = *crypto::Certificate::chain_from_pem(site().client.certificate_pem);
    const auto text = test::make_token(key, chain, "metering", now_ms());
    for (auto _ : state) {
        const auto token = parse_token(text);
        benchmark::DoNotOptimize(check_token(*token, "metering", now_ms()));
    }
}
BENCHMARK(admit_a_token);

}  // namespace

BENCHMARK_MAIN();
