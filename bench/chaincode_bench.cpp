// What a device's day costs: at the device, at an endorser, and when it is asked for.

#include <benchmark/benchmark.h>

#include <map>

#include "chaincode/contract.h"
#include "chaincode/execute.h"
#include "chaincode/json/strict_json.h"
#include "chaincode/records/possession.h"
#include "chaincode/records/series.h"
#include "storage/apply.h"
#include "tests/unit/chaincode/standard_contracts.h"

namespace {

using namespace tally;
using namespace tally::chaincode;

constexpr std::int64_t kDay = 86'400;
constexpr std::int64_t kStart = 1'749'945'600;  // 2025-06-15

// The world state in a map; enough for contracts.
class MapState : public storage::LedgerState {
  public:
    Result<std::optional<storage::VersionedValue>> get(const storage::StateKey& key) const override {
        const auto found = values_.find(key);
        if (found == values_.end()) return std::nullopt;
        return found->second;
    }
    Status scan(std::string_view space, std::string_view start, std::string_view end, bool,
                const Visit& visit) const override {
        for (auto at = values_.lower_bound({std::string(space), std::string(start)}); at != values_.end(); ++at) {
            if (at->first.space != space || (!end.empty() && at->first.key >= end) || !visit(at->first.key, at->second))
                break;
        }
        return {};
    }
    std::optional<std::uint64_t> height() const override { return block_; }
    Result<std::vector<storage::HistoryEntry>> history(const storage::StateKey&, storage::Version,
                                                       std::size_t) const override {
        return std::vector<storage::HistoryEntry>{};
    }
    Result<Bytes> transaction_bytes(const crypto::Hash&) const override {
        return fail(Code::not_found, "no transactions are kept");
    }

    void apply(const Invocation& invocation) {
        const auto simulation = simulate(test::standard_contracts(), *this, invocation, nullptr);
        TALLY_INVARIANT(simulation, simulation.error().message);
        const storage::CheckedTransaction transaction{invocation.id, storage::ValidationCode::VALID, *simulation};
        const auto effects = storage::apply_block(++block_, {&transaction, 1}, *this);
        for (const auto& update : effects->updates) values_[update.key] = {*update.value, update.version};
    }

  private:
    std::map<storage::StateKey, storage::VersionedValue> values_;
    std::uint64_t block_ = 0;
};

std::vector<Field> seven_fields() {
    std::vector<Field> fields;
    for (int i = 0; i < 7; ++i) fields.push_back({fmt::format("field_{}", i), "W", -2});
    return fields;
}

struct Day {
    DeviceRecord record;
    Bytes series;

    explicit Day(std::int64_t number = 0, std::optional<crypto::Hash> previous = {}) {
        record.device = "meter-1";
        record.sequence = number + 1;
        record.start_s = kStart + number * kDay;
        record.end_s = record.start_s + kDay;
        record.polling_interval_s = 60;
        record.fields = seven_fields();
        record.previous = previous;
        SeriesWriter writer(7);
        std::vector<std::optional<std::int64_t>> row(7);
        for (std::int64_t minute = 0; minute < 1440; ++minute) {
            for (std::int64_t i = 0; i < 7; ++i) row[static_cast<std::size_t>(i)] = 20'000 + minute * (i + 1) % 977;
            TALLY_INVARIANT(writer.add(minute * 60, row), "rows rise");
        }
        record.summary = *writer.summary();
        record.root = writer.root();
        series = writer.take();
        record.series = series;
    }
    Day(const Day&) = delete;
};

const crypto::PrivateKey& device_key(crypto::Algorithm algorithm) {
    static const auto ed25519 = *crypto::PrivateKey::from_raw(crypto::Algorithm::ed25519, Bytes(32, 1));
    static const auto p256 = *crypto::PrivateKey::from_raw(crypto::Algorithm::p256, Bytes(32, 1));
    return algorithm == crypto::Algorithm::p256 ? p256 : ed25519;
}

Invocation invocation_of(std::string_view contract, std::string_view function, std::string arguments,
                         std::vector<ByteView> attachments = {}) {
    static std::uint8_t count = 0;
    return {crypto::sha256(Bytes(40, ++count)),
            "main",
            std::string(contract),
            std::string(function),
            std::move(arguments),
            std::move(attachments),
            (kStart + 365 * kDay) * 1000,
            {"GridCo", "admin", "ada", {}}};
}

// A ledger with one device.
MapState registered(crypto::Algorithm algorithm) {
    MapState state;
    json::array fields;
    for (const auto& field : seven_fields()) fields.push_back(to_json(field));
    state.apply(invocation_of("registry", "register_schema",
                              json_text(json::object{{"id", "site"}, {"version", 1}, {"fields", fields}})));
    const json::object device{
        {"id", "meter-1"},
        {"shard", "north"},
        {"public_key", device_key(algorithm).public_key().pem()},
        {"proof", to_base64(sign_possession(device_key(algorithm), "main", {"GridCo", "meter-1"}))},
        {"schemas", json::array{"site@1"}},
        {"polling_interval_s", 60},
        {"keepalive_interval_s", 3600}};
    state.apply(invocation_of("registry", "register_device", json_text(device)));
    return state;
}

void decode_day(benchmark::State& state) {
    const auto message = sign_record(device_key(crypto::Algorithm::p256), "main", Day().record);
    for (auto _ : state) benchmark::DoNotOptimize(decode_record(message));
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(message.size()));
}
BENCHMARK(decode_day)->Unit(benchmark::kMicrosecond);

void read_rows_of_day(benchmark::State& state) {
    const Day day;
    for (auto _ : state) {
        RowReader rows(day.record, day.series);
        while (rows.next()) benchmark::DoNotOptimize(rows.offset());
    }
}
BENCHMARK(read_rows_of_day)->Unit(benchmark::kMicrosecond);

void check_series_of_day(benchmark::State& state) {
    const Day day;
    for (auto _ : state) {
        if (!check_series(day.record, day.series)) state.SkipWithError("the series was refused");
    }
}
BENCHMARK(check_series_of_day)->Unit(benchmark::kMicrosecond);

void build_day(benchmark::State& state) {
    for (auto _ : state) benchmark::DoNotOptimize(Day().record.root);
}
BENCHMARK(build_day)->Unit(benchmark::kMicrosecond);

void sign_day(benchmark::State& state) {
    const Day day;
    const auto& key = device_key(static_cast<crypto::Algorithm>(state.range(0)));
    for (auto _ : state) benchmark::DoNotOptimize(sign_record(key, "main", day.record));
}
BENCHMARK(sign_day)->ArgName("p256")->Arg(0)->Arg(1)->Unit(benchmark::kMicrosecond);

void simulate_publish(benchmark::State& state) {
    const auto algorithm = static_cast<crypto::Algorithm>(state.range(0));
    const auto ledger = registered(algorithm);
    const auto message = sign_record(device_key(algorithm), "main", Day().record);
    const auto invocation = invocation_of("data", "publish", R"({"format":"record"})", {message});
    for (auto _ : state) {
        if (!simulate(test::standard_contracts(), ledger, invocation, nullptr))
            state.SkipWithError("the record was refused");
    }
}
BENCHMARK(simulate_publish)->ArgName("p256")->Arg(0)->Arg(1)->Unit(benchmark::kMicrosecond);

// A charging session that a meter in the field has signed, beside a day (simulate_publish/p256:1): both have one P-256
// signature.
void simulate_publish_ocmf(benchmark::State& state) {
    auto ledger = registered(crypto::Algorithm::ed25519);
    const auto& key = device_key(crypto::Algorithm::p256);
    ledger.apply(invocation_of("registry", "register_device",
                               json_text(json::object{{"id", "SN-1"},
                                                      {"shard", "north"},
                                                      {"profile", "ocmf-1"},
                                                      {"public_key", to_hex(key.public_key().spki())},
                                                      {"schemas", json::array{}},
                                                      {"polling_interval_s", 900},
                                                      {"keepalive_interval_s", 86'400}})));
    const auto reading = [](std::string_view place, std::string_view time, std::string_view value) {
        return fmt::format(
            R"({{"TM":"2025-06-16T{}:00,000+0000 S","TX":"{}","RV":{},"RI":"1-b:1.8.0","RU":"kWh","ST":"G"}})", time,
            place, value);
    };
    const auto payload = fmt::format(
        R"({{"FV":"1.0","GI":"gateway","GS":"1","GV":"2","PG":"T1","MV":"maker","MM":"model","MS":"SN-1","MF":"1.0",)"
        R"("IS":true,"IL":"VERIFIED","IT":"ISO14443","ID":"1F2D3A4F5506C7","RD":[{},{},{}]}})",
        reading("B", "10:00", "2935.6"), reading("C", "10:30", "2940.1"), reading("E", "11:00", "2945.2"));
    const auto message =
        to_bytes(fmt::format(R"(OCMF|{}|{{"SD":"{}"}})", payload, to_hex(key.sign(as_bytes(payload)))));
    const auto invocation = invocation_of("data", "publish_ocmf", "{}", {message});
    for (auto _ : state) {
        if (!simulate(test::standard_contracts(), ledger, invocation, nullptr))
            state.SkipWithError("the record was refused");
    }
}
BENCHMARK(simulate_publish_ocmf)->Unit(benchmark::kMicrosecond);

void parse_json_of_a_document(benchmark::State& state) {
    json::array list;
    for (const auto& field : seven_fields()) list.push_back(to_json(field));
    const auto text = json_text(json::object{{"id", "site"}, {"version", 1}, {"fields", list}});
    for (auto _ : state) benchmark::DoNotOptimize(parse_json(text, "it"));
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK(parse_json_of_a_document)->Unit(benchmark::kMicrosecond);

void query_90_days(benchmark::State& state) {
    auto ledger = registered(crypto::Algorithm::ed25519);
    std::optional<crypto::Hash> previous;
    for (std::int64_t number = 0; number < 90; ++number) {
        const Day day(number, previous);
        previous = content_id_of(day.record);
        const auto message = sign_record(device_key(crypto::Algorithm::ed25519), "main", day.record);
        ledger.apply(invocation_of("data", "publish", R"({"format":"record"})", {message}));
    }
    const auto invocation = invocation_of(
        "data", "days", fmt::format(R"({{"device":"meter-1","from":{},"to":{}}})", kStart, kStart + 90 * kDay));
    for (auto _ : state) {
        const auto days = evaluate(test::standard_contracts(), ledger, invocation);
        if (!days || days->at("days").as_array().size() != 90) state.SkipWithError("90 days are expected");
    }
}
BENCHMARK(query_90_days)->Unit(benchmark::kMicrosecond);

}  // namespace

BENCHMARK_MAIN();
