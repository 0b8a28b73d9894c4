#include "node/cli/contract_types.h"

#include <fmt/ranges.h>

#include <functional>
#include <map>

#include "node/cli/json_schema.h"

namespace tally::node::cli {
namespace {

namespace json = boost::json;

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

// How a language writes types.
struct Language {
    std::string_view integer, text, boolean, anything;
    std::string_view choice_separator, choice_begin, choice_end;
    std::function<std::string(const std::string&)> list_of, map_of, or_null;
    std::function<std::string(const std::vector<std::string>&)> tuple_of;
};

const Language& typescript() {
    static const Language language{
        "number",
        "string",
        "boolean",
        "unknown",
        " | ",
        "",
        "",
        [](const std::string& type) { return fmt::format("Array<{}>", type); },
        [](const std::string& type) { return fmt::format("Record<string, {}>", type); },
        [](const std::string& type) { return type + " | null"; },
        [](const std::vector<std::string>& types) { return fmt::format("[{}]", fmt::join(types, ", ")); }};
    return language;
}

const Language& python() {
    static const Language language{
        "int",
        "str",
        "bool",
        "Any",
        ", ",
        "Literal[",
        "]",
        [](const std::string& type) { return fmt::format("List[{}]", type); },
        [](const std::string& type) { return fmt::format("Dict[str, {}]", type); },
        [](const std::string& type) { return fmt::format("Optional[{}]", type); },
        [](const std::vector<std::string>& types) { return fmt::format("Tuple[{}]", fmt::join(types, ", ")); }};
    return language;
}

// The named types of a file, each written once, before what uses it.
class Types {
  public:
    struct Member {
        std::string name;
        std::string type;
        std::string_view about;
        bool required = false;
    };
    using Write = std::function<std::string(const std::string& name, const std::vector<Member>& members)>;

    Types(const chaincode::Contract& contract, const Language& language, Write write)
        : contract_(pascal(contract.name())), language_(language), write_(std::move(write)) {}

    // The type of what a schema describes.
    std::string type_of(const json::object& schema) {
        if (const auto* choices = schema.if_contains("enum")) return choice_of(choices->as_array());
        if (const auto* either = schema.if_contains("anyOf"))
            return language_.or_null(type_of(either->as_array()[0].as_object()));
        if (const auto* elements = schema.if_contains("prefixItems")) {
            std::vector<std::string> types;
            for (const auto& each : elements->as_array()) types.push_back(type_of(each.as_object()));
            return language_.tuple_of(types);
        }
        const auto type = text_at(schema, "type");
        if (type == "integer") return std::string(language_.integer);
        if (type == "string") return std::string(language_.text);
        if (type == "boolean") return std::string(language_.boolean);
        if (type == "array") return language_.list_of(type_of(schema.at("items").as_object()));
        if (type != "object") return std::string(language_.anything);
        if (schema.contains("properties")) return named(schema, std::string(text_at(schema, "title")));
        return language_.map_of(type_of(schema.at("additionalProperties").as_object()));
    }

    // A struct under a name; the name that it has. The second of two structs of one name has the contract's before it.
    std::string named(const json::object& schema, std::string name) {
        const auto text = json::serialize(schema);
        auto known = names_.find(name);
        if (known != names_.end() && known->second != text) {
            name = contract_ + name;
            known = names_.find(name);
        }
        if (known != names_.end()) return name;
        names_.emplace(name, text);
        std::vector<Member> members;
        for (const auto& [key, value] : schema.at("properties").as_object()) {
            const auto& member = value.as_object();
            members.push_back(
                {std::string(key), type_of(member), text_at(member, "description"), is_required(schema, key)});
        }
        text_ += write_(name, members);
        return name;
    }

    [[nodiscard]] const std::string& text() const { return text_; }

  private:
    std::string choice_of(const json::array& choices) const {
        std::vector<std::string> names;
        for (const auto& each : choices) names.push_back(fmt::format("\"{}\"", std::string_view(each.as_string())));
        return fmt::format("{}{}{}", language_.choice_begin, fmt::join(names, language_.choice_separator),
                           language_.choice_end);
    }

    std::string contract_;
    const Language& language_;
    Write write_;
    std::map<std::string, std::string> names_;  // to the schema
    std::string text_;
};

struct Signature {
    std::string full_name;
    const chaincode::Function& function;
    std::string arguments;
    std::string answer;
};

std::vector<Signature> signatures_of(const chaincode::Contract& contract, Types& types) {
    std::vector<Signature> out;
    for (const auto& function : contract.functions()) {
        if (!function.callers.empty()) continue;
        const auto name = pascal(contract.name()) + pascal(function.name) + "Arguments";
        out.push_back({fmt::format("{}.{}", contract.name(), function.name), function,
                       types.named(function.schema, name), types.type_of(function.answer)});
    }
    return out;
}

std::string first_line(std::string_view comment, const chaincode::Contract& contract, std::string_view language) {
    return fmt::format(
        "{} Made by `tally contract types {} --language {}`: change the contract's declaration, not this "
        "file.\n",
        comment, contract.name(), language);
}

}  // namespace

std::string typescript_types(const chaincode::Contract& contract) {
    Types types(contract, typescript(), [](const std::string& name, const std::vector<Types::Member>& members) {
        if (members.empty()) return fmt::format("export type {} = Record<string, never>;\n\n", name);
        std::string text = fmt::format("export interface {} {{\n", name);
        for (const auto& each : members) {
            text += fmt::format("  {}{}: {};{}{}\n", each.name, each.required ? "" : "?", each.type,
                                each.about.empty() ? "" : "  // ", each.about);
        }
        return text + "}\n\n";
    });
    std::string functions;
    for (const auto& each : signatures_of(contract, types)) {
        functions +=
            fmt::format("  /** {} */\n  \"{}\": {{ writes: {}; arguments: {}; answer: {} }};\n", each.function.summary,
                        each.full_name, each.function.writes, each.arguments, each.answer);
    }
    return first_line("//", contract, "typescript") + "\n" + types.text() +
           "/** Every function by its full name. */\nexport interface Functions {\n" + functions + "}\n";
}

std::string python_types(const chaincode::Contract& contract) {
    Types types(contract, python(), [](const std::string& name, const std::vector<Types::Member>& members) {
        if (members.empty()) return fmt::format("{0} = TypedDict(\"{0}\", {{}})\n\n", name);
        std::string text = fmt::format("{0} = TypedDict(\"{0}\", {{\n", name);
        for (const auto& each : members) {
            text += fmt::format("    \"{}\": {},{}{}\n", each.name,
                                each.required ? fmt::format("Required[{}]", each.type) : each.type,
                                each.about.empty() ? "" : "  # ", each.about);
        }
        return text + "}, total=False)\n\n";
    });
    std::string functions;
    for (const auto& each : signatures_of(contract, types)) {
        functions += fmt::format("    \"{}\": ({}, {}),  # {}\n", each.full_name, each.arguments, each.answer,
                                 each.function.summary);
    }
    return first_line("#", contract, "python") +
           "from typing import Any, Dict, List, Literal, Optional, Tuple, TypedDict\n\n"
           "from typing_extensions import Required\n\n" +
           types.text() + "# Every function by its full name: the types of its arguments and of its answer.\n" +
           "FUNCTIONS = {\n" + functions + "}\n";
}

}  // namespace tally::node::cli
