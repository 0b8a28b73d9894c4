// tally reading-key new | publish, and tally device encrypt | hand-over: who may read encrypted series.

#include <algorithm>

#include "chaincode/contracts/agreement/answers.h"
#include "chaincode/contracts/data/series_keys.h"
#include "chaincode/json/strict_json.h"
#include "gateway/device_sdk/device_key.h"
#include "node/cli/command.h"
#include "node/cli/encrypted_series.h"
#include "storage/files.h"

namespace tally::node::cli {

namespace agreement = chaincode::agreement;
namespace data = chaincode::data;
namespace json = boost::json;
namespace sdk = gateway::device_sdk;

namespace {

struct KeyOptions {
    std::filesystem::path profile;
    std::filesystem::path file;
};

struct HandOverOptions {
    std::filesystem::path profile;
    std::filesystem::path folder;
    std::string agreement;
    std::vector<std::string> organizations;  // empty: all consumers and verifiers
};

struct Handed {
    std::string organization;
    std::string key_id;
    std::string transaction;
};
BOOST_DESCRIBE_STRUCT(Handed, (), (organization, key_id, transaction))

Status new_reading_key(const KeyOptions& options) {
    if (std::filesystem::exists(options.file))
        return fail(Code::already_exists, "{} exists already", options.file.string());
    const auto key = crypto::ReadingKey::generate();
    TRY(storage::write_file(options.file, as_bytes(key.pem()), 0600));
    if (style().json)
        print_json(json::object{{"path", options.file.string()}, {"public_key", to_hex(key.public_key())}});
    say_done(fmt::format("{}: the reading key {}", options.file.string(), to_hex(key.public_key())));
    return {};
}

Status publish_reading_key(const KeyOptions& options) {
    const auto key = TRY(load_reading_key(options.file));
    auto member = TRY(MemberClient::open(options.profile));
    const auto outcome = TRY(
        member.transact("data", "publish_reading_key",
                        chaincode::json_text(chaincode::to_json(data::PublishReadingKey{to_hex(key.public_key())}))));
    if (style().json) print_json(outcome);
    say_done(fmt::format("{} reads with the key {}", member.organization(), to_hex(key.public_key())));
    return {};
}

Status encrypt(const KeyOptions& options) {
    auto device = TRY(sdk::DeviceKey::open(options.file));
    const auto id = TRY(device.encrypt());
    if (style().json) print_json(json::object{{"device", device.identity().id}, {"key_id", id}});
    say_done(fmt::format("{} encrypts its series from the next daily record on, under the key {}", device.identity().id,
                         id));
    say("  tally device hand-over gives the key to the parties of an agreement.");
    return {};
}

// The consumers and verifiers of the agreement's last version in force, or those of them that were named.
Result<std::vector<std::string>> readers_of(MemberClient& member, const HandOverOptions& options) {
    const auto found =
        TRY(ask<agreement::Agreement>(member, "agreement", "get", agreement::OneAgreement{options.agreement}));
    if (found.in_force.empty()) return fail(Code::not_found, "the agreement {} is not in force", options.agreement);
    const auto version = TRY(ask<agreement::Version>(member, "agreement", "get_version",
                                                     agreement::OneVersion{options.agreement, found.in_force.back()}));
    std::vector<std::string> out;
    for (const auto& party : version.terms.parties) {
        const bool reads = party.role == agreement::PartyRole::RC || party.role == agreement::PartyRole::DV;
        if (reads && std::ranges::find(out, party.organization) == out.end()) out.push_back(party.organization);
    }
    for (const auto& named : options.organizations) {
        if (std::ranges::find(out, named) == out.end())
            return fail(Code::invalid_argument, "--to {}: {}'s consumers and verifiers are {}", named,
                        options.agreement, fmt::join(out, ", "));
    }
    return options.organizations.empty() ? out : options.organizations;
}

Status hand_over(const HandOverOptions& options) {
    const auto device = TRY(sdk::DeviceKey::open(options.folder));
    const auto& id = device.identity().id;
    if (device.series_keys().empty())
        return fail(Code::not_found, "{} encrypts nothing: tally device encrypt makes it", id);
    auto member = TRY(MemberClient::open(options.profile));
    std::vector<Handed> handed;
    for (const auto& organization : TRY(readers_of(member, options))) {
        const auto reader = TRY(ask<data::ReadingKeyOf>(member, "data", "reading_key", data::ReaderOf{organization}));
        for (const auto& key : device.series_keys()) {
            const auto key_id = to_hex(crypto::content_key_id(key));
            const auto wrapped =
                TRY(crypto::ReadingKey::wrap(TRY(from_hex(reader.public_key)), key, handed_key_aad(id, organization)));
            const data::HandOverKey arguments{options.agreement, id, organization, key_id, to_base64(wrapped)};
            const auto outcome =
                TRY(member.transact("data", "hand_over_key", chaincode::json_text(chaincode::to_json(arguments))));
            handed.push_back({organization, key_id, std::string(outcome.at("id").as_string())});
        }
    }
    if (style().json) {
        print_json(chaincode::to_json(handed));
        return {};
    }
    std::vector<std::vector<std::string>> rows;
    for (const auto& each : handed) rows.push_back({each.organization, each.key_id, each.transaction.substr(0, 16)});
    print_table({"organization", "key", "transaction"}, rows);
    return {};
}

}  // namespace

void add_reading_key(CLI::App& app, Choice& choice) {
    auto* keys = app.add_subcommand("reading-key", "The key with which an organization reads encrypted series");
    keys->require_subcommand(1);
    auto* making = keys->add_subcommand("new", "Make a key (X25519)");
    auto made = std::make_shared<KeyOptions>();
    making->add_option("file", made->file, "The new file. Keep it secret: it opens every key that is handed over")
        ->required();
    on_chosen(*making, choice, made, new_reading_key);

    auto* publishing = keys->add_subcommand("publish", "Publish its public part, for which operators wrap their keys");
    auto published = std::make_shared<KeyOptions>();
    add_profile_option(*publishing, published->profile);
    publishing->add_option("file", published->file, "The key")->required();
    on_chosen(*publishing, choice, published, publish_reading_key);
}

void add_device_encryption(CLI::App& device, Choice& choice) {
    auto* encrypting = device.add_subcommand(
        "encrypt", "Encrypt the series of further daily records under a new key, which the device's folder keeps");
    auto options = std::make_shared<KeyOptions>();
    encrypting->add_option("folder", options->file, "The device's folder")->required();
    on_chosen(*encrypting, choice, options, encrypt);

    auto* handing =
        device.add_subcommand("hand-over", "Give the keys of encrypted series to the parties of an agreement");
    auto handed = std::make_shared<HandOverOptions>();
    add_profile_option(*handing, handed->profile);
    handing->add_option("folder", handed->folder, "The device's folder")->required();
    handing->add_option("--agreement", handed->agreement, "The agreement that covers the device")->required();
    handing->add_option("--to", handed->organizations, "Only this organization; may be repeated");
    on_chosen(*handing, choice, handed, hand_over);
}

}  // namespace tally::node::cli
