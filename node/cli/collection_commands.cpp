// tally collection define | assign | release | list | show, and tally device erase | commit

#include <thread>

#include "chaincode/calendar.h"
#include "chaincode/contracts/data/kept_answers.h"
#include "chaincode/contracts/registry/answers.h"
#include "chaincode/json/strict_json.h"
#include "gateway/device_sdk/device_key.h"
#include "node/cli/command.h"
#include "node/cli/member_client.h"

namespace tally::node::cli {

namespace json = boost::json;
namespace data = chaincode::data;
namespace registry = chaincode::registry;
using chaincode::Date;

namespace {

std::int64_t beginning_utc(Date day) {
    return std::chrono::duration_cast<std::chrono::seconds>(day.day().time_since_epoch()).count();
}

struct DefineOptions {
    std::filesystem::path profile;
    std::string id;
    std::vector<std::string> keepers;
    std::int64_t keep_days = 0;  // 0: until they are erased
    bool figures = false;
};

struct AssignOptions {
    std::filesystem::path profile;
    std::string id;
    std::vector<std::string> devices;
};

struct CollectionOptions {
    std::filesystem::path profile;
    std::string id;
};

struct EraseOptions {
    std::filesystem::path profile;
    std::string device;
    std::string from;
    std::string until;
    std::string reason;
    std::int64_t wait_s = 60;
};

std::string day_text_of(std::int64_t time_s) {
    return Date::of(std::chrono::floor<std::chrono::days>(std::chrono::sys_seconds(std::chrono::seconds(time_s))))
        .text();
}

std::string_view kept_of(const registry::Collection& collection) {
    return registry::keeps_figures(collection) ? "readings and figures" : "readings";
}

std::string term_of(const registry::Collection& collection) {
    return collection.keep_days ? fmt::format("{} days", *collection.keep_days) : "until they are erased";
}

Status define(const DefineOptions& in) {
    auto member = TRY(MemberClient::open(in.profile));
    registry::DefineCollection arguments{in.id, in.keepers, {}, {}};
    if (in.keep_days > 0) arguments.keep_days = in.keep_days;
    if (in.figures) arguments.figures = true;
    const auto made = TRY(act<registry::Collection>(member, "registry", "define_collection", arguments));
    if (style().json) return print_json(chaincode::to_json(made)), Status();
    say_done(fmt::format("Collection {}: the nodes of {} keep its {} {}", paint(Colour::bold, made.id),
                         fmt::join(made.keepers, ", "), kept_of(made),
                         made.keep_days ? "for " + term_of(made) : term_of(made)));
    if (in.figures) say("  Its devices sign commitments in the place of their figures: tally device commit FOLDER");
    say(fmt::format("  next:  tally collection assign {} DEVICE ...", made.id));
    return {};
}

// Without an id: their readings go into blocks again.
Status assign(const AssignOptions& in) {
    auto member = TRY(MemberClient::open(in.profile));
    registry::AssignCollection arguments{in.devices, {}};
    if (!in.id.empty()) arguments.collection = in.id;
    const auto made = TRY(act<registry::CollectionAssigned>(member, "registry", "assign_collection", arguments));
    if (style().json) return print_json(chaincode::to_json(made)), Status();
    const auto devices = fmt::format("{}", fmt::join(made.devices, ", "));
    say_done(in.id.empty()
                 ? fmt::format("Readings of {} go into blocks from now on", devices)
                 : fmt::format("Readings of {} are kept by the collection {} from now on, and are in no block", devices,
                               paint(Colour::bold, in.id)));
    return {};
}

Status list_collections(const std::filesystem::path& profile) {
    auto member = TRY(MemberClient::open(profile));
    std::vector<registry::Collection> all;
    TRY(ask_all<registry::CollectionPage>(
        member, "registry", "list_collections", chaincode::PageArguments{chaincode::kLargestPage, {}},
        [&](const auto& page) { all.insert(all.end(), page.collections.begin(), page.collections.end()); }));
    if (style().json) return print_json(chaincode::to_json(all)), Status();
    std::vector<std::vector<std::string>> rows;
    for (const auto& each : all)
        rows.push_back({each.id, each.organization, fmt::format("{}", fmt::join(each.keepers, ", ")),
                        std::string(kept_of(each)), term_of(each)});
    print_table({"collection", "of", "keepers", "what", "kept"}, rows);
    return {};
}

Status show_collection(const CollectionOptions& in) {
    auto member = TRY(MemberClient::open(in.profile));
    const auto collection =
        TRY(ask<registry::Collection>(member, "registry", "get_collection", registry::OneCollection{in.id}));
    std::vector<data::ExpiryReport> reports;
    TRY(ask_all<data::ExpiryPage>(
        member, "data", "expiries", data::Expiries{{chaincode::kLargestPage, {}}, in.id},
        [&](const auto& page) { reports.insert(reports.end(), page.reports.begin(), page.reports.end()); }));
    if (style().json) {
        auto out = chaincode::to_json(collection).as_object();
        out["expiries"] = chaincode::to_json(reports);
        return print_json(out), Status();
    }
    print_facts({{"collection", collection.id},
                 {"of", collection.organization},
                 {"keepers", fmt::format("{}", fmt::join(collection.keepers, ", "))},
                 {"what", std::string(kept_of(collection))},
                 {"kept", term_of(collection)}});
    std::vector<std::vector<std::string>> rows;
    for (const auto& each : reports)
        rows.push_back({each.organization, each.node, day_text_of(each.before), fmt::format("{}", each.series),
                        each.transaction.substr(0, 16)});
    if (!rows.empty()) print_table({"keeper", "node", "removed before", "records", "report"}, rows);
    return {};
}

// Records of the device that are in blocks with their rows, within the bounds.
Result<std::int64_t> open_records(MemberClient& member, const data::ErasureOrder& order) {
    std::int64_t count = 0;
    std::optional<std::string> cursor;
    do {
        json::object question{{"device", order.device}, {"limit", chaincode::kLargestPage}};
        if (cursor) question["cursor"] = *cursor;
        const auto page = TRY(member.query("data", "records", question));
        for (const auto& each : page.at("records").as_array()) {
            const bool within = each.at("from").to_number<std::int64_t>() >= order.from &&
                                each.at("to").to_number<std::int64_t>() <= order.to;
            if (within && !each.at("series_transaction").is_null()) ++count;
        }
        const auto* next = page.as_object().if_contains("next");
        cursor = next != nullptr && next->is_string() ? std::optional(std::string(next->get_string())) : std::nullopt;
    } while (cursor);
    return count;
}

// The erasure as the ledger has it; a keeper without a report has removed nothing that one could prove.
struct Erasure {
    data::ErasureView view;
    std::vector<std::string> silent;  // keepers
};

Result<Erasure> erasure_of(MemberClient& member, const data::ErasureOrder& order,
                           const std::vector<registry::Collection>& collections) {
    Erasure out;
    TRY(ask_all<data::ErasurePage>(member, "data", "erasures",
                                   data::Erasures{{chaincode::kLargestPage, {}}, order.device, order.ordered_ms},
                                   [&](const data::ErasurePage& page) {
                                       for (const auto& each : page.erasures)
                                           if (each.order == order.order) out.view = each;
                                   }));
    for (const auto& collection : collections) {
        for (const auto& keeper : collection.keepers) {
            const bool reported = std::ranges::any_of(out.view.reports, [&](const data::ErasureReport& report) {
                return report.organization == keeper && report.collection == collection.id;
            });
            if (!reported) out.silent.push_back(fmt::format("{} ({})", keeper, collection.id));
        }
    }
    return out;
}

Status print_erasure(const Erasure& erasure, std::int64_t in_blocks) {
    if (style().json) {
        auto out = chaincode::to_json(erasure.view).as_object();
        out["without_report"] = chaincode::to_json(erasure.silent);
        out["records_in_blocks"] = in_blocks;
        print_json(out);
    } else {
        say_done(fmt::format("The erasure of readings of {} is ordered: transaction {}",
                             paint(Colour::bold, erasure.view.device), erasure.view.order));
        std::vector<std::vector<std::string>> rows;
        for (const auto& each : erasure.view.reports)
            rows.push_back(
                {each.organization, each.node, fmt::format("{}", each.series), each.transaction.substr(0, 16)});
        if (!rows.empty()) print_table({"keeper", "node", "records removed", "signed report"}, rows);
    }
    if (in_blocks > 0) {
        warn(fmt::format("{} records of {} were published with their readings before; these are in blocks and stay",
                         in_blocks, erasure.view.device));
    }
    if (erasure.silent.empty()) return {};
    return fail(Code::unavailable,
                "no node of {} has reported yet; the order stands, and they remove the readings when they see it: "
                "tally call data erasures --device {}",
                fmt::join(erasure.silent, ", "), erasure.view.device);
}

Status erase(const EraseOptions& in) {
    auto member = TRY(MemberClient::open(in.profile));
    data::Erase arguments{in.device, {}, {}, in.reason};
    if (!in.from.empty()) arguments.from = beginning_utc(TRY(Date::parse(in.from)));
    if (!in.until.empty()) arguments.to = beginning_utc(TRY(Date::parse(in.until)));
    const auto order = TRY(act<data::ErasureOrder>(member, "data", "erase", arguments));
    const auto of =
        TRY(ask<registry::CollectionsOf>(member, "registry", "collections_of", registry::OneDevice{in.device}));
    std::vector<registry::Collection> collections;
    for (const auto& id : of.collections) {
        collections.push_back(
            TRY(ask<registry::Collection>(member, "registry", "get_collection", registry::OneCollection{id})));
    }
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(in.wait_s);
    auto erasure = TRY(erasure_of(member, order, collections));
    while (!erasure.silent.empty() && std::chrono::steady_clock::now() < deadline) {
        std::this_thread::sleep_for(std::chrono::milliseconds(500));
        erasure = TRY(erasure_of(member, order, collections));
    }
    return print_erasure(erasure, TRY(open_records(member, order)));
}

}  // namespace

void add_collection(CLI::App& app, Choice& choice) {
    auto* collection = app.add_subcommand("collection", "Readings that some organizations keep, and no block holds");
    collection->require_subcommand(1);

    auto* define_command = collection->add_subcommand("define", "Name the organizations that keep readings");
    auto defining = std::make_shared<DefineOptions>();
    add_profile_option(*define_command, defining->profile);
    define_command->add_option("collection", defining->id, "Its new id")->required();
    define_command->add_option("--keepers", defining->keepers, "Organizations whose gateways keep the readings")
        ->required()
        ->delimiter(',');
    define_command
        ->add_option("--keep-days", defining->keep_days,
                     "Days after a record's period when they are removed (default: never)")
        ->check(CLI::Range(1, 36'525));
    define_command->add_flag("--figures", defining->figures,
                             "The gateways keep the figures too; devices sign commitments in their place");
    on_chosen(*define_command, choice, defining, define);

    auto* assign_command = collection->add_subcommand("assign", "Keep the readings of devices in it from now on");
    auto assigning = std::make_shared<AssignOptions>();
    add_profile_option(*assign_command, assigning->profile);
    assign_command->add_option("collection", assigning->id, "The collection")->required();
    assign_command->add_option("devices", assigning->devices, "Device ids")->required();
    on_chosen(*assign_command, choice, assigning, assign);

    auto* release_command = collection->add_subcommand("release", "Publish the readings of devices in blocks again");
    auto releasing = std::make_shared<AssignOptions>();
    add_profile_option(*release_command, releasing->profile);
    release_command->add_option("devices", releasing->devices, "Device ids")->required();
    on_chosen(*release_command, choice, releasing, assign);

    auto* list_command = collection->add_subcommand("list", "All collections of the channel");
    auto listing = std::make_shared<std::filesystem::path>();
    add_profile_option(*list_command, *listing);
    on_chosen(*list_command, choice, listing, list_collections);

    auto* show_command = collection->add_subcommand("show", "One collection, and what its keepers have removed");
    auto showing = std::make_shared<CollectionOptions>();
    add_profile_option(*show_command, showing->profile);
    show_command->add_option("collection", showing->id, "The collection")->required();
    on_chosen(*show_command, choice, showing, show_collection);
}

void add_device_erase(CLI::App& device, Choice& choice) {
    auto* command = device.add_subcommand(
        "erase", "Order the keepers of a device's readings to remove them, and show their signed reports");
    auto options = std::make_shared<EraseOptions>();
    add_profile_option(*command, options->profile);
    command->add_option("device", options->device, "Device id")->required();
    command->add_option("--from", options->from, "Records that begin on this day (UTC) or later (default: all)");
    command->add_option("--until", options->until, "Records that end before this day (UTC) begins (default: all)");
    command->add_option("--reason", options->reason, "Why; it stays on the ledger")->required();
    command->add_option("--wait", options->wait_s, "Seconds to wait for the keepers' reports")->capture_default_str();
    on_chosen(*command, choice, options, erase);
}

void add_device_commit(CLI::App& device, Choice& choice) {
    struct CommitOptions {
        std::filesystem::path folder;
        bool off = false;
    };
    auto* command = device.add_subcommand(
        "commit", "Sign commitments in the place of figures from the next record on, for a collection that keeps them");
    auto options = std::make_shared<CommitOptions>();
    command->add_option("folder", options->folder, "The device's folder")->required();
    command->add_flag("--off", options->off, "Sign figures again");
    on_chosen(*command, choice, options, [](const CommitOptions& in) -> Status {
        auto key = TRY(gateway::device_sdk::DeviceKey::open(in.folder));
        TRY(key.commit_figures(!in.off));
        if (style().json) print_json(json::object{{"device", key.identity().id}, {"commits", !in.off}});
        say_done(fmt::format("{} signs {} from the next record on", key.identity().id,
                             in.off ? "figures" : "commitments in the place of its figures"));
        return {};
    });
}

}  // namespace tally::node::cli
