#include "bench/cluster/bench_work.h"

#include "chaincode/json/strict_json.h"
#include "chaincode/proposal.h"
#include "chaincode/records/device_record.h"
#include "chaincode/records/possession.h"
#include "gateway/device_sdk/day_builder.h"
#include "gateway/device_sdk/generator.h"
#include "gateway/device_sdk/meter_csv.h"
#include "node/threads/stopwatch.h"

namespace tally::node::cli {

namespace json = boost::json;
namespace sdk = gateway::device_sdk;

namespace {

constexpr std::size_t kDevicesAtOnce = 500;

// Distinct between runs on one ledger.
std::string run_name() { return fmt::format("bench-{:x}", now_ms()); }

Result<std::string> id_of(const Result<json::value>& answer, bool is_record) {
    if (!answer) return std::unexpected(answer.error());
    const auto* object = answer->if_object();
    if (is_record && object != nullptr) object = object->at("transaction").if_object();
    if (object == nullptr) return fail(Code::malformed, "the answer is no object");
    return std::string(object->at("id").as_string());
}

class LedgerRequester : public Requester {
  public:
    LedgerRequester(Gateways gateways, std::string run, std::atomic<std::size_t>& bytes)
        : gateways_(std::move(gateways)), run_(std::move(run)), bytes_(bytes) {}

    Status prepare(std::size_t i) override {
        chaincode::Proposal proposal{
            gateways_.member().profile().channel,
            "registry",
            "register_schema",
            fmt::format(R"({{"id":"{}-{}","version":1,"fields":[{{"name":"value","unit":"W","scale":0}}]}})", run_, i),
            {},
            {},
            now_ms()};
        const auto& identity = gateways_.member().identity();
        request_ = chaincode::sign_proposal(identity.key, identity.chain, std::move(proposal));
        bytes_ = request_.size();
        return {};
    }
    Result<std::string> send() override {
        return id_of(gateways_.post("/v1/transactions", request_, "application/cose"), false);
    }

  private:
    Gateways gateways_;
    std::string run_;
    std::atomic<std::size_t>& bytes_;
    Bytes request_;
};

class Ledger : public BenchWork {
  public:
    Result<std::unique_ptr<Requester>> requester(const Ground& ground, std::size_t i) override {
        return std::make_unique<LedgerRequester>(TRY(Gateways::open(ground, i)), run_, bytes_);
    }
    [[nodiscard]] std::size_t request_bytes() const override { return bytes_; }

  private:
    std::string run_ = run_name();
    std::atomic<std::size_t> bytes_{0};
};

class RecordRequester : public Requester {
  public:
    RecordRequester(Gateways gateways, const std::vector<Bytes>& messages)
        : gateways_(std::move(gateways)), messages_(messages) {}

    Status prepare(std::size_t i) override {
        next_ = i;
        return {};
    }
    Result<std::string> send() override {
        return id_of(gateways_.post("/v1/records", messages_.at(next_), "application/cose"), true);
    }

  private:
    Gateways gateways_;
    const std::vector<Bytes>& messages_;
    std::size_t next_ = 0;
};

struct Device {
    std::string id;
    crypto::PrivateKey key;
};

class Records : public BenchWork {
  public:
    explicit Records(std::vector<Bytes> messages) : messages_(std::move(messages)) {}
    Result<std::unique_ptr<Requester>> requester(const Ground& ground, std::size_t i) override {
        return std::make_unique<RecordRequester>(TRY(Gateways::open(ground, i)), messages_);
    }
    [[nodiscard]] std::size_t request_bytes() const override { return messages_.empty() ? 0 : messages_.back().size(); }

  private:
    std::vector<Bytes> messages_;
};

// What the devices of a run measured.
class Source {
  public:
    static Result<Source> open(const RecordWork& options) {
        Source out(options);
        if (options.csv.empty()) {
            out.fields_ = sdk::generate({.days = 1, .interval_s = 3600, .fields = options.fields}).fields;
            return out;
        }
        out.file_ = TRY(sdk::read_meter_csv_file(options.csv)).measurements;
        out.fields_ = out.file_.fields;
        out.days_ = sdk::days_of(out.file_);
        if (out.days_.empty()) return fail(Code::malformed, "{}: no readings are in it", options.csv);
        return out;
    }

    [[nodiscard]] const std::vector<chaincode::Field>& fields() const { return fields_; }

    // The i-th day or second, which begins at `start_s`. Days of a file begin with another row each time, so that no
    // two are equal.
    [[nodiscard]] sdk::Measurements at(std::size_t i, std::int64_t start_s) const {
        if (!days_.empty()) return day_of_file(i, start_s);
        sdk::GeneratorOptions generator{
            .seed = i + 1, .start_s = start_s, .interval_s = sdk::kDay_s / options_.rows, .fields = options_.fields};
        if (options_.kind != "daily") {
            generator.interval_s = sdk::kDay_s;
            generator.start_s = start_s / sdk::kDay_s * sdk::kDay_s;
        }
        return sdk::generate(generator);
    }

  private:
    explicit Source(const RecordWork& options) : options_(options) {}

    [[nodiscard]] sdk::Measurements day_of_file(std::size_t i, std::int64_t start_s) const {
        const auto& day = days_[i % days_.size()];
        sdk::Measurements out{fields_, {}, {}};
        for (std::size_t k = 0; k < day.count; ++k) {
            out.times_s.push_back(file_.times_s[day.first + k] - day.start_s + start_s);
            const auto row = file_.row(day.first + (k + i) % day.count);
            out.values.insert(out.values.end(), row.begin(), row.end());
        }
        return out;
    }

    RecordWork options_;
    std::vector<chaincode::Field> fields_;
    sdk::Measurements file_;
    std::vector<sdk::DayRows> days_;
};

// Each step is at every node before the next, which is endorsed by several.
Result<std::vector<Device>> register_devices(Ground& ground, const RecordWork& options, const Source& source) {
    auto admin = TRY(ground.cluster().connect(*ground.nodes().front()));
    const auto run = run_name();
    json::array fields;
    for (const auto& field : source.fields())
        fields.push_back({{"name", field.name}, {"unit", field.unit}, {"scale", field.scale}});
    TRY(admin.transact("registry", "register_schema",
                       chaincode::json_text(json::object{{"id", run}, {"version", 1}, {"fields", fields}})));
    TRY(ground.settle());
    std::vector<Device> devices;
    const auto organization = admin.identity().certificate().subject().organization;
    const auto& channel = ground.cluster().channel().channel;
    const auto algorithm = options.algorithm == "p256" ? crypto::Algorithm::p256 : crypto::Algorithm::ed25519;
    json::array entries;
    for (std::size_t i = 0; i < options.devices; ++i) {
        devices.push_back({fmt::format("{}-{:05}", run, i), crypto::PrivateKey::generate(algorithm)});
        const auto& device = devices.back();
        const auto proof = chaincode::sign_possession(device.key, channel, {organization, device.id});
        entries.push_back({{"id", device.id},
                           {"shard", run},
                           {"public_key", device.key.public_key().pem()},
                           {"proof", to_base64(proof)},
                           {"schemas", json::array{run + "@1"}},
                           {"polling_interval_s", sdk::kDay_s / options.rows},
                           {"keepalive_interval_s", 3600}});
        if (entries.size() < kDevicesAtOnce && i + 1 < options.devices) continue;
        TRY(admin.transact("registry", "import_devices", chaincode::json_text(json::object{{"devices", entries}})));
        entries.clear();
    }
    TRY(ground.settle());
    return devices;
}

// Record k of a device covers day k of its life, or second k for keep-alives.
Result<std::vector<Bytes>> sign_records(const std::vector<Device>& devices, const std::string& channel,
                                        const RecordWork& options, const Source& source, std::size_t count,
                                        const std::atomic<bool>& interrupted) {
    const auto today = now_ms() / 1000 / sdk::kDay_s * sdk::kDay_s;
    const bool daily = options.kind == "daily";
    std::vector<Bytes> messages(count);
    std::vector<std::optional<crypto::Hash>> previous(devices.size());
    const auto days = static_cast<std::int64_t>((count + devices.size() - 1) / devices.size());
    Progress progress("signing", count);
    for (std::size_t i = 0; i < count && !interrupted; ++i) {
        progress.at(i);
        const auto which = i % devices.size();
        const auto turn = static_cast<std::int64_t>(i / devices.size());
        sdk::RecordPlan plan;
        plan.kind = daily ? chaincode::RecordKind::DAILY : chaincode::RecordKind::KEEPALIVE;
        plan.start_s = daily ? today - (days - turn) * sdk::kDay_s : today - sdk::kDay_s + turn;
        plan.end_s = daily ? plan.start_s + sdk::kDay_s : plan.start_s + 1;
        auto record = TRY(sdk::build_record(source.at(i, plan.start_s), plan));
        record.record.device = devices[which].id;
        record.record.sequence = turn + 1;
        record.record.previous = previous[which];
        if (daily) record.record.previous_daily = previous[which];
        previous[which] = chaincode::content_id_of(record.record);
        messages[i] = chaincode::sign_record(devices[which].key, channel, record.record, record.packed);
    }
    if (interrupted) return fail(Code::unavailable, "interrupted");
    return messages;
}

}  // namespace

Result<Holdings> BenchWork::holdings(Ground& ground, std::uint64_t height, const Readings&, const Readings&) const {
    return ground.holdings_since(height);
}

Result<std::unique_ptr<BenchWork>> make_ledger_work() { return std::make_unique<Ledger>(); }

Result<std::vector<Bytes>> make_records(Ground& ground, const RecordWork& options, std::size_t count,
                                        const std::atomic<bool>& interrupted) {
    if (sdk::kDay_s % options.rows != 0)
        return fail(Code::invalid_argument, "--rows {}: the {} seconds of a day cannot be divided into so many",
                    options.rows, sdk::kDay_s);
    const auto source = TRY(Source::open(options));
    const auto devices = TRY(register_devices(ground, options, source));
    return sign_records(devices, ground.cluster().channel().channel, options, source, count, interrupted);
}

std::unique_ptr<BenchWork> make_record_work(std::vector<Bytes> messages) {
    return std::make_unique<Records>(std::move(messages));
}

}  // namespace tally::node::cli
