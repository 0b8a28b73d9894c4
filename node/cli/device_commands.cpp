// tally device new | prove | register | sign | publish

#include "chaincode/json/reflect.h"
#include "chaincode/json/strict_json.h"
#include "gateway/device_sdk/day_builder.h"
#include "gateway/device_sdk/device_key.h"
#include "gateway/device_sdk/generator.h"
#include "gateway/device_sdk/meter_csv.h"
#include "node/channel/ledger_json.h"
#include "node/cli/device_source.h"
#include "node/cli/member.h"
#include "node/threads/stopwatch.h"
#include "storage/files.h"

namespace tally::node::cli {

namespace json = boost::json;
namespace sdk = gateway::device_sdk;

namespace {

struct NewOptions {
    std::filesystem::path folder;
    std::string id;
    std::string channel = "main";
    std::string shard = "default";
    crypto::Algorithm algorithm = crypto::Algorithm::p256;
};

struct RegisterOptions {
    std::filesystem::path profile;
    std::filesystem::path folder;
    // Where the device's key is elsewhere: who it is, and the proof that it made there.
    std::string id;
    std::string shard = "default";
    std::filesystem::path public_key;
    std::filesystem::path proof;
    Source source;
    std::string schema;
    std::int64_t keepalive_s = 3600;
    std::string location;
};

struct ProveOptions {
    std::filesystem::path folder;
    std::string organization;
    std::filesystem::path out;
};

struct RecordOptions {
    std::filesystem::path profile;
    std::filesystem::path folder;
    std::filesystem::path out;
    Source source;
    std::string schema;
    std::vector<std::filesystem::path> records;
};

Status create(const NewOptions& options) {
    const auto id = options.id.empty() ? options.folder.filename().string() : options.id;
    const auto device =
        TRY(sdk::DeviceKey::create(options.folder, {id, options.channel, options.shard}, options.algorithm));
    if (style().json) {
        print_json(json::object{
            {"id", id}, {"folder", options.folder.string()}, {"public_key", device.key().public_key().pem()}});
    } else {
        say_done(fmt::format("Device {} with a {} key in {}", paint(Colour::bold, id),
                             crypto::algorithm_name(options.algorithm), options.folder.string()));
    }
    return {};
}

// "name@version"; the version is 1 where none is given.
std::pair<std::string, std::int64_t> schema_parts(const std::string& schema) {
    const auto at = schema.rfind('@');
    if (at == std::string::npos) return {schema, 1};
    return {schema.substr(0, at), std::strtoll(schema.c_str() + at + 1, nullptr, 10)};
}

Status register_schema(Member& member, const std::string& schema, const std::vector<chaincode::Field>& fields) {
    const auto [id, version] = schema_parts(schema);
    json::array list;
    for (const auto& field : fields) list.push_back(chaincode::to_json(field));
    const json::object arguments{{"id", id}, {"version", version}, {"fields", std::move(list)}};
    const auto outcome = member.transact("registry", "register_schema", chaincode::json_text(arguments));
    if (!outcome && outcome.error().code != Code::already_exists) return std::unexpected(outcome.error());
    return {};
}

Result<std::vector<chaincode::Field>> fetch_schema(Member& member, const std::string& schema) {
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

Status prove(const ProveOptions& options) {
    const auto device = TRY(sdk::DeviceKey::open(options.folder));
    TRY(storage::write_file(options.out, device.prove(options.organization)));
    const auto& identity = device.identity();
    if (style().json) {
        print_json(json::object{{"id", identity.id},
                                {"channel", identity.channel},
                                {"organization", options.organization},
                                {"proof", options.out.string()}});
    } else {
        say_done(fmt::format("{}: {} may register {} on {}", options.out.string(), options.organization,
                             paint(Colour::bold, identity.id), identity.channel));
    }
    return {};
}

// Who registers: its id, shard, public key, and the proof that it has the key.
struct Registrant {
    std::string id;
    std::string shard;
    std::string public_key;
    Bytes proof;
};

Result<Registrant> registrant_of(const RegisterOptions& options, const std::string& organization) {
    if (!options.folder.empty()) {
        const auto device = TRY(sdk::DeviceKey::open(options.folder));
        const auto& identity = device.identity();
        return Registrant{identity.id, identity.shard, device.key().public_key().pem(), device.prove(organization)};
    }
    if (options.id.empty() || options.public_key.empty() || options.proof.empty()) {
        return fail(Code::invalid_argument,
                    "name the device's folder; or, where its key is elsewhere, --id, --public-key and --proof (a file "
                    "of \"tally device prove\")");
    }
    return Registrant{options.id, options.shard, TRY(storage::read_file(options.public_key, 1 << 16)),
                      to_bytes(std::string_view(TRY(storage::read_file(options.proof, 1 << 16))))};
}

Status register_device(const RegisterOptions& options) {
    auto member = TRY(Member::open(options.profile));
    const auto registrant = TRY(registrant_of(options, member.identity().certificate().subject().organization));
    const auto schema = options.schema.find('@') == std::string::npos ? options.schema + "@1" : options.schema;
    std::int64_t interval = options.source.generator.interval_s;
    if (options.source.generated || !options.source.csv.empty()) {
        const auto loaded = TRY(load(options.source));
        if (loaded.report.interval_s > 0) interval = loaded.report.interval_s;
        TRY(register_schema(member, schema, loaded.measurements.fields));
    }
    json::object arguments{{"id", registrant.id},
                           {"shard", registrant.shard},
                           {"public_key", registrant.public_key},
                           {"proof", to_base64(registrant.proof)},
                           {"schemas", json::array{json::value(schema)}},
                           {"polling_interval_s", interval},
                           {"keepalive_interval_s", options.keepalive_s}};
    if (!options.location.empty()) arguments.emplace("location", options.location);
    const auto outcome = TRY(member.transact("registry", "register_device", chaincode::json_text(arguments)));
    if (style().json)
        print_json(outcome);
    else
        say_done(fmt::format("Device {} is registered with schema {} (block {})", paint(Colour::bold, registrant.id),
                             schema, chaincode::json_text(outcome.as_object().at("block"))));
    return {};
}

// Signs every UTC day of the measurements that has rows.
Result<std::vector<sdk::DeviceKey::Outgoing>> sign_days(sdk::DeviceKey& device, const Loaded& loaded) {
    std::vector<sdk::DeviceKey::Outgoing> signed_days;
    for (const auto& day : sdk::days_of(loaded.measurements)) {
        sdk::RecordPlan plan;
        plan.start_s = day.start_s;
        plan.end_s = day.start_s + sdk::kDay_s;
        plan.polling_interval_s = std::max<std::int64_t>(loaded.report.interval_s, 1);
        signed_days.push_back(TRY(device.sign(TRY(sdk::build_record(loaded.measurements, plan)))));
    }
    return signed_days;
}

Status sign(const RecordOptions& options) {
    auto device = TRY(sdk::DeviceKey::open(options.folder));
    const auto loaded = TRY(load(options.source));
    say_report(loaded);
    TRY(storage::make_directory(options.out));
    json::array files;
    for (const auto& outgoing : TRY(sign_days(device, loaded))) {
        const auto path = options.out / fmt::format("{}-{:06}.cose", device.identity().id, outgoing.sequence);
        TRY(storage::write_file(path, outgoing.message));
        files.emplace_back(path.string());
        say_done(fmt::format("{} ({} bytes)", path.string(), outgoing.message.size()));
    }
    if (style().json) print_json(json::object{{"records", std::move(files)}, {"report", report_json(loaded)}});
    return {};
}

struct Published {
    json::array outcomes;
    std::size_t duplicates = 0;
};

Status publish_one(Member& member, ByteView message, Published& published) {
    auto outcome = TRY(member.post("/v1/records", message, "application/cose"));
    const auto& object = outcome.as_object();
    const auto* duplicate = object.if_contains("duplicate");
    const bool again = duplicate != nullptr && duplicate->is_bool() && duplicate->get_bool();
    published.duplicates += again ? 1 : 0;
    const auto* id = object.if_contains("content_id");
    say_done(fmt::format("record {} {}",
                         id != nullptr && id->is_string() ? std::string_view(id->get_string()).substr(0, 16) : "",
                         again ? "was on the ledger already" : "is on the ledger"));
    published.outcomes.push_back(std::move(outcome));
    return {};
}

Status publish(const RecordOptions& options) {
    auto member = TRY(Member::open(options.profile));
    Published published;
    if (!options.records.empty()) {
        for (const auto& path : options.records) {
            const auto record = TRY(storage::read_file(path));
            if (auto status = publish_one(member, as_bytes(record), published); !status)
                return std::unexpected(status.error().within(path.string()));
        }
    } else {
        if (options.folder.empty())
            return fail(Code::invalid_argument, "name the device's folder, or files with --record");
        auto device = TRY(sdk::DeviceKey::open(options.folder));
        if (options.source.generated || !options.source.csv.empty()) {
            auto loaded = TRY(load(options.source));
            say_report(loaded);
            if (!options.schema.empty()) {
                const auto fields = TRY(fetch_schema(member, options.schema));
                loaded.measurements = TRY(sdk::conform(loaded.measurements, fields));
            }
            TRY(sign_days(device, loaded));
        }
        // What an earlier run signed and could not deliver goes first.
        for (const auto& outgoing : TRY(device.pending())) {
            const auto status = publish_one(member, outgoing.message, published);
            if (!status && exit_of(status.error().code) == Exit::unavailable)
                return status;  // it stays for the next run
            TRY(device.confirm(outgoing.sequence));
            if (!status) return std::unexpected(status.error().within(fmt::format("record {}", outgoing.sequence)));
        }
    }
    if (style().json)
        print_json(published.outcomes);
    else if (published.outcomes.empty())
        say("  nothing to publish");
    return {};
}

}  // namespace

void add_device(CLI::App& app, Choice& choice) {
    auto* device = app.add_subcommand("device", "Devices: keys, registration, signed records");
    device->require_subcommand(1);

    auto* create_command = device->add_subcommand("new", "A folder with a key, as a secure element would hold it");
    auto creating = std::make_shared<NewOptions>();
    create_command->add_option("folder", creating->folder, "The new folder; its name is the device's id")->required();
    create_command->add_option("--id", creating->id, "Another id");
    create_command->add_option("--channel", creating->channel, "The channel it signs for")->capture_default_str();
    create_command->add_option("--shard", creating->shard, "Its region")->capture_default_str();
    add_algorithm_option(*create_command, "--algorithm", creating->algorithm, "Of its key");
    on_chosen(*create_command, choice, creating, create);

    auto* prove_command = device->add_subcommand(
        "prove", "Sign that an organization may register the device, where another machine registers it");
    auto proving = std::make_shared<ProveOptions>();
    prove_command->add_option("folder", proving->folder, "The device's folder")->required();
    prove_command->add_option("--organization", proving->organization, "Who is to register it")->required();
    prove_command->add_option("--out", proving->out, "The file to write")->required();
    on_chosen(*prove_command, choice, proving, prove);

    auto* register_command =
        device->add_subcommand("register", "Put the device and its schema on the ledger (role admin)");
    auto registering = std::make_shared<RegisterOptions>();
    add_profile_option(*register_command, registering->profile);
    auto* folder = register_command->add_option("folder", registering->folder, "The device's folder");
    for (auto* elsewhere :
         {register_command->add_option("--id", registering->id, "Its id, where its key is elsewhere"),
          register_command->add_option("--shard", registering->shard, "Its region, where its key is elsewhere")
              ->capture_default_str(),
          register_command->add_option("--public-key", registering->public_key, "Its public key: a file, PEM"),
          register_command->add_option("--proof", registering->proof,
                                       "The proof that it has the key: a file of \"tally device prove\"")}) {
        elsewhere->excludes(folder);
    }
    register_command
        ->add_option("--schema", registering->schema,
                     "NAME or NAME@VERSION; made from the measurements where it does not exist")
        ->required();
    register_command->add_option("--keepalive", registering->keepalive_s, "Seconds within which it is to be heard")
        ->capture_default_str();
    register_command->add_option("--location", registering->location, "Where it is");
    add_source(*register_command, registering->source);
    on_chosen(*register_command, choice, registering, register_device);

    auto* sign_command = device->add_subcommand("sign", "Sign days of measurements into files, offline");
    auto signing = std::make_shared<RecordOptions>();
    sign_command->add_option("folder", signing->folder, "The device's folder")->required();
    sign_command->add_option("--out", signing->out, "Folder for the records")->required();
    add_source(*sign_command, signing->source);
    on_chosen(*sign_command, choice, signing, sign);

    auto* publish_command =
        device->add_subcommand("publish", "Sign and send days of measurements, or send signed records");
    auto publishing = std::make_shared<RecordOptions>();
    add_profile_option(*publish_command, publishing->profile);
    publish_command->add_option("folder", publishing->folder, "The device's folder");
    publish_command->add_option("--record", publishing->records, "A signed record to send; may be repeated");
    publish_command->add_option("--schema", publishing->schema,
                                "Bring the measurements to this registered schema first");
    add_source(*publish_command, publishing->source);
    on_chosen(*publish_command, choice, publishing, publish);
}

}  // namespace tally::node::cli
