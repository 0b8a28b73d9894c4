// tally device new | prove | register

#include "chaincode/contracts/registry/refusals.h"
#include "chaincode/json/reflect.h"
#include "chaincode/json/strict_json.h"
#include "crypto/token_key.h"
#include "gateway/device_sdk/day_builder.h"
#include "gateway/device_sdk/device_key.h"
#include "gateway/device_sdk/generator.h"
#include "gateway/device_sdk/meter_csv.h"
#include "node/channel/ledger_json.h"
#include "node/cli/command.h"
#include "node/cli/device_csv.h"
#include "node/cli/device_ocmf.h"
#include "node/cli/device_pending.h"
#include "node/cli/device_publish.h"
#include "node/cli/device_source.h"
#include "node/cli/folder_name.h"
#include "node/cli/member_client.h"
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
    std::string token;
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

Status create_device(const NewOptions& options) {
    const auto id = options.id.empty() ? folder_name(options.folder) : options.id;
    const sdk::DeviceIdentity identity{id, options.channel, options.shard};
    if (!options.token.empty() && !crypto::is_token_uri(options.token))
        return fail(Code::invalid_argument, "{} is no PKCS#11 URI", options.token);
    const auto device =
        TRY(options.token.empty() ? sdk::DeviceKey::create(options.folder, identity, options.algorithm)
                                  : sdk::DeviceKey::create(options.folder, identity, options.token + '\n'));
    if (style().json) {
        print_json(json::object{
            {"id", id}, {"folder", options.folder.string()}, {"public_key", device.key().public_key().pem()}});
    } else {
        say_done(fmt::format("Device {}, key {}, in {}", paint(Colour::bold, id),
                             crypto::algorithm_name(device.key().algorithm()), options.folder.string()));
    }
    return {};
}

Status register_schema(MemberClient& member, const std::string& schema, const std::vector<chaincode::Field>& fields) {
    const auto [id, version] = schema_parts(schema);
    json::array list;
    for (const auto& field : fields) list.push_back(chaincode::to_json(field));
    const json::object arguments{{"id", id}, {"version", version}, {"fields", std::move(list)}};
    const auto outcome = member.transact("registry", "register_schema", chaincode::json_text(arguments));
    if (!outcome && outcome.error().code != Code::already_exists) return std::unexpected(outcome.error());
    return {};
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

// Of a schema that is made after a file: with room for more decimals, unless records were signed without it.
Result<std::vector<chaincode::Field>> fields_for(const RegisterOptions& options, const Loaded& loaded) {
    if (options.source.generated) return loaded.measurements.fields;
    if (!options.folder.empty()) {
        const auto device = TRY(sdk::DeviceKey::open(options.folder));
        if (device.last_sequence() != 0) return loaded.measurements.fields;
    }
    return sdk::with_headroom(loaded.measurements);
}

// Whether the device is on the ledger and its records may not follow the schema yet.
Result<bool> wants_schema(MemberClient& member, const std::string& device, const std::string& schema) {
    const auto known = member.query("registry", "get_device", json::object{{"id", device}});
    if (!known) {
        if (known.error().code == chaincode::registry::refusals::unknown_device) return false;
        return std::unexpected(known.error());
    }
    const auto& schemas = known->at("schemas").as_array();
    return std::ranges::find(schemas, json::value(schema)) == schemas.end();
}

Status add_schema(MemberClient& member, const std::string& device, const std::string& schema) {
    const json::object arguments{{"device", device}, {"schemas", json::array{json::value(schema)}}};
    const auto outcome = TRY(member.transact("registry", "add_schemas", chaincode::json_text(arguments)));
    if (style().json)
        print_json(outcome);
    else
        say_done(fmt::format("Records of device {} may follow schema {} too (block {})", paint(Colour::bold, device),
                             schema, chaincode::json_text(outcome.as_object().at("block"))));
    return {};
}

Status learn(MemberClient& member, const RegisterOptions& options) {
    if (options.folder.empty()) return {};
    auto device = TRY(sdk::DeviceKey::open(options.folder));
    TRY(learn_schemas(member, device));
    return {};
}

Status register_device(const RegisterOptions& options) {
    auto member = TRY(MemberClient::open(options.profile));
    const auto registrant = TRY(registrant_of(options, member.identity().certificate().subject().organization));
    const auto schema = options.schema.find('@') == std::string::npos ? options.schema + "@1" : options.schema;
    const bool further = TRY(wants_schema(member, registrant.id, schema));
    std::int64_t interval = options.source.generator.interval_s;
    if (options.source.given()) {
        const auto loaded = TRY(load(options.source));
        if (loaded.report.interval_s > 0) interval = loaded.report.interval_s;
        const auto fields = further && !options.source.generated ? sdk::with_headroom(loaded.measurements)
                                                                 : TRY(fields_for(options, loaded));
        TRY(register_schema(member, schema, fields));
    }
    if (further) {
        TRY(add_schema(member, registrant.id, schema));
        return learn(member, options);
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
    TRY(learn(member, options));
    if (style().json)
        print_json(outcome);
    else
        say_done(fmt::format("Device {} is registered with schema {} (block {})", paint(Colour::bold, registrant.id),
                             schema, chaincode::json_text(outcome.as_object().at("block"))));
    return {};
}

}  // namespace

void add_device(CLI::App& app, Choice& choice) {
    auto* device = app.add_subcommand("device", "Devices: keys, registration, signed records");
    device->require_subcommand(1);

    auto* create_command = device->add_subcommand("new", "A folder with a new key, or with a key in a secure element");
    auto creating = std::make_shared<NewOptions>();
    create_command->add_option("folder", creating->folder, "The new folder; its name is the device's id")->required();
    create_command->add_option("--id", creating->id, "Device id, if it differs from the folder's name");
    create_command->add_option("--channel", creating->channel, "Channel that it signs for")->capture_default_str();
    create_command->add_option("--shard", creating->shard, "Region label stored with the device (not a channel)")
        ->capture_default_str();
    add_algorithm_option(*create_command, "--algorithm", creating->algorithm, "Key algorithm");
    create_command
        ->add_option("--token", creating->token,
                     "Use a key in a secure element: its PKCS#11 URI (docs/operations.md, Keys in hardware)")
        ->excludes("--algorithm");
    on_chosen(*create_command, choice, creating, create_device);

    auto* prove_command = device->add_subcommand(
        "prove", "Sign that an organization may register the device, where another machine registers it");
    auto proving = std::make_shared<ProveOptions>();
    prove_command->add_option("folder", proving->folder, "The device's folder")->required();
    prove_command->add_option("--organization", proving->organization, "Who is to register it")->required();
    prove_command->add_option("--out", proving->out, "The file to write")->required();
    on_chosen(*prove_command, choice, proving, prove);

    auto* register_command = device->add_subcommand(
        "register", "Register the device and its schema; for a registered device: a further schema (role admin)");
    auto registering = std::make_shared<RegisterOptions>();
    add_profile_option(*register_command, registering->profile);
    auto* folder = register_command->add_option("folder", registering->folder, "The device's folder");
    for (auto* elsewhere :
         {register_command->add_option("--id", registering->id, "Device id, if its key is on another machine"),
          register_command
              ->add_option("--shard", registering->shard,
                           "Region label, if the device's key is on another machine (not a channel)")
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
    register_command
        ->add_option("--keepalive", registering->keepalive_s, "Maximum seconds between two messages of the device")
        ->capture_default_str();
    register_command->add_option("--location", registering->location, "Where the device is installed (free text)");
    add_source(*register_command, registering->source);
    on_chosen(*register_command, choice, registering, register_device);

    add_device_pending(*device, choice);
    add_device_sign(*device, choice);
    add_device_publish(*device, choice);
    add_device_erase(*device, choice);
    add_device_encryption(*device, choice);
    add_device_commit(*device, choice);
    add_device_csv_check(*device, choice);
    add_device_csv_profiles(*device, choice);
    add_device_ocmf(*device, choice);
    add_device_ocmf_register(*device, choice);
}

}  // namespace tally::node::cli
