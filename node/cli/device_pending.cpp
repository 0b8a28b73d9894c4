#include "node/cli/device_pending.h"

#include <fmt/chrono.h>

#include "chaincode/contracts/registry/arguments.h"
#include "chaincode/json/reflect.h"
#include "chaincode/json/strict_json.h"
#include "gateway/registrations.h"
#include "node/cli/command.h"
#include "node/cli/member_client.h"
#include "node/settling/admit_devices.h"

namespace tally::node::cli {

namespace json = boost::json;
namespace registry = chaincode::registry;

namespace {

struct PendingOptions {
    std::filesystem::path profile;
};

struct AdmitOptions {
    std::filesystem::path profile;
    std::string device;
    std::string like;
    std::string shard = "default";
    std::vector<std::string> schemas;
    std::int64_t polling_s = 900;
    std::int64_t keepalive_s = 3600;
};

std::string when(std::int64_t ms) {
    return fmt::format("{:%Y-%m-%d %H:%M}", fmt::gmtime(static_cast<std::time_t>(ms / 1000)));
}

Status list_pending(const PendingOptions& options) {
    auto member = TRY(MemberClient::open(options.profile));
    const auto answer = TRY(member.get("/v1/registrations"));
    if (style().json) {
        print_json(answer);
        return {};
    }
    std::vector<std::vector<std::string>> rows;
    for (const auto& each : answer.as_object().at("registrations").as_array()) {
        const auto one = TRY(chaincode::from_json<gateway::PendingRegistration>(each));
        rows.push_back({one.device, one.fingerprint.substr(0, 16), one.authority_subject, when(one.received_ms),
                        when(one.expires_ms)});
    }
    if (rows.empty())
        say("No device waits.");
    else
        print_table({"device", "key", "authority", "asked", "expires"}, rows);
    return {};
}

Status admit(const AdmitOptions& options) {
    auto member = TRY(MemberClient::open(options.profile));
    TRY(chaincode::check_identifier(options.device, "the device's id"));
    const auto answer = TRY(member.get("/v1/registrations?device=" + options.device));
    const auto& found = answer.as_object().at("registrations").as_array();
    if (found.empty()) return fail(Code::not_found, "\"{}\" does not ask to be registered", options.device);
    const auto request = TRY(chaincode::from_json<gateway::PendingRegistration>(found.front()));
    json::object arguments;
    if (!options.like.empty()) {
        const auto like = TRY(member.query("registry", "get_device", json::object{{"id", options.like}}));
        arguments = TRY(admission_of(request, like));
    } else {
        if (options.schemas.empty())
            return fail(Code::invalid_argument, "name a device that it is like (--like), or its schemas (--schema)");
        registry::RegisterDevice device;
        device.id = request.device;
        device.shard = options.shard;
        device.certificate_chain = request.certificate_chain;
        device.proof = request.proof;
        for (const auto& schema : options.schemas)
            device.schemas.push_back(schema.find('@') == std::string::npos ? schema + "@1" : schema);
        device.polling_interval_s = options.polling_s;
        device.keepalive_interval_s = options.keepalive_s;
        arguments = chaincode::to_json(device).as_object();
    }
    const auto outcome = TRY(member.transact("registry", "register_device", chaincode::json_text(arguments)));
    if (style().json)
        print_json(outcome);
    else
        say_done(fmt::format("Device {} is registered (block {})", paint(Colour::bold, request.device),
                             chaincode::json_text(outcome.as_object().at("block"))));
    return {};
}

}  // namespace

void add_device_pending(CLI::App& device, Choice& choice) {
    auto* list = device.add_subcommand(
        "pending", "Devices with a certificate under a trust anchor that ask to be registered, at a gateway");
    auto listing = std::make_shared<PendingOptions>();
    add_profile_option(*list, listing->profile);
    on_chosen(*list, choice, listing, list_pending);

    auto* command = device.add_subcommand("admit", "Register a device that asks (role admin or client)");
    auto admitting = std::make_shared<AdmitOptions>();
    add_profile_option(*command, admitting->profile);
    command->add_option("device", admitting->device, "Its id")->required();
    auto* like = command->add_option("--like", admitting->like,
                                     "A registered device, whose shard, schemas and intervals it gets");
    for (auto* option :
         {command->add_option("--shard", admitting->shard, "Region label stored with the device (not a channel)"),
          command->add_option("--schema", admitting->schemas, "NAME or NAME@VERSION; may be given again"),
          command->add_option("--polling", admitting->polling_s, "Seconds between two measurements"),
          command->add_option("--keepalive", admitting->keepalive_s, "Maximum seconds between two of its messages")}) {
        option->excludes(like)->capture_default_str();
    }
    on_chosen(*command, choice, admitting, admit);
}

}  // namespace tally::node::cli
