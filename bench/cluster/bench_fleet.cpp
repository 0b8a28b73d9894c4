#include "bench/cluster/bench_fleet.h"

#include <fstream>

#include "chaincode/contracts/agreement/answers.h"
#include "chaincode/records/device_record.h"
#include "chaincode/records/possession.h"
#include "gateway/device_sdk/day_builder.h"
#include "gateway/device_sdk/generator.h"
#include "node/threads/stopwatch.h"

namespace tally::node::cli {

namespace agreement = chaincode::agreement;
namespace json = boost::json;
namespace sdk = gateway::device_sdk;
using chaincode::Date;
using chaincode::Decimal;

namespace {

constexpr std::size_t kImportAtOnce = 500;

std::vector<chaincode::Field> fields_of(const FleetPlan& plan) {
    return sdk::generate({.days = 1, .interval_s = sdk::kDay_s, .fields = plan.fields}).fields;
}

std::int64_t beginning_of(Date day) { return chaincode::days_between(Date(), day) * sdk::kDay_s; }

Result<agreement::Terms> terms_of(const FleetPlan& plan, const std::vector<std::string>& organizations) {
    const auto field = fields_of(plan).front();
    agreement::Tax tax;
    tax.percent = TRY(Decimal::of(20, 0));
    agreement::TariffLine energy;
    energy.name = "Energy";
    energy.field = field.name;
    energy.base = TRY(Decimal::of(1000, 0));
    energy.prices = {{Decimal(), TRY(Decimal::of(24567, 5))},
                     {TRY(Decimal::of(1'000'000'000'000, 0)), TRY(Decimal::of(19999, 5))}};
    energy.tax = tax;
    agreement::TariffLine fee;
    fee.name = "Metering point";
    fee.kind = agreement::LineKind::FEE;
    fee.per = agreement::FeePer::DAY;
    fee.each_device = true;
    fee.prices = {{Decimal(), TRY(Decimal::of(5, 2))}};
    fee.tax = tax;

    agreement::Terms terms;
    terms.title = "Benchmark " + plan.name;
    terms.parties = {{organizations.front(), agreement::PartyRole::OPERATOR, {}},
                     {organizations.back(), agreement::PartyRole::RC, {}},
                     {organizations[organizations.size() / 2], agreement::PartyRole::DV, {}}};
    for (const auto& each : organizations) {
        const auto named = [&](const agreement::Party& party) { return party.organization == each; };
        if (std::ranges::none_of(terms.parties, named)) terms.parties.push_back({each, agreement::PartyRole::SP, {}});
    }
    terms.scope = {{plan.name, {}}};
    terms.zone.name = "UTC";
    terms.from = plan.from;
    terms.until = plan.until;
    terms.currency = "EUR";
    terms.fields = {{field.name, field.unit, agreement::Measure::SUM, {}, {}, {}, {}}};
    terms.tariff = {energy, fee};
    terms.reconciliation.window_minutes = 0;
    terms.payees = {{organizations.front(), TRY(Decimal::of(100, 0))}};
    return terms;
}

std::vector<std::string> organizations_of(const Ground& ground) {
    std::vector<std::string> out;
    for (const auto* node : ground.nodes()) {
        if (std::ranges::find(out, node->organization) == out.end()) out.push_back(node->organization);
    }
    return out;
}

struct Publishing {
    const FleetPlan& plan;
    const std::vector<FleetDevice>& devices;
    const std::string channel;
    std::vector<std::vector<crypto::Hash>> contents;  // of each device, by day
};

Result<Bytes> sign_day(Publishing& all, std::size_t which, std::size_t day) {
    sdk::RecordPlan plan;
    plan.start_s = beginning_of(all.plan.from.plus_days(static_cast<std::int64_t>(day)));
    plan.end_s = plan.start_s + sdk::kDay_s;
    plan.polling_interval_s = all.plan.interval_s;
    const auto measured = sdk::generate({.seed = which * 1000 + day + 1,
                                         .start_s = plan.start_s,
                                         .interval_s = all.plan.interval_s,
                                         .fields = all.plan.fields});
    auto built = TRY(sdk::build_record(measured, plan));
    auto& record = built.record;
    auto& contents = all.contents[which];
    record.device = all.devices[which].id;
    record.sequence = static_cast<std::int64_t>(day) + 1;
    if (day > 0) record.previous = record.previous_daily = contents[day - 1];
    contents.push_back(chaincode::content_id_of(record));
    return chaincode::sign_record(all.devices[which].key, all.channel, record, built.packed);
}

// Request i is all days of device i: the next day is published when the one before is committed, as a device does it.
class FleetRequester : public Requester {
  public:
    FleetRequester(Gateways gateways, Publishing& all) : gateways_(std::move(gateways)), all_(all) {}

    Status prepare(std::size_t i) override {
        which_ = i;
        return {};
    }
    Result<std::string> send() override {
        for (std::size_t day = 0; day < all_.plan.days(); ++day) {
            const auto message = TRY(sign_day(all_, which_, day));
            TRY(gateways_.post("/v1/records", message, "application/cose"));
        }
        return std::string();
    }

  private:
    Gateways gateways_;
    Publishing& all_;
    std::size_t which_ = 0;
};

}  // namespace

Result<std::vector<FleetDevice>> register_fleet(Ground& ground, const FleetPlan& plan) {
    auto admin = TRY(ground.cluster().connect(*ground.nodes().front()));
    json::array fields;
    for (const auto& field : fields_of(plan))
        fields.push_back({{"name", field.name}, {"unit", field.unit}, {"scale", field.scale}});
    TRY(admin.transact("registry", "register_schema",
                       chaincode::json_text(json::object{{"id", plan.name}, {"version", 1}, {"fields", fields}})));
    TRY(ground.settle());
    std::vector<FleetDevice> devices;
    json::array entries;
    Progress progress("devices", plan.devices);
    for (std::size_t i = 0; i < plan.devices; ++i) {
        devices.push_back(
            {fmt::format("{}-{:05}", plan.name, i), crypto::PrivateKey::generate(crypto::Algorithm::p256)});
        const auto& device = devices.back();
        const auto proof = chaincode::sign_possession(device.key, ground.cluster().channel().channel,
                                                      {admin.organization(), device.id});
        entries.push_back({{"id", device.id},
                           {"shard", plan.name},
                           {"public_key", device.key.public_key().pem()},
                           {"proof", to_base64(proof)},
                           {"schemas", json::array{plan.name + "@1"}},
                           {"polling_interval_s", plan.interval_s},
                           {"keepalive_interval_s", 3600}});
        if (entries.size() < kImportAtOnce && i + 1 < plan.devices) continue;
        TRY(admin.transact("registry", "import_devices", chaincode::json_text(json::object{{"devices", entries}})));
        entries.clear();
        progress.at(i + 1);
    }
    TRY(ground.settle());
    return devices;
}

Status agree_on(Ground& ground, const FleetPlan& plan) {
    const auto organizations = organizations_of(ground);
    const auto terms = TRY(terms_of(plan, organizations));
    std::vector<std::string> signed_by;
    for (const auto* node : ground.nodes()) {
        if (std::ranges::find(signed_by, node->organization) != signed_by.end()) continue;
        auto admin = TRY(ground.cluster().connect(*node));
        if (signed_by.empty())
            TRY(act<agreement::Version>(admin, "agreement", "propose", agreement::Propose{plan.name, terms}));
        else
            TRY(act<agreement::Version>(admin, "agreement", "sign",
                                        agreement::Sign{plan.name, 1, agreement::hash_of(terms).hex()}));
        signed_by.push_back(node->organization);
        TRY(ground.settle());
    }
    return {};
}

Status publish_days(Ground& ground, const FleetPlan& plan, const std::vector<FleetDevice>& devices,
                    std::size_t connections, const std::atomic<bool>& interrupted) {
    Publishing all{plan, devices, ground.cluster().channel().channel, {}};
    all.contents.resize(devices.size());
    std::vector<std::unique_ptr<Requester>> requesters;
    for (std::size_t i = 0; i < std::min(connections, devices.size()); ++i)
        requesters.push_back(std::make_unique<FleetRequester>(TRY(Gateways::open(ground, i)), all));
    const auto load = run_load(requesters, {0, devices.size(), 0, "publish"}, interrupted);
    if (interrupted) return fail(Code::unavailable, "interrupted");
    if (load.done() != devices.size())
        return fail(Code::transaction_invalid, "the days of {} of {} devices are published: {}", load.done(),
                    devices.size(), load.failures.empty() ? "no failure is known" : load.failures.begin()->first);
    TRY(ground.settle());
    return {};
}

Result<double> servers_cpu(const Ground& ground) {
    std::uint64_t nanoseconds = 0;
    for (const auto* node : ground.nodes()) {
        const auto pid = node->process.pid();
        if (!pid) return fail(Code::unavailable, "{} has ended; see {}", node->name, node->process.log_file().string());
        std::error_code gone;
        for (const auto& thread : std::filesystem::directory_iterator(fmt::format("/proc/{}/task", *pid), gone)) {
            std::uint64_t used = 0;
            if (std::ifstream(thread.path() / "schedstat") >> used) nanoseconds += used;
        }
    }
    return static_cast<double>(nanoseconds) / 1e9;
}

}  // namespace tally::node::cli
