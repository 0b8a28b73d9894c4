#include "node/cli/config_edit.h"

#include <fmt/chrono.h>

#include <algorithm>
#include <charconv>

#include "chaincode/host/package.h"
#include "chaincode/json/reflect.h"
#include "chaincode/json/strict_json.h"
#include "crypto/x509.h"
#include "node/consortium/consortium.h"
#include "storage/files.h"

namespace tally::node::cli {

namespace json = boost::json;

namespace {

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

// A version, or the file of a package, or nothing to take the contract out.
Status set_contract(ChannelConfig& config, const std::string& name, const std::string& value) {
    chaincode::ContractVersion wanted{name.substr(std::string_view("contracts.").size()), 0, {}};
    std::erase_if(config.contracts, [&](const auto& each) { return each.contract == wanted.contract; });
    if (value.empty()) return {};
    if (value.ends_with(".tallyc")) {
        const auto package = TRY(chaincode::host::read_package(value));
        const auto contract = TRY(chaincode::host::contract_of(package.manifest, [](std::string) { return nullptr; }));
        if (contract.name() != wanted.contract)
            return fail(Code::invalid_argument, "{} is a package of the contract {}", value, contract.name());
        wanted.version = contract.version();
        wanted.manifest = package.hash().hex();
    } else {
        TRY(set_number(wanted.version, name, value));
    }
    config.contracts.push_back(std::move(wanted));
    std::sort(config.contracts.begin(), config.contracts.end());
    return {};
}

Status set_field(ChannelConfig& config, const std::string& name, const std::string& value) {
    if (name == "batch.max_messages") return set_number(config.batch.max_messages, name, value);
    if (name == "batch.preferred_bytes") return set_number(config.batch.preferred_bytes, name, value);
    if (name == "batch.absolute_max_bytes") return set_number(config.batch.absolute_max_bytes, name, value);
    if (name == "batch.timeout_ms") return set_number(config.batch.timeout_ms, name, value);
    if (name == "rules") return set_number(config.rules, name, value);
    if (name.starts_with("contracts.")) return set_contract(config, name, value);
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
                    "fault_model, endorsement, receipt, configuration, proposal_lifetime_ms, residency, rules, "
                    "contracts.NAME and policies.CONTRACT can be set",

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

std::string day_of(std::int64_t ms) {
    return fmt::format("{:%Y-%m-%d}", fmt::gmtime(static_cast<std::time_t>(ms / 1000)));
}

// What two people can compare by reading it aloud.
std::string readable(std::string_view text) {
    if (const auto certificate = crypto::Certificate::from_pem(text)) {
        return fmt::format("certificate of {}, SHA-256 {}, {} to {}", certificate->subject_text(),
                           certificate->fingerprint().hex(), day_of(certificate->not_before_ms()),
                           day_of(certificate->not_after_ms()));
    }
    if (const auto list = crypto::RevocationList::from_pem(text)) {
        return fmt::format("revocation list {} of {}, SHA-256 {}, {} to {}", list->number(), list->issuer().common_name,
                           crypto::sha256(list->der()).hex(), day_of(list->this_update_ms()),
                           day_of(list->next_update_ms()));
    }
    if (const auto key = crypto::PublicKey::from_pem(text))
        return fmt::format("public key, SHA-256 {}", key->fingerprint().hex());
    return std::string(text);
}

std::string readable(const json::value& value) {
    return value.is_string() ? readable(std::string_view(value.get_string())) : chaincode::json_text(value);
}

// Every single value below `value`, as added or removed.
void list_all(const std::string& path, const json::value& value, bool added, std::vector<ConfigDifference>& out) {
    const auto one = [&](std::string text) {
        out.push_back(added ? ConfigDifference{path, {}, std::move(text)}
                            : ConfigDifference{path, std::move(text), {}});
    };
    if (const auto* object = value.if_object()) {
        for (const auto& [name, member] : *object)
            list_all(path.empty() ? std::string(name) : fmt::format("{}.{}", path, std::string_view(name)), member,
                     added, out);
        return;
    }
    const auto* list = value.if_array();
    const bool of_objects = list != nullptr && !list->empty() && list->front().is_object();
    const bool of_texts = list != nullptr && !list->empty() && list->front().is_string();
    if (of_texts) {
        for (const auto& each : *list) one(readable(each));
    } else if (of_objects) {
        for (const auto& each : *list) list_all(path, each, added, out);
    } else if (list == nullptr || !list->empty()) {
        one(readable(value));
    }
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
            list_all(name, each, false, out);
    }
    for (const auto& each : after) {
        const auto id = id_of(each);
        if (find(before, id) == nullptr) list_all(fmt::format("{}[{}]", path, id), each, true, out);
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
                list_all(below(name), value, false, out);
        }
        for (const auto& [name, value] : after.get_object()) {
            if (!objects->contains(name)) list_all(below(name), value, true, out);
        }
        return;
    }
    const auto named = [](const json::value& list) {
        return list.is_array() && std::all_of(list.get_array().begin(), list.get_array().end(),
                                              [](const auto& each) { return !id_of(each).empty(); });
    };
    if (named(before) && named(after)) return compare_lists(path, before.get_array(), after.get_array(), out);
    if (before.is_array() && after.is_array()) {  // certificates, lists, roles
        const auto in = [](const json::array& list, const json::value& value) {
            return std::find(list.begin(), list.end(), value) != list.end();
        };
        for (const auto& each : before.get_array()) {
            if (!in(after.get_array(), each)) list_all(path, each, false, out);
        }
        for (const auto& each : after.get_array()) {
            if (!in(before.get_array(), each)) list_all(path, each, true, out);
        }
        return;
    }
    out.push_back({path, readable(before), readable(after)});
}

}  // namespace

Status edit_config(ChannelConfig& config, const ConfigEdits& edits) {
    for (const auto& file : edits.add) {
        const auto text = TRY(storage::read_file(file));
        const auto added = TRY(chaincode::from_json<Additions>(TRY(chaincode::parse_json(text, file.string()))));
        if (added.channel != config.channel) {
            return fail(Code::wrong_channel, "{} is for the channel \"{}\"; this is \"{}\"", file.string(),
                        added.channel.substr(0, 64), config.channel);
        }
        put(config.organizations, added.organizations);
        put(config.nodes, added.nodes);
        put(config.orderers, added.orderers);
    }
    for (const auto& each : edits.remove) TRY(remove(config, each));
    for (const auto& each : edits.crls) TRY(set_crl(config, each));
    if (edits.upgrade) {
        const auto newest = newest_versions();
        config.rules = newest.rules;
        std::erase_if(config.contracts, [](const auto& each) { return !each.manifest; });
        config.contracts.insert(config.contracts.end(), newest.contracts.begin(), newest.contracts.end());
        std::sort(config.contracts.begin(), config.contracts.end());
    }
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
