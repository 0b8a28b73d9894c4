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
//
// What is generated of a type is a constant table (type_info.h); the work is done once, in reflect.cpp, for all types.

#include <boost/json/value.hpp>

#include "chaincode/json/fields.h"
#include "chaincode/json/type_info.h"

namespace tally::chaincode {

namespace json = boost::json;

namespace reflect {

[[nodiscard]] Status read(const TypeInfo& type, const json::value& in, void* out, const std::string& path,
                          const FieldInfo& info);
[[nodiscard]] json::value write(const TypeInfo& type, const void* in);
// The text of what write() gives; none when it has more bytes than `most`.
[[nodiscard]] std::optional<std::string> write_text(const TypeInfo& type, const void* in, std::size_t most);
[[nodiscard]] Status check(const TypeInfo& type, const void* in, const std::string& path, const FieldInfo& info);
[[nodiscard]] json::object schema(const TypeInfo& type, const FieldInfo& info);
// Of a whole answer: one that may be absent is null then.
[[nodiscard]] json::object answer_schema(const TypeInfo& type);
[[nodiscard]] std::string_view name_of(const TypeInfo& type, std::int64_t enumerator);

}  // namespace reflect

// The enumerator's name; empty for a value that is none.
template <class T>
[[nodiscard]] std::string_view enum_name(T value) {
    return reflect::name_of(reflect::TypeOf<T>::info, static_cast<std::int64_t>(value));
}

// invalid_argument and the like, which name the place of what is wrong.
template <class T>
[[nodiscard]] Status read_json(const json::value& in, T& out, const std::string& path = {},
                               const FieldInfo& info = {}) {
    return reflect::read(reflect::TypeOf<T>::info, in, &out, path, info);
}

template <class T>
[[nodiscard]] Result<T> from_json(const json::value& in, const std::string& path = {}) {
    T out{};
    if (auto status = read_json(in, out, path); !status) return std::unexpected(std::move(status.error()));
    return out;
}

// Whether the values are within the bounds that TALLY_FIELDS states: what read_json checks of a text.
template <class T>
[[nodiscard]] Status check_bounds(const T& in, const std::string& path = {}, const FieldInfo& info = {}) {
    return reflect::check(reflect::TypeOf<T>::info, &in, path, info);
}

// Absent optionals are left out, unless they are nullable.
template <class T>
[[nodiscard]] json::value to_json(const T& in) {
    return reflect::write(reflect::TypeOf<T>::info, &in);
}
// json_text(to_json(in)), without the values between them.
template <class T>
[[nodiscard]] std::string text_of(const T& in) {
    return *reflect::write_text(reflect::TypeOf<T>::info, &in, SIZE_MAX);
}

// Of something that may be null.
[[nodiscard]] json::object or_null(json::object schema);

// JSON Schema (2020-12, as OpenAPI 3.1 uses it). A struct's title is its name.
template <class T>
[[nodiscard]] json::object schema_of(const FieldInfo& info = {}) {
    return reflect::schema(reflect::TypeOf<T>::info, info);
}
template <class T>
[[nodiscard]] json::object answer_schema_of() {
    return reflect::answer_schema(reflect::TypeOf<T>::info);
}

}  // namespace tally::chaincode
