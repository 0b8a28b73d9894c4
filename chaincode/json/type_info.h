#pragma once
// What is known of a type at run time: how its values are read, written and walked through, as constants. reflect.h has
// the operations on it. A pointer to a value of the type is a void* here.

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

#include <boost/json/value.hpp>

#include "chaincode/json/fields.h"

namespace tally::chaincode::reflect {

enum class Form { json, boolean, integer, string, text, optional, list, map, tuple, enumeration, structure };

struct TypeInfo;

struct Member {
    std::string_view name;  // empty in a tuple
    const TypeInfo* type = nullptr;
    FieldInfo info;
    const void* (*at)(const void* object) = nullptr;

    [[nodiscard]] void* in(void* object) const { return const_cast<void*>(at(object)); }
};

struct Enumerator {
    std::string_view name;
    std::int64_t value = 0;
};

// Only what its form needs is set.
struct TypeInfo {
    Form form = Form::json;
    std::string_view name;              // of a structure, without its namespaces
    const TypeInfo* element = nullptr;  // of an optional, a list, a map
    // Of an integer, and of what an enumeration is stored as.
    std::size_t bytes = 0;
    bool is_signed = false;
    bool is_bounded = false;            // FieldInfo's bounds are for it: std::int64_t
    std::span<const Member> members{};  // of a structure: its own, then those of its bases; of a tuple
    std::span<const Enumerator> enumerators{};
    // Of a type with a text of its own.
    const TextForm* text_form = nullptr;
    Status (*parse)(std::string_view text, void* out) = nullptr;
    void (*append)(std::string& out, const void* in) = nullptr;
    // Of an optional, a list, a map. `key`: of a map.
    void (*clear)(void* container) = nullptr;
    void* (*emplace)(void* container, std::string_view key) = nullptr;
    std::size_t (*size)(const void* container) = nullptr;
    const void* (*first)(const void* container) = nullptr;  // of an optional and a list: its elements lie in a row
    std::size_t stride = 0;
    void (*each)(const void* map, void* context,
                 void (*visit)(void* context, std::string_view key, const void* element)) = nullptr;
};

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

// Of a type. A static member and not a variable template: g++ 12 does not emit one of those whose address alone is
// used.
template <class T>
struct TypeOf {
    static const TypeInfo info;
};

// The name of a type without its namespaces, from what the compiler calls this function.
template <class T>
constexpr std::string_view type_name() {
    std::string_view name = __PRETTY_FUNCTION__;
    name.remove_prefix(name.find("T = ") + 4);
    name = name.substr(0, name.find_first_of(";]"));
    const auto last = name.rfind(':');
    return last == std::string_view::npos ? name : name.substr(last + 1);
}

template <class T, auto Pointer>
const void* member_at(const void* object) {
    return &(static_cast<const T*>(object)->*Pointer);
}

// T's own members, then those of its bases. `fields`: of the struct that declares them.
template <class T, class Declares>
constexpr std::size_t count_members() {
    using namespace boost::describe;
    std::size_t count = boost::mp11::mp_size<describe_members<Declares, mod_any_access>>::value;
    boost::mp11::mp_for_each<describe_bases<Declares, mod_any_access>>(
        [&](auto base) { count += count_members<T, typename decltype(base)::type>(); });
    return count;
}
template <class T, class Declares, std::size_t N>
constexpr void add_members(std::array<Member, N>& out, std::size_t& at) {
    using namespace boost::describe;
    std::size_t index = 0;
    boost::mp11::mp_for_each<describe_members<Declares, mod_any_access>>([&](auto d) {
        using Type = std::remove_cvref_t<decltype(std::declval<T>().*d.pointer)>;
        out[at++] = {d.name, &TypeOf<Type>::info, field_info<Declares>(index++), &member_at<T, d.pointer>};
    });
    boost::mp11::mp_for_each<describe_bases<Declares, mod_any_access>>(
        [&](auto base) { add_members<T, typename decltype(base)::type>(out, at); });
}
template <class T>
inline constexpr auto members_of = [] {
    std::array<Member, count_members<T, T>()> out{};
    std::size_t at = 0;
    add_members<T, T>(out, at);
    return out;
}();

template <class T>
inline constexpr auto enumerators_of = [] {
    using List = boost::describe::describe_enumerators<T>;
    std::array<Enumerator, boost::mp11::mp_size<List>::value> out{};
    std::size_t at = 0;
    boost::mp11::mp_for_each<List>([&](auto d) { out[at++] = {d.name, static_cast<std::int64_t>(d.value)}; });
    return out;
}();

template <class T, std::size_t I>
const void* element_at(const void* tuple) {
    return &std::get<I>(*static_cast<const T*>(tuple));
}
template <class T>
inline constexpr auto elements_of = []<std::size_t... I>(std::index_sequence<I...>) {
    return std::array<Member, sizeof...(I)>{
        Member{{}, &TypeOf<std::tuple_element_t<I, T>>::info, {}, &element_at<T, I>}...};
}(std::make_index_sequence<std::tuple_size_v<T>>());

template <class T>
constexpr TypeInfo scalar_info() {
    TypeInfo out;
    if constexpr (std::is_same_v<T, boost::json::value>) {
        out.form = Form::json;
    } else if constexpr (std::is_same_v<T, bool>) {
        out.form = Form::boolean;
    } else if constexpr (std::is_integral_v<T>) {
        out.form = Form::integer;
        out.bytes = sizeof(T);
        out.is_signed = std::is_signed_v<T>;
        out.is_bounded = std::is_same_v<T, std::int64_t>;
    } else if constexpr (std::is_same_v<T, std::string>) {
        out.form = Form::string;
    } else if constexpr (is_described_enum<T>) {
        out.form = Form::enumeration;
        out.bytes = sizeof(T);
        out.is_signed = std::is_signed_v<std::underlying_type_t<T>>;
        out.enumerators = enumerators_of<T>;
    } else {
        out.form = Form::text;
        out.text_form = &T::kForm;
        out.parse = [](std::string_view text, void* place) -> Status {
            auto value = T::parse(text);
            if (!value) return std::unexpected(std::move(value.error()));
            *static_cast<T*>(place) = *std::move(value);
            return {};
        };
        out.append = [](std::string& to, const void* value) {
            if constexpr (requires(const T& each) { each.append_to(to); })
                static_cast<const T*>(value)->append_to(to);
            else
                to += static_cast<const T*>(value)->text();
        };
    }
    return out;
}

template <class T>
constexpr TypeInfo container_info() {
    TypeInfo out;
    out.size = [](const void* value) -> std::size_t {
        if constexpr (is_optional<T>) {
            return static_cast<const T*>(value)->has_value() ? 1 : 0;
        } else {
            return static_cast<const T*>(value)->size();
        }
    };
    if constexpr (is_map<T>) {
        using Element = typename T::mapped_type;
        out.form = Form::map;
        out.element = &TypeOf<Element>::info;
        out.clear = [](void* value) { static_cast<T*>(value)->clear(); };
        out.emplace = [](void* value, std::string_view key) -> void* {
            return &(*static_cast<T*>(value))[std::string(key)];
        };
        out.each = [](const void* value, void* context, void (*visit)(void*, std::string_view, const void*)) {
            for (const auto& [key, element] : *static_cast<const T*>(value)) visit(context, key, &element);
        };
    } else {
        using Element = typename T::value_type;
        static_assert(!std::is_same_v<T, std::vector<bool>>, "a list of bool has no elements to point at");
        out.form = is_vector<T> ? Form::list : Form::optional;
        out.element = &TypeOf<Element>::info;
        out.stride = sizeof(Element);
        if constexpr (is_vector<T>) {
            out.clear = [](void* value) { static_cast<T*>(value)->clear(); };
            out.emplace = [](void* value, std::string_view) -> void* {
                return &static_cast<T*>(value)->emplace_back();
            };
            out.first = [](const void* value) -> const void* { return static_cast<const T*>(value)->data(); };
        } else {
            out.clear = [](void* value) { static_cast<T*>(value)->reset(); };
            out.emplace = [](void* value, std::string_view) -> void* { return &static_cast<T*>(value)->emplace(); };
            out.first = [](const void* value) -> const void* { return &**static_cast<const T*>(value); };
        }
    }
    return out;
}

template <class T>
constexpr TypeInfo make_type_info() {
    if constexpr (is_optional<T> || is_vector<T> || is_map<T>) {
        return container_info<T>();
    } else if constexpr (is_tuple<T>) {
        TypeInfo out;
        out.form = Form::tuple;
        out.members = elements_of<T>;
        return out;
    } else if constexpr (is_described_struct<T> && !HasText<T>) {
        TypeInfo out;
        out.form = Form::structure;
        out.name = type_name<T>();
        out.members = members_of<T>;
        return out;
    } else {
        static_assert(std::is_same_v<T, boost::json::value> || std::is_integral_v<T> ||
                          std::is_same_v<T, std::string> || is_described_enum<T> || HasText<T>,
                      "this type has no JSON form");
        return scalar_info<T>();
    }
}

template <class T>
constinit const TypeInfo TypeOf<T>::info = make_type_info<T>();

}  // namespace tally::chaincode::reflect
