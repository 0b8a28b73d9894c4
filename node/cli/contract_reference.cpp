#include "node/cli/contract_reference.h"

#include <fmt/ranges.h>

#include <algorithm>

namespace tally::node::cli {
namespace {

namespace json = boost::json;

std::string_view text_at(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string_view(value->get_string()) : std::string_view();
}

bool is_required(const json::object& schema, std::string_view name) {
    const auto* required = schema.if_contains("required");
    return required != nullptr && std::ranges::any_of(required->as_array(), [&](const auto& each) {
               return std::string_view(each.as_string()) == name;
           });
}

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
        const bool list = text_at(member, "type") == "array";
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

// Types ------------------------------------------------------------------------------------------------------------

std::string pascal(std::string_view text) {
    std::string out;
    bool upper = true;
    for (const char c : text) {
        if (c == '_') {
            upper = true;
            continue;
        }
        out += upper && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        upper = false;
    }
    return out;
}

std::string typescript_of(const json::object& schema, int depth) {
    if (const auto* choices = schema.if_contains("enum")) {
        std::vector<std::string> names;
        for (const auto& each : choices->as_array())
            names.push_back(fmt::format("\"{}\"", std::string_view(each.as_string())));
        return fmt::format("{}", fmt::join(names, " | "));
    }
    if (schema.contains("anyOf")) return typescript_of(schema.at("anyOf").at(0).as_object(), depth) + " | null";
    const auto type = text_at(schema, "type");
    if (type == "integer") return "number";
    if (type == "string") return "string";
    if (type == "boolean") return "boolean";
    if (type == "array") return fmt::format("Array<{}>", typescript_of(schema.at("items").as_object(), depth));
    if (type != "object") return "unknown";
    if (const auto* properties = schema.if_contains("properties")) {
        std::string text = "{\n";
        for (const auto& [key, value] : properties->as_object()) {
            const auto& member = value.as_object();
            const auto indent = std::string(static_cast<std::size_t>(2 * (depth + 1)), ' ');
            if (const auto about = text_at(member, "description"); !about.empty())
                text += fmt::format("{}/** {} */\n", indent, about);
            text += fmt::format("{}{}{}: {};\n", indent, std::string_view(key), is_required(schema, key) ? "" : "?",
                                typescript_of(member, depth + 1));
        }
        return text + std::string(static_cast<std::size_t>(2 * depth), ' ') + "}";
    }
    return fmt::format("Record<string, {}>", typescript_of(schema.at("additionalProperties").as_object(), depth));
}

// A Python type; objects become TypedDicts of their own, written before.
std::string python_of(const json::object& schema, const std::string& name, std::string& before) {
    if (const auto* choices = schema.if_contains("enum")) {
        std::vector<std::string> names;
        for (const auto& each : choices->as_array())
            names.push_back(fmt::format("\"{}\"", std::string_view(each.as_string())));
        return fmt::format("Literal[{}]", fmt::join(names, ", "));
    }
    if (schema.contains("anyOf"))
        return fmt::format("Optional[{}]", python_of(schema.at("anyOf").at(0).as_object(), name, before));
    const auto type = text_at(schema, "type");
    if (type == "integer") return "int";
    if (type == "string") return "str";
    if (type == "boolean") return "bool";
    if (type == "array")
        return fmt::format("List[{}]", python_of(schema.at("items").as_object(), name + "Item", before));
    if (type != "object") return "Any";
    const auto* properties = schema.if_contains("properties");
    if (properties == nullptr)
        return fmt::format("Dict[str, {}]",
                           python_of(schema.at("additionalProperties").as_object(), name + "Value", before));
    std::string members;
    for (const auto& [key, value] : properties->as_object()) {
        const auto member = python_of(value.as_object(), name + pascal(key), before);
        members += fmt::format("        \"{}\": {},\n", std::string_view(key),
                               is_required(schema, key) ? fmt::format("Required[{}]", member) : member);
    }
    before +=
        fmt::format("{} = TypedDict(\n    \"{}\",\n    {{\n{}    }},\n    total=False,\n)\n\n", name, name, members);
    return name;
}

template <class Visit>
void for_each_function(const chaincode::ContractSet& contracts, Visit visit) {
    for (const auto& contract : contracts.all()) {
        for (const auto& function : contract->functions()) {
            if (function.callers.empty()) visit(*contract, function, pascal(contract->name()) + pascal(function.name));
        }
    }
}

constexpr std::string_view kMadeBy = "Made by `tally contract {}`: change the contract's declaration, not this file.";

}  // namespace

std::string reference_page(const chaincode::ContractSet& contracts) {
    std::string page =
        "# Contracts\n\n" + fmt::format(fmt::runtime(kMadeBy), "reference") +
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

std::string typescript_types(const chaincode::ContractSet& contracts) {
    std::string text = "// " + fmt::format(fmt::runtime(kMadeBy), "types --language typescript") + "\n";
    std::string queries;
    for_each_function(contracts, [&](const auto& contract, const auto& function, const std::string& name) {
        text += fmt::format("\n/** {}.{}: {} */\nexport type {}Arguments = {};\nexport type {}Answer = {};\n",
                            contract.name(), function.name, function.summary, name, typescript_of(function.schema, 0),
                            name, typescript_of(function.answer, 0));
        queries += fmt::format("  \"{}.{}\": {{ writes: {}; arguments: {}Arguments; answer: {}Answer }};\n",
                               contract.name(), function.name, function.writes, name, name);
    });
    return text + "\n/** Every function by its full name. */\nexport interface Functions {\n" + queries + "}\n";
}

std::string python_types(const chaincode::ContractSet& contracts) {
    std::string text = "# " + fmt::format(fmt::runtime(kMadeBy), "types --language python") +
                       "\nfrom typing import Any, Dict, List, Literal, Optional, TypedDict\n\n"
                       "from typing_extensions import Required\n\n";
    for_each_function(contracts, [&](const auto& contract, const auto& function, const std::string& name) {
        std::string before;
        const auto arguments = python_of(function.schema, name + "Arguments", before);
        const auto answer = python_of(function.answer, name + "Answer", before);
        text += fmt::format("# {}.{}: {}\n{}", contract.name(), function.name, function.summary, before);
        if (answer != name + "Answer") text += fmt::format("{}Answer = {}\n\n", name, answer);
        (void)arguments;
    });
    return text;
}

}  // namespace tally::node::cli
