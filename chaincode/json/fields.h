#pragma once
// What a struct's members are for, and what values they may have: declared once, beside the struct.
//
//   struct ListDevices {
//       std::optional<std::string> shard;
//       std::optional<std::int64_t> limit;
//   };
//   TALLY_FIELDS(ListDevices,
//                (shard, "the group of devices", .form = &kIdentifier),
//                (limit, "entries of a page", .min = 1, .max = 1000))
//
// Parsing checks the bounds, the JSON Schema states them, and help texts and the reference page show the sentence.
// TALLY_FIELDS includes BOOST_DESCRIBE_STRUCT, in the order given; it stands in the struct's namespace.

#include <array>
#include <boost/describe.hpp>
#include <boost/mp11/algorithm.hpp>
#include <boost/preprocessor/seq/enum.hpp>
#include <boost/preprocessor/seq/for_each.hpp>
#include <boost/preprocessor/seq/transform.hpp>
#include <boost/preprocessor/tuple/elem.hpp>
#include <boost/preprocessor/variadic/to_seq.hpp>
#include <cstdint>
#include <string_view>

#include "crypto/error.h"

namespace tally::chaincode {

// A kind of text: an identifier, a hash, ... (chaincode/records/identifier.h has them).
struct TextForm {
    std::string_view pattern;  // ECMA-262, for the JSON Schema; empty: none
    Status (*check)(std::string_view text, std::string_view what);
};

struct FieldInfo {
    std::string_view about{};
    // Of an integer: its value. Of a string: its bytes. Of a list: its items.
    std::int64_t min = INT64_MIN;
    std::int64_t max = INT64_MAX;
    const TextForm* form = nullptr;  // of a string, or of each string in a list
    bool nullable = false;           // an optional member is written as null when it is empty, not left out
};

// What parsing checks. `path` names the place in the message.
[[nodiscard]] Status check_number(std::int64_t value, const FieldInfo& info, std::string_view path);
[[nodiscard]] Status check_text(std::string_view value, const FieldInfo& info, std::string_view path);
[[nodiscard]] Status check_items(std::size_t count, const FieldInfo& info, std::string_view path);

namespace reflect {

// Becomes a `const T*` and no pointer to a base of T, whose fields are not T's.
template <class T>
struct Exactly {
    template <class U>
        requires std::is_same_v<U, T>
    constexpr operator const U*() const {
        return nullptr;
    }
};

// What TALLY_FIELDS says of T's own member with this index; without TALLY_FIELDS nothing.
template <class T>
constexpr FieldInfo field_info(std::size_t index) {
    if constexpr (requires { tally_fields(Exactly<T>{}); }) {
        constexpr auto kInfos = tally_fields(Exactly<T>{});
        return kInfos[index];
    } else {
        return {};
    }
}

}  // namespace reflect

}  // namespace tally::chaincode

#define TALLY_FIELD_NAME(s, data, field) BOOST_PP_TUPLE_ELEM(0, field)
#define TALLY_FIELD_INFO_OF(name, ...) \
    ::tally::chaincode::FieldInfo { __VA_OPT__(.about =) __VA_ARGS__ }
#define TALLY_FIELD_INFO(r, data, field) TALLY_FIELD_INFO_OF field,
#define TALLY_FIELDS_OF(type, bases, fields)                                                                      \
    BOOST_DESCRIBE_STRUCT(type, bases, (BOOST_PP_SEQ_ENUM(BOOST_PP_SEQ_TRANSFORM(TALLY_FIELD_NAME, , fields))))   \
    [[maybe_unused]] constexpr auto tally_fields(const type*) {                                                   \
        return std::to_array<::tally::chaincode::FieldInfo>({BOOST_PP_SEQ_FOR_EACH(TALLY_FIELD_INFO, , fields)}); \
    }
#define TALLY_FIELDS(type, ...) TALLY_FIELDS_OF(type, (), BOOST_PP_VARIADIC_TO_SEQ(__VA_ARGS__))
// For a struct that extends others: TALLY_FIELDS_WITH(ListDevices, (PageArguments), (shard, "..."), ...).
#define TALLY_FIELDS_WITH(type, bases, ...) TALLY_FIELDS_OF(type, bases, BOOST_PP_VARIADIC_TO_SEQ(__VA_ARGS__))
