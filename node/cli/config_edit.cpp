#include "node/cli/config_edit.h"

#include <algorithm>
#include <charconv>

#include "chaincode/json/reflect.h"
#include "chaincode/json/strict_json.h"
#include "node/config/consortium.h"
#include "storage/files.h"

namespace tally::node::cli {

namespace json = boost::json;

namespace {

constexpr std::size_t kShown = 60;  // characters of a value

Result<std::pair<std::string, std::string>> split(const std::string& text, char at) {
    const auto place = text.find(at);
    if (place == std::string::npos || place == 0)
        return fail(Code::invalid_argument, "\"{}\" is not of the form NAME{}VALUE", text, at);
    return std::pair{text.substr(0, place), text.substr(place + 1)};
}

template <class Number>
Status set_number(Number& to, const std::string& name, const std::string& value) {
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), to);
    if (error == std::errc() && end == value.data() + value.size()) return {};
    return fail(Code::invalid_argument, "\"{}\" of {} is not a number that fits", value, name);
}

Status set_field(ChannelConfig& config, const std::string& name, const std::string& value) {
    if (name == "batch.max_messages") return set_number(config.batch.max_messages, name, value);
    if (name == "batch.preferred_bytes") return set_number(config.batch.preferred_bytes, name, value);
    if (name == "batch.absolute_max_bytes") return set_number(config.batch.absolute_max_bytes, name, value);
    if (name == "batch.timeout_ms") return set_number(config.batch.timeout_ms, name, value);
    if (name == "proposal_lifetime_ms") return set_number(config.proposal_lifetime_ms, name, value);
    if (name == "residency") {
        config.residency = value.empty() ? std::nullopt : std::optional(value);
        return {};
    }
    for (auto& [field, known] : {std::pair<std::string*, std::string_view>{&config.fault_model, "fault_model"},
                                 {&config.endorsement, "endorsement"},
                                 {&config.receipt, "receipt"},
                                 {&config.configuration, "configuration"}}) {
        if (name != known) continue;
        *field = value;
        return {};
    }
    if (!name.starts_with("policies."))
        return fail(Code::invalid_argument,
                    "there is no \"{}\"; batch.{{max_messages, preferred_bytes, absolute_max_bytes, timeout_ms}}, "
                    "fault_model, endorsement, receipt, configuration, proposal_lifetime_ms, residency and "
                    "policies.CONTRACT can "
                    "be set",
                    name);
    const auto contract = name.substr(std::string_view("policies.").size());
    std::erase_if(config.policies, [&](const ContractPolicy& each) { return each.contract == contract; });
    if (!value.empty()) config.policies.push_back({contract, value});
    return {};
}

template <class Entry>
void put(std::vector<Entry>& entries, const std::vector<Entry>& added) {
    for (const auto& each : added) {
        const auto found =
            std::find_if(entries.begin(), entries.end(), [&](const Entry& entry) { return entry.id == each.id; });
        if (found == entries.end())
            entries.push_back(each);
        else
            *found = each;
    }
}

template <class Entry>
std::size_t take(std::vector<Entry>& entries, const std::string& id) {
    return std::erase_if(entries, [&](const Entry& entry) { return entry.id == id; });
}

Status remove(ChannelConfig& config, const std::string& what) {
    const auto [kind, id] = TRY(split(what, '/'));
    std::size_t removed = 0;
    if (kind == "organization") {
        removed = take(config.organizations, id);
        std::erase_if(config.nodes, [&](const auto& node) { return node.organization == id; });
        std::erase_if(config.orderers, [&](const auto& orderer) { return orderer.organization == id; });
    } else if (kind == "node") {
        removed = take(config.nodes, id);
        take(config.orderers, id);
    } else if (kind == "orderer") {
        removed = take(config.orderers, id);
    } else {
        return fail(Code::invalid_argument, "\"{}\": organization/ID, node/ID or orderer/ID can be removed", what);
    }
    if (removed == 0) return fail(Code::not_found, "there is no {} \"{}\" in the configuration", kind, id);
    return {};
}

Status set_crl(ChannelConfig& config, const std::string& what) {
    const auto [id, file] = TRY(split(what, '='));
    for (auto& organization : config.organizations) {
        if (organization.id != id) continue;
        organization.crls = {TRY(storage::read_file(file))};
        return {};
    }
    return fail(Code::not_found, "there is no organization \"{}\" in the configuration", id);
}

std::string shown(const json::value& value) {
    auto text = value.is_string() ? std::string(value.get_string()) : chaincode::json_text(value);
    std::replace(text.begin(), text.end(), '\n', ' ');
    return text.size() <= kShown ? text : text.substr(0, kShown) + "…";
}

std::string id_of(const json::value& entry) {
    const auto* object = entry.if_object();
    for (const char* name : {"id", "contract"}) {
        const auto* found = object == nullptr ? nullptr : object->if_contains(name);
        if (found != nullptr && found->is_string()) return std::string(found->get_string());
    }
    return {};
}

void compare(const std::string& path, const json::value& before, const json::value& after,
             std::vector<ConfigDifference>& out);

const json::value* find(const json::array& entries, const std::string& id) {
    const auto found =
        std::find_if(entries.begin(), entries.end(), [&](const auto& each) { return id_of(each) == id; });
    return found == entries.end() ? nullptr : &*found;
}

void compare_lists(const std::string& path, const json::array& before, const json::array& after,
                   std::vector<ConfigDifference>& out) {
    for (const auto& each : before) {
        const auto id = id_of(each);
        const auto name = fmt::format("{}[{}]", path, id);
        if (const auto* other = find(after, id))
            compare(name, each, *other, out);
        else
            out.push_back({name, shown(each), {}});
    }
    for (const auto& each : after) {
        const auto id = id_of(each);
        if (find(before, id) == nullptr) out.push_back({fmt::format("{}[{}]", path, id), {}, shown(each)});
    }
}

void compare(const std::string& path, const json::value& before, const json::value& after,
             std::vector<ConfigDifference>& out) {
    if (before == after) return;
    const auto* objects = before.if_object();
    if (objects != nullptr && after.is_object()) {
        const auto below = [&](std::string_view name) {
            return path.empty() ? std::string(name) : fmt::format("{}.{}", path, name);
        };
        for (const auto& [name, value] : *objects) {
            if (const auto* other = after.get_object().if_contains(name))
                compare(below(name), value, *other, out);
            else
                out.push_back({below(name), shown(value), {}});
        }
        for (const auto& [name, value] : after.get_object()) {
            if (!objects->contains(name)) out.push_back({below(name), {}, shown(value)});
        }
        return;
    }
    const auto named = [](const json::value& list) {
        return list.is_array() && std::all_of(list.get_array().begin(), list.get_array().end(),
                                              [](const auto& each) { return !id_of(each).empty(); });
    };
    if (named(before) && named(after)) return compare_lists(path, before.get_array(), after.get_array(), out);
    out.push_back({path, shown(before), shown(after)});
}

}  // namespace

Status edit_config(ChannelConfig& config, const ConfigEdits& edits) {
    for (const auto& file : edits.add) {
        const auto text = TRY(storage::read_file(file));
        const auto added = TRY(chaincode::from_json<Additions>(TRY(chaincode::parse_json(text, file.string()))));
        put(config.organizations, added.organizations);
        put(config.nodes, added.nodes);
        put(config.orderers, added.orderers);
    }
    for (const auto& each : edits.remove) TRY(remove(config, each));
    for (const auto& each : edits.crls) TRY(set_crl(config, each));
    for (const auto& each : edits.set) {
        const auto [name, value] = TRY(split(each, '='));
        TRY(set_field(config, name, value));
    }
    return {};
}

Result<std::vector<ConfigDifference>> config_differences(std::string_view before, std::string_view after) {
    std::vector<ConfigDifference> out;
    compare("", TRY(chaincode::parse_json(before, "the configuration", {.max_bytes = 16U << 20})),
            TRY(chaincode::parse_json(after, "the other configuration", {.max_bytes = 16U << 20})), out);
    return out;
}

}  // namespace tally::node::cli
