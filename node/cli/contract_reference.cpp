#include "node/cli/contract_reference.h"

#include <fmt/ranges.h>

#include "node/cli/json_schema.h"

namespace tally::node::cli {
namespace {

namespace json = boost::json;

// "integer, 1 to 1000", "list of text", "ACTIVE, SUSPENDED or RETIRED".
std::string words_for(const json::object& schema) {
    const auto bounds = [&](const char* least, const char* most, std::string_view unit) -> std::string {
        const auto* low = schema.if_contains(least);
        const auto* high = schema.if_contains(most);
        if (low != nullptr && high != nullptr)
            return fmt::format(", {} to {}{}", low->as_int64(), high->as_int64(), unit);
        if (low != nullptr) return fmt::format(", at least {}{}", low->as_int64(), unit);
        return high == nullptr ? "" : fmt::format(", at most {}{}", high->as_int64(), unit);
    };
    if (const auto* choices = schema.if_contains("enum")) {
        std::vector<std::string_view> names;
        for (const auto& each : choices->as_array()) names.emplace_back(each.as_string());
        return fmt::format("{}", fmt::join(names, " \\| "));
    }
    if (schema.contains("anyOf")) return words_for(schema.at("anyOf").at(0).as_object()) + ", or null";
    const auto type = text_at(schema, "type");
    if (type == "integer") return "integer" + bounds("minimum", "maximum", "");
    if (type == "string") return "text" + bounds("minLength", "maxLength", " bytes");
    if (type == "boolean") return "true or false";
    if (const auto* elements = schema.if_contains("prefixItems")) {
        std::vector<std::string> words;
        for (const auto& each : elements->as_array()) words.push_back(words_for(each.as_object()));
        return fmt::format("[{}]", fmt::join(words, "; "));
    }
    if (type == "array")
        return "list of " + words_for(schema.at("items").as_object()) + bounds("minItems", "maxItems", " entries");
    return type == "object" ? "object" : "any JSON";
}

// Rows for the members of an object; those of nested objects as `outer.inner`.
void add_rows(std::string& page, const json::object& schema, const std::string& path) {
    const auto* properties = schema.if_contains("properties");
    if (properties == nullptr) return;
    for (const auto& [key, value] : properties->as_object()) {
        const auto name = path + std::string(key);
        const auto& member = value.as_object();
        page += fmt::format("| `{}`{} | {} | {} |\n", name, is_required(schema, key) ? "" : " (optional)",
                            words_for(member), text_at(member, "description"));
        const bool list = text_at(member, "type") == "array" && member.contains("items");
        add_rows(page, list ? member.at("items").as_object() : member, name + (list ? "[]." : "."));
    }
}

void add_object(std::string& page, std::string_view title, const json::object& schema) {
    const auto& shape = schema.contains("anyOf") ? schema.at("anyOf").at(0).as_object() : schema;
    const auto* properties = shape.if_contains("properties");
    if (properties == nullptr || properties->as_object().empty()) {
        page += fmt::format("\n{}: {}.\n", title, shape.contains("properties") ? "none" : words_for(schema));
        return;
    }
    page += fmt::format("\n{}{}:\n\n| member | form | meaning |\n|---|---|---|\n", title,
                        schema.contains("anyOf") ? ", or null" : "");
    add_rows(page, shape, "");
}

void add_function(std::string& page, const chaincode::Contract& contract, const chaincode::Function& function) {
    page += fmt::format("\n### {}.{}\n\n{}.\n\n", contract.name(), function.name, function.summary);
    if (!function.callers.empty()) {
        page += fmt::format("Called by the contract {} alone.\n", fmt::join(function.callers, ", "));
    } else {
        page += fmt::format(
            "{}, for {}. `tally call {} {}`", function.writes ? "Writes" : "Query",
            function.roles.empty() ? "every member" : fmt::format("the roles {}", fmt::join(function.roles, ", ")),
            contract.name(), function.name);
        for (const auto& route : function.routes) page += fmt::format(", `GET {}`", route);
        page += ".\n";
    }
    if (function.visibility == chaincode::Visibility::parties)
        page += "Only the parties see the answer; others get the same refusal whether the thing exists or not.\n";
    for (std::size_t i = 0; i < function.attachments.size(); ++i) {
        page += fmt::format("Attachment {}: {}{}.\n", i, function.attachments[i].about,
                            function.attachments[i].optional ? " (optional)" : "");
    }
    add_object(page, "Arguments", function.schema);
    add_object(page, "Answer", function.answer);
    if (function.refusals.empty()) return;
    page += "\n| refusal | meaning | what to do |\n|---|---|---|\n";
    for (const auto& each : function.refusals)
        page += fmt::format("| `{}` | {} | {} |\n", each.name(), each.meaning, each.advice);
}

}  // namespace

std::string reference_page(const chaincode::ContractSet& contracts) {
    std::string page =
        "# Contracts\n\nMade by `tally contract reference`: change the contract's declaration, not this file."
        "\n\nA query is also served as `POST /v1/contracts/CONTRACT/FUNCTION` with the arguments as JSON. "
        "Writing functions take a signed proposal (`tally call`, or `POST /v1/transactions`).\n"
        "Beside the refusals that are listed, every function can give the platform's codes; "
        "`tally explain` lists them.\n";
    for (const auto& contract : contracts.all()) {
        page += fmt::format("\n## {}, version {}\n\n{}.\n", contract->name(), contract->version(), contract->summary());
        for (const auto& function : contract->functions()) add_function(page, *contract, function);
        if (contract->events().empty()) continue;
        page += fmt::format("\n### Events of {}\n\n| event | meaning | members |\n|---|---|---|\n", contract->name());
        for (const auto& event : contract->events()) {
            std::vector<std::string> members;
            for (const auto& member : event.schema.at("properties").as_object())
                members.push_back(fmt::format("`{}`", std::string_view(member.key())));
            page += fmt::format("| `{}` | {} | {} |\n", event.name, event.summary, fmt::join(members, ", "));
        }
    }
    return page;
}

}  // namespace tally::node::cli
