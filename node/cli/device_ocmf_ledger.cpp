#include <algorithm>

#include "chaincode/contracts/data/refusals.h"
#include "chaincode/json/strict_json.h"
#include "chaincode/records/ocmf_record.h"
#include "crypto/meter_key.h"
#include "crypto/utf8.h"
#include "gateway/xml/reader.h"
#include "node/cli/command.h"
#include "node/cli/device_ocmf.h"
#include "node/cli/member_client.h"
#include "storage/files.h"

namespace tally::node::cli {
namespace {

namespace json = boost::json;
using gateway::ocmf::Entry;

struct OcmfRegisterOptions {
    std::filesystem::path profile;
    std::filesystem::path file;
    std::string id;
    std::string key;
    std::string shard = "default";
    std::int64_t interval_s = 900;
    std::int64_t keepalive_s = 86'400;
    std::string location;
};

// The one key that every value of the container shows.
Result<std::string> shown_key(const std::vector<Entry>& entries) {
    std::optional<crypto::PublicKey> first;
    std::string text;
    for (const auto& entry : entries) {
        if (entry.public_key.empty()) continue;
        auto key = crypto::meter_key_from(entry.public_key);
        if (!key) return std::unexpected(key.error().within(entry.place));
        if (first && !(*first == *key))
            return fail(Code::conflict,
                        "{}: the key is another one than that of an earlier value; say which with "
                        "--public-key",
                        entry.place);
        first = std::move(*key);
        text = entry.public_key;
    }
    if (text.empty()) return fail(Code::not_found, "the file shows no public key; give it with --public-key");
    return text;
}

Result<std::string> shown_serial(const Entry& entry) {
    const auto record = chaincode::read_ocmf(entry.record);
    if (!record) return std::unexpected(record.error().within(entry.place));
    if (record->meter().empty())
        return fail(Code::not_found, "{}: the record has no serial (MS, GS); give the device's id with --id",
                    entry.place);
    return record->meter();
}

Status register_meter(const OcmfRegisterOptions& options) {
    std::vector<Entry> entries;
    if (!options.file.empty()) {
        entries = TRY(read_ocmf_file(options.file));
    } else if (options.id.empty() || options.key.empty()) {
        return fail(Code::invalid_argument, "name a file with a record, or give --id and --public-key");
    }
    const auto key = options.key.empty() ? TRY(shown_key(entries)) : TRY(ocmf_key_text(options.key));
    const auto id = options.id.empty() ? TRY(shown_serial(entries.front())) : options.id;
    json::object arguments{{"id", id},
                           {"shard", options.shard},
                           {"profile", "ocmf-1"},
                           {"public_key", key},
                           {"polling_interval_s", options.interval_s},
                           {"keepalive_interval_s", options.keepalive_s}};
    if (!options.location.empty()) arguments.emplace("location", options.location);
    auto member = TRY(MemberClient::open(options.profile));
    const auto outcome = TRY(member.transact("registry", "register_device", chaincode::json_text(arguments)));
    const auto fingerprint = TRY(crypto::meter_key_from(key)).fingerprint().hex();
    if (style().json) {
        print_json(outcome);
        return {};
    }
    const auto* pending = outcome.at("result").as_object().if_contains("pending");
    say_done(fmt::format("Device {} {}", paint(Colour::bold, id),
                         pending != nullptr && *pending == json::value(true)
                             ? "waits for another organization's consent (registry.confirm_device)"
                             : "is registered"));
    print_facts({{"key", fingerprint}});
    if (options.key.empty()) say("  the key is the file's own: compare it with the one that is printed on the meter");
    return {};
}

// What became of the records that were sent.
class OcmfReport {
  public:
    void published(const Entry& entry, json::value result) {
        say_done(fmt::format("{}: {} is on the ledger", entry.place,
                             std::string_view(result.at("content_id").as_string()).substr(0, 16)));
        records_.push_back(std::move(result));
    }
    void known(const Entry& entry) {
        say_done(fmt::format("{} was on the ledger already", entry.place));
        ++known_;
    }
    // `error` names the place too.
    void refused(const std::string& place, Error error) {
        refused_.push_back(json::object{{"record", place}, {"code", error.code.name()}, {"detail", error.message}});
        if (!first_)
            first_ = std::move(error);
        else
            warn(error.message);
    }
    [[nodiscard]] Status finish() {
        if (style().json)
            print_json(
                json::object{{"records", std::move(records_)}, {"known", known_}, {"refused", std::move(refused_)}});
        if (first_) return std::unexpected(std::move(*first_));
        return {};
    }

  private:
    json::array records_, refused_;
    std::size_t known_ = 0;
    std::optional<Error> first_;
};

// Whether no node has judged the record: then the others would fare alike.
bool is_unreachable(const Error& error) {
    return error.code.kind() == Kind::unavailable || error.code.kind() == Kind::timed_out ||
           error.code.kind() == Kind::unauthenticated;
}

}  // namespace

Result<std::vector<std::filesystem::path>> ocmf_files(const std::filesystem::path& path) {
    std::vector<std::filesystem::path> out;
    std::error_code error;
    if (!std::filesystem::is_directory(path, error)) return std::vector{path};
    for (std::filesystem::directory_iterator at(path, error), end; !error && at != end; at.increment(error)) {
        std::error_code ignored;
        if (at->is_regular_file(ignored)) out.push_back(at->path());
    }
    if (error) return fail(Code::io_error, "{}: {}", path.string(), error.message());
    if (out.empty()) return fail(Code::not_found, "{}: the folder has no files", path.string());
    std::ranges::sort(out);
    return out;
}

Result<std::vector<Entry>> read_ocmf_file(const std::filesystem::path& file) {
    auto entries = gateway::ocmf::read_entries(TRY(storage::read_file(file, gateway::xml::kMaxBytes)));
    if (!entries) return std::unexpected(entries.error().within(file.string()));
    for (auto& entry : *entries)
        entry.place = entry.place.empty() ? file.string() : fmt::format("{}, {}", file.string(), entry.place);
    return entries;
}

Result<std::string> ocmf_key_text(const std::string& key) {
    std::error_code error;
    auto text = std::filesystem::is_regular_file(key, error) ? TRY(storage::read_file(key, crypto::kMaxKeyText)) : key;
    if (!is_utf8(text)) text = to_hex(as_bytes(text));  // a file of DER
    if (const auto read = crypto::meter_key_from(text); !read && read.error().code != Code::unsupported)
        return std::unexpected(read.error());
    return text;
}

Status publish_ocmf_files(const std::filesystem::path& profile, const std::vector<std::filesystem::path>& paths,
                          const std::string& device) {
    constexpr unsigned kAttempts = 5;  // when another record of the meter came between
    std::vector<std::filesystem::path> files;
    for (const auto& path : paths) std::ranges::move(TRY(ocmf_files(path)), std::back_inserter(files));
    auto member = TRY(MemberClient::open(profile));
    json::object arguments;
    if (!device.empty()) arguments.emplace("device", device);
    OcmfReport report;
    for (const auto& file : files) {
        const auto entries = read_ocmf_file(file);
        if (!entries) {
            report.refused(file.string(), entries.error());
            continue;
        }
        for (const auto& entry : *entries) {
            auto outcome = member.transact("data", "publish_ocmf", chaincode::json_text(arguments),
                                           {as_bytes(entry.record)}, true, kAttempts);
            if (outcome) {
                report.published(entry, std::move(outcome->at("result")));
            } else if (outcome.error().code == chaincode::data::refusals::duplicate_record) {
                report.known(entry);
            } else {
                report.refused(entry.place, outcome.error().within(entry.place));
                if (is_unreachable(outcome.error())) return report.finish();
            }
        }
    }
    return report.finish();
}

void add_device_ocmf_register(CLI::App& device, Choice& choice) {
    auto* command = device.add_subcommand("ocmf-register", "Register a meter that signs OCMF readings (role admin)");
    auto options = std::make_shared<OcmfRegisterOptions>();
    add_profile_option(*command, options->profile);
    command->add_option("file", options->file,
                        "A record or an XML container of the meter: its serial becomes the id, and the container's "
                        "public key the device's");
    command->add_option("--id", options->id, "Device id, if it is not the serial in the record");
    command->add_option("--public-key", options->key,
                        "The meter's public key, instead of the container's: a file, or its text (PEM, hex or base64)");
    command->add_option("--shard", options->shard, "Region label stored with the device (not a channel)")
        ->capture_default_str();
    command->add_option("--interval", options->interval_s, "Seconds between two readings")->capture_default_str();
    command->add_option("--keepalive", options->keepalive_s, "Maximum seconds between two messages of the device")
        ->capture_default_str();
    command->add_option("--location", options->location, "Where the device is installed (free text)");
    on_chosen(*command, choice, options, register_meter);
}

}  // namespace tally::node::cli
