#pragma once
// From a described struct (Boost.Describe) to JSON, back, and to its JSON Schema: one declaration serves parsing,
// messages that name the field, the OpenAPI document and the command line's help.
//
//   struct Period { std::int64_t from = 0; std::optional<std::int64_t> to; };
//   BOOST_DESCRIBE_STRUCT(Period, (), (from, to))
//
// Members may be bool, integers, std::string, described enums, described structs, json::value, and std::optional,
// std::vector or std::map by std::string of these; a std::tuple, which is a list of fixed length; and a type with a
// text of its own, which is a string (`static Result<T> parse(std::string_view)`, `text()`, `static const TextForm
// kForm`: Decimal). Every member that is neither optional nor a list or a map is required; unknown names are refused.
// TALLY_FIELDS (fields.h) documents members and bounds their values.

#include <boost/json/value.hpp>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

#include "chaincode/json/fields.h"

namespace tally::chaincode {

namespace json = boost::json;

namespace reflect {

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;
template <class T>
inline constexpr bool is_vector = false;
template <class T>
inline constexpr bool is_vector<std::vector<T>> = true;
template <class T>
inline constexpr bool is_map = false;
template <class T>
inline constexpr bool is_map<std::map<std::string, T>> = true;
template <class T>
inline constexpr bool is_tuple = false;
template <class... T>
inline constexpr bool is_tuple<std::tuple<T...>> = true;
template <class T>
concept HasText = requires(const T& value) {
    { T::parse(std::string_view()) } -> std::same_as<Result<T>>;
    { value.text() } -> std::convertible_to<std::string>;
    { T::kForm } -> std::convertible_to<TextForm>;
};
template <class T>
inline constexpr bool is_described_enum = boost::describe::has_describe_enumerators<T>::value;
template <class T>
inline constexpr bool is_described_struct = boost::describe::has_describe_members<T>::value && !is_described_enum<T>;

// The name of a type without its namespaces, from what the compiler calls this function.
template <class T>
constexpr std::string_view type_name() {
    std::string_view name = __PRETTY_FUNCTION__;
    name.remove_prefix(name.find("T = ") + 4);
    name = name.substr(0, name.find_first_of(";]"));
    const auto last = name.rfind(':');
    return last == std::string_view::npos ? name : name.substr(last + 1);
}

inline std::string join(std::string_view path, std::string_view name) {
    return path.empty() ? std::string(name) : fmt::format("{}.{}", path, name);
}
inline std::string quoted(std::string_view path) { return path.empty() ? "the value" : fmt::format("\"{}\"", path); }

template <class T>
std::string enum_names() {
    std::string names;
    boost::mp11::mp_for_each<boost::describe::describe_enumerators<T>>([&](auto d) {
        if (!names.empty()) names += ", ";
        names += d.name;
    });
    return names;
}

}  // namespace reflect

template <class T>
[[nodiscard]] std::string_view enum_name(T value) {
    std::string_view name;
    boost::mp11::mp_for_each<boost::describe::describe_enumerators<T>>([&](auto d) {
        if (d.value == value) name = d.name;
    });
    return name;
}

template <class T>
[[nodiscard]] Status read_json(const json::value& in, T& out, const std::string& path = {},
                               const FieldInfo& info = {}) {
    using namespace reflect;
    if constexpr (std::is_same_v<T, json::value>) {
        out = in;
    } else if constexpr (is_optional<T>) {
        out.reset();
        if (!in.is_null()) return read_json(in, out.emplace(), path, info);
    } else if constexpr (is_vector<T>) {
        if (!in.is_array()) return fail(Code::invalid_argument, "{} must be a list", reflect::quoted(path));
        TRY(check_items(in.get_array().size(), info, path));
        out.clear();
        for (const auto& element : in.get_array()) {
            const auto place = fmt::format("{}[{}]", path, out.size());
            TRY(read_json(element, out.emplace_back(), place, {.form = info.form}));
        }
    } else if constexpr (is_map<T>) {
        if (!in.is_object()) return fail(Code::invalid_argument, "{} must be an object", reflect::quoted(path));
        TRY(check_items(in.get_object().size(), info, path));
        out.clear();
        for (const auto& [name, element] : in.get_object())
            TRY(read_json(element, out[std::string(name)], join(path, name), {.form = info.form}));
    } else if constexpr (std::is_same_v<T, bool>) {
        if (!in.is_bool()) return fail(Code::invalid_argument, "{} must be true or false", reflect::quoted(path));
        out = in.get_bool();
    } else if constexpr (std::is_integral_v<T>) {
        if (!in.is_int64() && !in.is_uint64())
            return fail(Code::invalid_argument, "{} must be an integer", reflect::quoted(path));
        const bool fits = in.is_int64() ? std::in_range<T>(in.get_int64()) : std::in_range<T>(in.get_uint64());
        if (!fits) return fail(Code::invalid_argument, "{} is out of range", reflect::quoted(path));
        out = in.is_int64() ? static_cast<T>(in.get_int64()) : static_cast<T>(in.get_uint64());
        if constexpr (std::is_same_v<T, std::int64_t>) return check_number(out, info, path);
    } else if constexpr (std::is_same_v<T, std::string>) {
        if (!in.is_string()) return fail(Code::invalid_argument, "{} must be a string", reflect::quoted(path));
        out = std::string(in.get_string().data(), in.get_string().size());
        return check_text(out, info, path);
    } else if constexpr (HasText<T>) {
        if (!in.is_string()) return fail(Code::invalid_argument, "{} must be a string", reflect::quoted(path));
        auto value = T::parse(in.get_string());
        if (!value) return fail(value.error().code, "{}: {}", reflect::quoted(path), value.error().message);
        out = *std::move(value);
    } else if constexpr (is_tuple<T>) {
        constexpr auto kSize = std::tuple_size_v<T>;
        if (!in.is_array() || in.get_array().size() != kSize)
            return fail(Code::invalid_argument, "{} must be a list of {}", reflect::quoted(path), kSize);
        Status status;
        std::size_t index = 0;
        const auto read = [&](auto& element) {
            if (status) status = read_json(in.get_array()[index], element, fmt::format("{}[{}]", path, index));
            ++index;
        };
        std::apply([&](auto&... elements) { (read(elements), ...); }, out);
        return status;
    } else if constexpr (is_described_enum<T>) {
        if (!in.is_string())
            return fail(Code::invalid_argument, "{} must be one of {}", reflect::quoted(path), enum_names<T>());
        bool known = false;
        boost::mp11::mp_for_each<boost::describe::describe_enumerators<T>>([&](auto d) {
            if (in.get_string() == d.name) {
                out = d.value;
                known = true;
            }
        });
        if (!known) {
            return fail(Code::invalid_argument, "{} is \"{}\"; it must be one of {}", reflect::quoted(path),
                        std::string_view(in.get_string()).substr(0, 64), enum_names<T>());
        }
    } else {
        static_assert(is_described_struct<T>, "this type has no JSON form");
        if (!in.is_object()) return fail(Code::invalid_argument, "{} must be an object", reflect::quoted(path));
        const auto& object = in.get_object();
        Status status;
        std::size_t seen = 0;
        for_each_field<T>([&](auto d, const FieldInfo& field) {
            if (!status) return;
            auto& member = out.*d.pointer;
            using Member = std::remove_cvref_t<decltype(member)>;
            if (const auto* value = object.if_contains(d.name)) {
                ++seen;
                status = read_json(*value, member, join(path, d.name), field);
            } else if constexpr (is_vector<Member> || is_map<Member>) {
                if (field.min > 0)
                    status = fail(Code::invalid_argument, "{} is missing", reflect::quoted(join(path, d.name)));
            } else if constexpr (!is_optional<Member>) {
                status = fail(Code::invalid_argument, "{} is missing", reflect::quoted(join(path, d.name)));
            }
        });
        if (!status) return status;
        if (seen == object.size()) return {};
        for (const auto& member : object) {
            bool known = false;
            for_each_field<T>([&](auto d, const FieldInfo&) { known = known || member.key() == d.name; });
            if (!known) {
                return fail(Code::invalid_argument, "{} is not known here",
                            reflect::quoted(join(path, std::string_view(member.key()).substr(0, 64))));
            }
        }
    }
    return {};
}

// Whether the values are within the bounds that TALLY_FIELDS states: what read_json checks of a text.
template <class T>
[[nodiscard]] Status check_bounds(const T& in, const std::string& path = {}, const FieldInfo& info = {}) {
    using namespace reflect;
    if constexpr (is_optional<T>) {
        if (in) return check_bounds(*in, path, info);
    } else if constexpr (is_vector<T>) {
        TRY(check_items(in.size(), info, path));
        for (const auto& each : in) TRY(check_bounds(each, path, {.form = info.form}));
    } else if constexpr (is_map<T>) {
        TRY(check_items(in.size(), info, path));
        for (const auto& [name, each] : in) TRY(check_bounds(each, join(path, name), {.form = info.form}));
    } else if constexpr (std::is_same_v<T, std::int64_t>) {
        return check_number(in, info, path);
    } else if constexpr (std::is_same_v<T, std::string>) {
        return check_text(in, info, path);
    } else if constexpr (is_described_struct<T>) {
        Status status;
        for_each_field<T>([&](auto d, const FieldInfo& field) {
            if (status) status = check_bounds(in.*d.pointer, join(path, d.name), field);
        });
        return status;
    }
    return {};
}

template <class T>
[[nodiscard]] Result<T> from_json(const json::value& in, const std::string& path = {}) {
    T out{};
    TRY(read_json(in, out, path));
    return out;
}

// Absent optionals are left out, unless they are nullable.
template <class T>
[[nodiscard]] json::value to_json(const T& in) {
    using namespace reflect;
    if constexpr (std::is_same_v<T, json::value> || std::is_same_v<T, bool> || std::is_integral_v<T>) {
        return json::value(in);
    } else if constexpr (std::is_same_v<T, std::string>) {
        return json::value(json::string(in));
    } else if constexpr (is_optional<T>) {
        return in ? to_json(*in) : json::value(nullptr);
    } else if constexpr (is_vector<T>) {
        json::array list;
        list.reserve(in.size());
        for (const auto& element : in) list.push_back(to_json(element));
        return list;
    } else if constexpr (is_map<T>) {
        json::object object;
        for (const auto& [name, element] : in) object.emplace(name, to_json(element));
        return object;
    } else if constexpr (HasText<T>) {
        return json::value(json::string(in.text()));
    } else if constexpr (is_tuple<T>) {
        return std::apply([](const auto&... elements) { return json::value(json::array{to_json(elements)...}); }, in);
    } else if constexpr (is_described_enum<T>) {
        return json::value(json::string(enum_name(in)));
    } else {
        static_assert(is_described_struct<T>, "this type has no JSON form");
        json::object object;
        for_each_field<T>([&](auto d, const FieldInfo& field) {
            const auto& member = in.*d.pointer;
            if constexpr (is_optional<std::remove_cvref_t<decltype(member)>>) {
                if (member || field.nullable) object.emplace(d.name, to_json(member));
            } else {
                object.emplace(d.name, to_json(member));
            }
        });
        return object;
    }
}

// Of something that may be null.
[[nodiscard]] inline json::object or_null(json::object schema) {
    return {{"anyOf", {std::move(schema), {{"type", "null"}}}}};
}

// JSON Schema (2020-12, as OpenAPI 3.1 uses it). A struct's title is its name.
template <class T>
[[nodiscard]] json::object schema_of(const FieldInfo& info = {}) {
    using namespace reflect;
    const auto bounded = [&](json::object schema, const char* least, const char* most) {
        if (info.min != INT64_MIN) schema.emplace(least, info.min);
        if (info.max != INT64_MAX) schema.emplace(most, info.max);
        return schema;
    };
    if constexpr (std::is_same_v<T, json::value>) {
        return {};
    } else if constexpr (std::is_same_v<T, bool>) {
        return {{"type", "boolean"}};
    } else if constexpr (std::is_integral_v<T>) {
        return bounded({{"type", "integer"}}, "minimum", "maximum");
    } else if constexpr (std::is_same_v<T, std::string>) {
        auto schema = bounded({{"type", "string"}}, "minLength", "maxLength");
        if (info.form != nullptr && !info.form->pattern.empty()) schema.emplace("pattern", info.form->pattern);
        return schema;
    } else if constexpr (HasText<T>) {
        return schema_of<std::string>({.form = &T::kForm});
    } else if constexpr (is_tuple<T>) {
        json::array elements;
        const auto add = [&]<class Element>(const Element*) {
            if constexpr (is_optional<Element>)
                elements.push_back(or_null(schema_of<Element>()));
            else
                elements.push_back(schema_of<Element>());
        };
        std::apply([&](const auto&... each) { (add(&each), ...); }, T{});
        const auto size = elements.size();
        return {{"type", "array"}, {"prefixItems", std::move(elements)}, {"minItems", size}, {"maxItems", size}};
    } else if constexpr (is_optional<T>) {
        auto schema = schema_of<typename T::value_type>(info);
        return info.nullable ? or_null(std::move(schema)) : schema;
    } else if constexpr (is_vector<T>) {
        return bounded({{"type", "array"}, {"items", schema_of<typename T::value_type>({.form = info.form})}},
                       "minItems", "maxItems");
    } else if constexpr (is_map<T>) {
        return bounded(
            {{"type", "object"}, {"additionalProperties", schema_of<typename T::mapped_type>({.form = info.form})}},
            "minProperties", "maxProperties");
    } else if constexpr (is_described_enum<T>) {
        json::array names;
        boost::mp11::mp_for_each<boost::describe::describe_enumerators<T>>([&](auto d) { names.emplace_back(d.name); });
        return {{"type", "string"}, {"enum", std::move(names)}};
    } else {
        json::object properties;
        json::array required;
        for_each_field<T>([&](auto d, const FieldInfo& field) {
            using Member = std::remove_cvref_t<decltype(std::declval<T>().*d.pointer)>;
            auto schema = schema_of<Member>(field);
            if (!field.about.empty()) schema.emplace("description", field.about);
            properties.emplace(d.name, std::move(schema));
            constexpr bool kMayBeAbsent = is_optional<Member> || is_vector<Member> || is_map<Member>;
            if (!kMayBeAbsent || field.nullable || (!is_optional<Member> && field.min > 0))
                required.emplace_back(d.name);
        });
        json::object schema{{"type", "object"}, {"title", type_name<T>()}, {"properties", std::move(properties)}};
        if (!required.empty()) schema.emplace("required", std::move(required));
        schema.emplace("additionalProperties", false);
        return schema;
    }
}

// Of a whole answer: one that may be absent is null then.
template <class T>
[[nodiscard]] json::object answer_schema_of() {
    if constexpr (reflect::is_optional<T>) {
        return or_null(schema_of<typename T::value_type>());
    } else {
        return schema_of<T>();
    }
}

}  // namespace tally::chaincode
