#include "gateway/rest/router.h"

#include <algorithm>
#include <charconv>
#include <set>

namespace tally::gateway {

namespace {

constexpr std::size_t kMaxListItems = 64;

bool is_parameter(std::string_view segment) {
    return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

std::string_view parameter_name(std::string_view segment) { return segment.substr(1, segment.size() - 2); }

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> parts;
    while (true) {
        const auto end = text.find(separator);
        parts.emplace_back(text.substr(0, end));
        if (end == std::string_view::npos) return parts;
        text.remove_prefix(end + 1);
    }
}

bool fits(const Router::Bound& bound, const Target& target) {
    return std::equal(bound.segments.begin(), bound.segments.end(), target.segments.begin(), target.segments.end(),
                      [](const std::string& pattern, const std::string& segment) {
                          return is_parameter(pattern) ? !segment.empty() : pattern == segment;
                      });
}

std::string_view schema_text(const json::object& schema, std::string_view name) {
    const auto* value = schema.if_contains(name);
    return value != nullptr && value->is_string() ? std::string_view(value->get_string()) : std::string_view();
}

// None for what has no place in a query: objects, lists of objects.
std::optional<Type> type_of(const json::object& schema) {
    const auto type = schema_text(schema, "type");
    if (type == "string") return Type::text;
    if (type == "integer") return Type::integer;
    if (type == "boolean") return Type::boolean;
    const auto* items = schema.if_contains("items");
    if (type != "array" || items == nullptr || !items->is_object()) return std::nullopt;
    const auto item = type_of(items->get_object());
    if (item == Type::text) return Type::text_list;
    return item == Type::integer ? std::optional(Type::integer_list) : std::nullopt;
}

std::vector<Parameter> parameters_of(const chaincode::Function& function) {
    std::vector<Parameter> parameters;
    const auto* properties = function.schema.if_contains("properties");
    if (properties == nullptr) return parameters;
    const auto* required = function.schema.if_contains("required");
    for (const auto& property : properties->get_object()) {
        const auto& schema = property.value().get_object();
        const auto type = type_of(schema);
        if (!type) continue;
        Parameter parameter{
            std::string(property.key()), *type, false, std::string(schema_text(schema, "description")), {}};
        if (required != nullptr) {
            const auto& names = required->get_array();
            parameter.required =
                std::any_of(names.begin(), names.end(), [&](const auto& name) { return name == property.key(); });
        }
        if (const auto* choices = schema.if_contains("enum")) {
            for (const auto& choice : choices->get_array()) parameter.choices.emplace_back(choice.get_string());
        }
        parameters.push_back(std::move(parameter));
    }
    return parameters;
}

// Beside the function's own.
void add_attestation(std::vector<Parameter>& parameters) {
    const auto add = [&](std::string_view name, Type type, const char* about) {
        TALLY_INVARIANT(std::ranges::find(parameters, name, &Parameter::name) == parameters.end(),
                        "a function that has a path has an argument with the name of a parameter of attestation");
        parameters.push_back({std::string(name), type, false, about, {}});
    };
    add(kAttest, Type::boolean, "have enough organizations sign the answer (application/cbor)");
    add(kQuestion, Type::text, "with attest: the same question, signed by the caller, in base64url");
}

// "data.days_by_device" for /v1/devices/{device}/days: one function may have several paths.
std::string operation_name(std::string_view contract, std::string_view function, std::string_view pattern) {
    auto name = fmt::format("{}.{}", contract, function);
    std::string_view joint = "_by_";
    for (const auto& segment : split(pattern, '/')) {
        if (!is_parameter(segment)) continue;
        name += fmt::format("{}{}", joint, parameter_name(segment));
        joint = "_";
    }
    return name;
}

void add_path_parameters(Router::Bound& bound) {
    for (const auto& segment : bound.segments) {
        if (!is_parameter(segment)) continue;
        const auto name = parameter_name(segment);
        const auto known = std::find_if(bound.parameters.begin(), bound.parameters.end(),
                                        [&](const Parameter& parameter) { return parameter.name == name; });
        if (known == bound.parameters.end()) {
            bound.parameters.push_back({std::string(name), Type::text, true, {}, {}});
        } else {
            known->required = true;
        }
    }
}

Result<json::value> read_integer(const Parameter& parameter, std::string_view text) {
    std::int64_t number = 0;
    const auto [stopped, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || error != std::errc() || stopped != text.data() + text.size()) {
        return fail(Code::invalid_argument, "\"{}\" must be an integer", parameter.name);
    }
    if (parameter.type == Type::number && number < 0) {
        return fail(Code::invalid_argument, "\"{}\" must not be negative", parameter.name);
    }
    return json::value(number);
}

Result<json::value> read_list(const Parameter& parameter, std::string_view text) {
    json::array list;
    for (const auto& part : split(text, ',')) {
        if (list.size() == kMaxListItems) {
            return fail(Code::invalid_argument, "\"{}\" has more than {} items", parameter.name, kMaxListItems);
        }
        if (parameter.type == Type::text_list) {
            list.emplace_back(part);
        } else {
            list.push_back(TRY(read_integer(parameter, part)));
        }
    }
    return list;
}

Result<json::value> read_value(const Parameter& parameter, const std::string& text) {
    switch (parameter.type) {
        case Type::number:
        case Type::integer: return read_integer(parameter, text);
        case Type::boolean:
            if (text == "true") return json::value(true);
            if (text == "false") return json::value(false);
            return fail(Code::invalid_argument, "\"{}\" must be true or false", parameter.name);
        case Type::text_list:
        case Type::integer_list: return read_list(parameter, text);
        case Type::text: break;
    }
    const auto& choices = parameter.choices;
    if (!choices.empty() && std::find(choices.begin(), choices.end(), text) == choices.end()) {
        return fail(Code::invalid_argument, "\"{}\" must be one of {}", parameter.name, fmt::join(choices, ", "));
    }
    return json::value(text);
}

}  // namespace

bool Router::Bound::in_path(std::string_view parameter) const {
    return std::any_of(segments.begin(), segments.end(), [&](const std::string& segment) {
        return is_parameter(segment) && parameter_name(segment) == parameter;
    });
}

Router::Router(const std::vector<Route>& table, chaincode::ContractSet contracts) : contracts_(std::move(contracts)) {
    for (const auto& route : table) add(route, route.parameters);
    for (const auto& contract : contracts_.all()) {
        for (const auto& function : contract->functions()) {
            for (const auto& pattern : function.routes) {
                const auto& operation =
                    operations_.emplace_back(operation_name(contract->name(), function.name, pattern));
                const auto& route =
                    declared_.emplace_back(Route{.method = Method::get,
                                                 .pattern = pattern,
                                                 .operation = operation,
                                                 .tag = contract->name(),
                                                 .summary = function.summary,
                                                 .handler = ContractQuery{contract->name(), function.name, &function}});
                auto parameters = parameters_of(function);
                add_attestation(parameters);
                add(route, std::move(parameters));
            }
        }
    }
}

void Router::add(const Route& route, std::vector<Parameter> parameters) {
    Bound bound{&route, {}, std::move(parameters)};
    if (route.pattern != "/") bound.segments = split(route.pattern.substr(1), '/');
    add_path_parameters(bound);
    bound_.push_back(std::move(bound));
}

std::variant<const Router::Bound*, Router::Miss> Router::find(Method method, const Target& target) const {
    const auto wanted = method == Method::head ? Method::get : method;
    std::set<Method> allowed;
    for (const auto& bound : bound_) {
        if (!fits(bound, target)) continue;
        if (bound.route->method == wanted) return &bound;
        allowed.insert(bound.route->method);
    }
    if (allowed.contains(Method::get)) allowed.insert(Method::head);
    if (!allowed.empty()) allowed.insert(Method::options);
    Miss miss;
    for (const auto one : allowed) miss.allow += fmt::format("{}{}", miss.allow.empty() ? "" : ", ", method_name(one));
    return miss;
}

Result<json::object> read_parameters(const Router::Bound& bound, const Target& target) {
    json::object arguments;
    const auto find = [&](std::string_view name) {
        return std::find_if(bound.parameters.begin(), bound.parameters.end(),
                            [&](const Parameter& parameter) { return parameter.name == name; });
    };
    for (std::size_t i = 0; i < bound.segments.size(); ++i) {
        if (!is_parameter(bound.segments[i])) continue;
        const auto parameter = find(parameter_name(bound.segments[i]));
        arguments.emplace(parameter->name, TRY(read_value(*parameter, target.segments[i])));
    }
    for (const auto& [name, text] : target.query) {
        const auto parameter = find(name);
        if (parameter == bound.parameters.end() || bound.in_path(name)) {
            return fail(Code::invalid_argument, "\"{}\" is not a parameter of this call", name.substr(0, 64));
        }
        if (arguments.contains(name)) return fail(Code::invalid_argument, "\"{}\" is given twice", name);
        arguments.emplace(name, TRY(read_value(*parameter, text)));
    }
    for (const auto& parameter : bound.parameters) {
        if (parameter.required && !arguments.contains(parameter.name)) {
            return fail(Code::invalid_argument, "\"{}\" is missing", parameter.name);
        }
    }
    return arguments;
}

}  // namespace tally::gateway
