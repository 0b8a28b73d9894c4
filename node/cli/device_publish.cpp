#include "node/cli/device_publish.h"

#include <numeric>

#include "gateway/device_sdk/day_plan.h"
#include "gateway/device_sdk/delivery.h"
#include "gateway/mqtt/device.h"
#include "node/channel/ledger_json.h"
#include "node/cli/command.h"
#include "node/cli/device_ocmf.h"
#include "node/cli/device_source.h"
#include "node/threads/stopwatch.h"
#include "storage/files.h"

namespace tally::node::cli {

namespace json = boost::json;
namespace sdk = gateway::device_sdk;

namespace {

struct RecordOptions {
    std::filesystem::path profile;
    std::filesystem::path folder;
    std::filesystem::path out;
    Source source;
    std::string schema;
    std::vector<std::filesystem::path> records;
    std::vector<std::filesystem::path> ocmf;
    std::string ocmf_device;
    std::string broker;  // empty: over HTTPS
    gateway::mqtt::ConnectionOptions mqtt;
    std::int64_t wait_s = 30;
};

// How a record is sent, and what is answered.
using Send = std::function<Result<gateway::ClientResponse>(ByteView record, const crypto::Hash& content_id)>;

std::string day_text(std::int64_t moment_s) { return iso_time(moment_s * 1000).substr(0, 10); }

// What became of the days of a file, and of the records that were sent.
class PublishReport {
  public:
    void about(const Loaded& loaded) {
        say_report(loaded);
        out_["report"] = report_json(loaded);
    }

    // The days that are not signed, and why.
    void left_out(const sdk::PlannedDay& day) {
        const auto name = day_text(std::midpoint(day.start_s, day.end_s));  // the zone's date, as UTC has it at noon
        json::object entry{{"from", day.start_s}, {"to", day.end_s}};
        if (day.sequence != 0) entry.emplace("sequence", day.sequence);
        switch (day.state) {
            case sdk::DayState::fresh: return;
            case sdk::DayState::known: ++known_; return;
            case sdk::DayState::unfinished:
                warn(fmt::format("{} is not over yet; it is left out", name));
                unfinished_.push_back(std::move(entry));
                return;
            case sdk::DayState::different:
                note({Code::conflict, fmt::format("{}: record {} is for this day, with other readings or another "
                                                  "period; the day is not signed again",
                                                  name, day.sequence)});
                different_.push_back(std::move(entry));
                return;
            case sdk::DayState::refused:
                note({Code::conflict, fmt::format("{}: the ledger has refused record {}, which is for this day; the "
                                                  "device's folder \"refused\" says why",
                                                  name, day.sequence)});
                different_.push_back(std::move(entry));
                return;
        }
    }

    void committed(const sdk::Judgement& judgement) {
        const auto id = std::string(judgement.answer.at("content_id").as_string());
        say_done(fmt::format("record {} {}", id.substr(0, 16),
                             judgement.duplicate ? "was on the ledger already" : "is on the ledger"));
        records_.push_back(judgement.answer);
    }

    void not_committed(const sdk::Judgement& judgement, const std::string& record) {
        const bool refused = judgement.delivery == sdk::Delivery::refused;
        note(judgement.error.within(record));
        json::object entry{
            {"record", record}, {"code", judgement.error.code.name()}, {"detail", judgement.error.message}};
        (refused ? refused_ : waiting_).push_back(std::move(entry));
    }

    // The first thing that went wrong is the command's error; the others are said at once.
    void note(Error error) {
        if (!first_)
            first_ = std::move(error);
        else
            warn(error.message);
    }

    // Ends the command.
    [[nodiscard]] Status finish(std::size_t waiting) {
        if (known_ != 0) say(fmt::format("  {} days were signed before, with the same readings", known_));
        if (style().json) {
            out_["records"] = std::move(records_);
            out_["known_days"] = known_;
            out_["different_days"] = std::move(different_);
            out_["unfinished_days"] = std::move(unfinished_);
            out_["refused"] = std::move(refused_);
            out_["waiting"] = std::move(waiting_);
            print_json(out_);
        } else if (records_.empty() && !first_ && known_ == 0 && unfinished_.empty()) {
            say("  nothing to publish");
        }
        if (!first_) return {};
        if (waiting != 0) first_->message += fmt::format("; {} records wait in the outbox", waiting);
        return std::unexpected(*first_);
    }

    json::object& json() { return out_; }

  private:
    json::object out_;
    json::array records_, different_, unfinished_, refused_, waiting_;
    std::size_t known_ = 0;
    std::optional<Error> first_;
};

// Signs the days that were not signed yet.
Result<std::vector<sdk::DeviceKey::Outgoing>> sign_days(sdk::DeviceKey& device, std::vector<sdk::PlannedDay> plan,
                                                        PublishReport& report) {
    std::vector<sdk::DeviceKey::Outgoing> signed_days;
    for (auto& day : plan) {
        if (day.state == sdk::DayState::fresh)
            signed_days.push_back(TRY(device.sign(std::move(day.record))));
        else
            report.left_out(day);
    }
    return signed_days;
}

Status sign_into_files(const RecordOptions& options) {
    auto device = TRY(sdk::DeviceKey::open(options.folder));
    auto loaded = TRY(load(options.source));
    PublishReport report;
    report.about(loaded);
    if (auto sound = check_contradictions(options.source, loaded); !sound) {
        report.note(std::move(sound.error()));
        return report.finish(0);
    }
    loaded.measurements = TRY(sdk::DeviceKey::fit(std::move(loaded.measurements), TRY(device.schemas())));
    auto plan =
        TRY(sdk::plan_days(device, loaded.measurements, loaded.days, loaded.report.interval_s, now_ms() / 1000));
    TRY(storage::make_directory(options.out));
    json::array files;
    for (const auto& outgoing : TRY(sign_days(device, std::move(plan), report))) {
        const auto path = options.out / fmt::format("{}-{:06}.cose", device.identity().id, outgoing.sequence);
        TRY(storage::write_file(path, outgoing.message));
        files.emplace_back(path.string());
        say_done(fmt::format("{} ({} bytes)", path.string(), outgoing.message.size()));
    }
    report.json()["files"] = std::move(files);
    return report.finish(0);
}

// A day's readings as the folder knows them, where the ledger has a commitment to them.
void add_readings(const sdk::DeviceKey& device, sdk::SignedDay& day) {
    const auto own = device.signed_day(day.start_s, day.end_s);
    if (!own || own->sequence != day.sequence) return;
    day.root = own->root;
    day.fields = own->fields;
}

// The device's days between the first and the last of the file.
Result<std::vector<sdk::SignedDay>> days_on_ledger(MemberClient& member, const sdk::DeviceKey& device,
                                                   const sdk::Measurements& measurements) {
    std::vector<sdk::SignedDay> out;
    if (measurements.rows() == 0) return out;
    json::object arguments{
        {"device", device.identity().id},
        {"from", std::max<std::int64_t>(measurements.times_s.front() - chaincode::kLongestPeriod_s, 0)},
        {"to", measurements.times_s.back() + 1}};
    for (;;) {
        const auto answer = TRY(member.query("data", "days", arguments));
        for (const auto& each : answer.at("days").as_array()) {
            const auto& day = each.as_object();
            sdk::SignedDay there{
                day.at("from").as_int64(), day.at("to").as_int64(), day.at("sequence").as_int64(), {}, {}, false};
            if (day.contains("commitment"))
                add_readings(device, there);
            else
                there.root = TRY(crypto::Hash::from_hex(std::string_view(day.at("root").as_string())));
            for (const auto& field : day.at("fields").as_array()) {
                there.fields.push_back({std::string(field.at("name").as_string()),
                                        std::string(field.at("unit").as_string()), field.at("scale").as_int64()});
            }
            out.push_back(std::move(there));
        }
        const auto* next = answer.as_object().if_contains("next");
        if (next == nullptr || !next->is_string()) return out;
        arguments["cursor"] = *next;
    }
}

// `member`: none where the device has no access to a node; then it goes by what its folder knows.
Status sign_new_days(MemberClient* member, sdk::DeviceKey& device, const RecordOptions& options,
                     PublishReport& report) {
    auto loaded = TRY(load(options.source));
    report.about(loaded);
    TRY(check_contradictions(options.source, loaded));
    if (member != nullptr && !options.schema.empty()) {
        loaded.measurements = TRY(sdk::conform(loaded.measurements, TRY(fetch_schema(*member, options.schema))));
    } else {
        const auto schemas = TRY(member == nullptr ? device.schemas() : learn_schemas(*member, device));
        loaded.measurements = TRY(sdk::DeviceKey::fit(std::move(loaded.measurements), schemas));
    }
    // What the ledger has of the device beside what this folder knows. A node that cannot say so keeps nobody from
    // signing: the records wait in the outbox.
    const auto ledger = member == nullptr ? Result<std::vector<sdk::SignedDay>>()
                                          : days_on_ledger(*member, device, loaded.measurements);
    if (!ledger) warn(fmt::format("which days the ledger has is not known: {}", ledger.error().message));
    auto plan = TRY(sdk::plan_days(device, loaded.measurements, loaded.days, loaded.report.interval_s, now_ms() / 1000,
                                   ledger.value_or(std::vector<sdk::SignedDay>())));
    TRY(sign_days(device, std::move(plan), report));
    return {};
}

Status publish_files(MemberClient& member, const std::vector<std::filesystem::path>& files) {
    PublishReport report;
    for (const auto& path : files) {
        const auto message = TRY(storage::read_file(path));
        const auto record = chaincode::decode_record(as_bytes(message), message.size());
        if (!record) return std::unexpected(record.error().within(path.string()));
        const auto judgement = sdk::judge(member.publish(as_bytes(message)), record->content_id);
        if (judgement.delivery == sdk::Delivery::committed)
            report.committed(judgement);
        else
            report.not_committed(judgement, path.string());
        if (judgement.delivery == sdk::Delivery::failed) break;
    }
    return report.finish(0);
}

// Sends the outbox, in order: the same bytes as an earlier run. A record that is not taken does not keep back those
// behind it, unless no node has judged it: then the others would fare alike.
Result<std::size_t> send_outbox(const Send& send, sdk::DeviceKey& device, PublishReport& report) {
    auto pending = TRY(device.pending());
    std::size_t left = pending.size();
    for (const auto& outgoing : pending) {
        const auto judgement = sdk::judge(send(outgoing.message, outgoing.content_id), outgoing.content_id);
        switch (judgement.delivery) {
            case sdk::Delivery::committed:
                TRY(device.confirm(outgoing.sequence));
                report.committed(judgement);
                --left;
                continue;
            case sdk::Delivery::refused:
                TRY(device.set_aside(outgoing.sequence, judgement.error));
                --left;
                break;
            case sdk::Delivery::waiting:
            case sdk::Delivery::failed: break;
        }
        report.not_committed(judgement, fmt::format("record {}", outgoing.sequence));
        if (judgement.delivery == sdk::Delivery::failed) break;
    }
    return left;
}

Status publish_by_mqtt(const RecordOptions& options) {
    if (options.folder.empty() || !options.records.empty())
        return fail(Code::invalid_argument, "with --mqtt name the device's folder, whose outbox keeps what waits");
    auto device = TRY(sdk::DeviceKey::open(options.folder));
    auto connection = options.mqtt;
    connection.broker = TRY(gateway::mqtt::parse_broker(options.broker));
    connection.client_id = device.identity().id;
    auto broker = TRY(gateway::mqtt::DeviceConnection::create(
        std::move(connection), device.identity().channel, device.identity().id, std::chrono::seconds(options.wait_s)));
    PublishReport report;
    if (options.source.given()) {
        if (auto status = sign_new_days(nullptr, device, options, report); !status)
            report.note(std::move(status.error()));
    }
    const auto left = TRY(send_outbox(
        [&](ByteView record, const crypto::Hash& id) { return broker.publish(record, id); }, device, report));
    return report.finish(left);
}

Status publish_days(const RecordOptions& options) {
    if (!options.broker.empty()) return publish_by_mqtt(options);
    if (!options.ocmf.empty()) return publish_ocmf_files(options.profile, options.ocmf, options.ocmf_device);
    auto member = TRY(MemberClient::open(options.profile));
    if (!options.records.empty()) return publish_files(member, options.records);
    if (options.folder.empty()) return fail(Code::invalid_argument, "name the device's folder, or files with --record");
    auto device = TRY(sdk::DeviceKey::open(options.folder));
    PublishReport report;
    // A file that cannot be read holds nothing up that was signed before.
    if (options.source.given()) {
        if (auto status = sign_new_days(&member, device, options, report); !status)
            report.note(std::move(status.error()));
    }
    const auto left =
        TRY(send_outbox([&](ByteView record, const crypto::Hash&) { return member.publish(record); }, device, report));
    return report.finish(left);
}

}  // namespace

std::pair<std::string, std::int64_t> schema_parts(const std::string& schema) {
    const auto at = schema.rfind('@');
    if (at == std::string::npos) return {schema, 1};
    return {schema.substr(0, at), std::strtoll(schema.c_str() + at + 1, nullptr, 10)};
}

Result<std::vector<chaincode::Field>> fetch_schema(MemberClient& member, const std::string& schema) {
    const auto [id, version] = schema_parts(schema);
    const auto answer = TRY(member.query("registry", "get_schema", {{"id", id}, {"version", version}}));
    std::vector<chaincode::Field> fields;
    for (const auto& each : answer.as_object().at("fields").as_array()) {
        const auto& object = each.as_object();
        fields.push_back({std::string(object.at("name").as_string()), std::string(object.at("unit").as_string()),
                          object.at("scale").as_int64()});
    }
    return fields;
}

Result<std::vector<sdk::KnownSchema>> learn_schemas(MemberClient& member, sdk::DeviceKey& device) {
    const auto known = member.query("registry", "get_device", {{"id", device.identity().id}});
    if (!known) return device.schemas();
    std::vector<sdk::KnownSchema> schemas;
    for (const auto& each : known->at("schemas").as_array()) {
        const std::string name(each.as_string());
        schemas.push_back({name, TRY(fetch_schema(member, name))});
    }
    TRY(device.set_schemas(schemas));
    return schemas;
}

void add_device_sign(CLI::App& device, Choice& choice) {
    auto* command = device.add_subcommand("sign", "Sign days of measurements into files, offline");
    auto options = std::make_shared<RecordOptions>();
    command->add_option("folder", options->folder, "The device's folder")->required();
    command->add_option("--out", options->out, "Folder for the records")->required();
    add_source(*command, options->source);
    on_chosen(*command, choice, options, sign_into_files);
}

void add_device_publish(CLI::App& device, Choice& choice) {
    auto* command = device.add_subcommand("publish", "Sign and send days of measurements, or send signed records");
    auto options = std::make_shared<RecordOptions>();
    add_profile_option(*command, options->profile);
    auto* folder = command->add_option("folder", options->folder, "The device's folder");
    command->add_option("--record", options->records, "A signed record to send; may be repeated");
    auto* ocmf = command->add_option(
        "--ocmf", options->ocmf,
        "A file with signed OCMF readings, an XML container, or a folder of these; may be repeated");
    ocmf->excludes(folder);
    command
        ->add_option("--device", options->ocmf_device,
                     "With --ocmf: the device's id, if it is not the serial in the records")
        ->needs(ocmf);
    command->add_option("--schema", options->schema, "Bring the measurements to this registered schema first");
    auto* mqtt = command->add_option("--mqtt", options->broker,
                                     "Send by this broker instead of HTTPS: mqtts://HOST:PORT; the outbox keeps each "
                                     "record until a reply says what became of it");
    command->add_option("--mqtt-authorities", options->mqtt.authorities, "PEM; of the broker's certificate")
        ->needs(mqtt);
    command->add_option("--mqtt-certificate", options->mqtt.certificate, "PEM; the device's, for the broker")
        ->needs(mqtt);
    command->add_option("--mqtt-key", options->mqtt.key, "PEM; its key")->needs(mqtt);
    command->add_option("--mqtt-wait", options->wait_s, "Seconds to wait for each reply")
        ->needs(mqtt)
        ->check(CLI::Range(1, 3600))
        ->capture_default_str();
    add_source(*command, options->source);
    on_chosen(*command, choice, options, publish_days);
}

}  // namespace tally::node::cli
