#include "chaincode/json/reflect.h"

#include <boost/json.hpp>
#include <cstring>
#include <utility>

#include "chaincode/json/json_sink.h"
#include "chaincode/json/type_rules.h"

namespace tally::chaincode {
namespace reflect {
namespace {

std::string join(std::string_view path, std::string_view name) {
    return path.empty() ? std::string(name) : fmt::format("{}.{}", path, name);
}
std::string named(std::string_view path) { return path.empty() ? "the value" : fmt::format("\"{}\"", path); }

std::string enum_names(const TypeInfo& type) {
    std::string names;
    for (const auto& each : type.enumerators) {
        if (!names.empty()) names += ", ";
        names += each.name;
    }
    return names;
}

// Integers of 1 to 8 bytes in memory.
template <class T>
T loaded(const void* place) {
    T value;
    std::memcpy(&value, place, sizeof value);
    return value;
}
std::int64_t load_signed(const TypeInfo& type, const void* place) {
    switch (type.bytes) {
        case 1: return loaded<std::int8_t>(place);
        case 2: return loaded<std::int16_t>(place);
        case 4: return loaded<std::int32_t>(place);
        default: return loaded<std::int64_t>(place);
    }
}
std::uint64_t load_unsigned(const TypeInfo& type, const void* place) {
    switch (type.bytes) {
        case 1: return loaded<std::uint8_t>(place);
        case 2: return loaded<std::uint16_t>(place);
        case 4: return loaded<std::uint32_t>(place);
        default: return loaded<std::uint64_t>(place);
    }
}
std::int64_t load_enumerator(const TypeInfo& type, const void* place) {
    return type.is_signed ? load_signed(type, place) : static_cast<std::int64_t>(load_unsigned(type, place));
}

template <class T, class From>
bool store_as(From value, void* out) {
    if (!std::in_range<T>(value)) return false;
    const auto narrow = static_cast<T>(value);
    std::memcpy(out, &narrow, sizeof narrow);
    return true;
}
// False when the type does not hold the value.
template <class From>
bool store(const TypeInfo& type, From value, void* out) {
    switch (type.bytes) {
        case 1: return type.is_signed ? store_as<std::int8_t>(value, out) : store_as<std::uint8_t>(value, out);
        case 2: return type.is_signed ? store_as<std::int16_t>(value, out) : store_as<std::uint16_t>(value, out);
        case 4: return type.is_signed ? store_as<std::int32_t>(value, out) : store_as<std::uint32_t>(value, out);
        default: return type.is_signed ? store_as<std::int64_t>(value, out) : store_as<std::uint64_t>(value, out);
    }
}

const void* element_of(const TypeInfo& type, const void* container, std::size_t index) {
    return static_cast<const char*>(type.first(container)) + index * type.stride;
}

Status read_integer(const TypeInfo& type, const json::value& in, void* out, const std::string& path,
                    const FieldInfo& info) {
    if (!in.is_int64() && !in.is_uint64()) return fail(Code::invalid_argument, "{} must be an integer", named(path));
    const bool fits = in.is_int64() ? store(type, in.get_int64(), out) : store(type, in.get_uint64(), out);
    if (!fits) return fail(Code::invalid_argument, "{} is out of range", named(path));
    return type.is_bounded ? check_number(load_signed(type, out), info, path) : Status();
}

Status read_enumerator(const TypeInfo& type, const json::value& in, void* out, const std::string& path) {
    if (!in.is_string()) return fail(Code::invalid_argument, "{} must be one of {}", named(path), enum_names(type));
    const std::string_view name = in.get_string();
    for (const auto& each : type.enumerators) {
        if (each.name != name) continue;
        if (type.is_signed) return store(type, each.value, out), Status();
        return store(type, static_cast<std::uint64_t>(each.value), out), Status();
    }
    return fail(Code::invalid_argument, "{} is \"{}\"; it must be one of {}", named(path), name.substr(0, 64),
                enum_names(type));
}

Status read_list(const TypeInfo& type, const json::value& in, void* out, const std::string& path,
                 const FieldInfo& info) {
    if (!in.is_array()) return fail(Code::invalid_argument, "{} must be a list", named(path));
    TRY(check_items(in.get_array().size(), info, path));
    type.clear(out);
    std::size_t index = 0;
    for (const auto& element : in.get_array()) {
        TRY(read(*type.element, element, type.emplace(out, {}), fmt::format("{}[{}]", path, index),
                 {.form = info.form}));
        ++index;
    }
    return {};
}

Status read_map(const TypeInfo& type, const json::value& in, void* out, const std::string& path,
                const FieldInfo& info) {
    if (!in.is_object()) return fail(Code::invalid_argument, "{} must be an object", named(path));
    TRY(check_items(in.get_object().size(), info, path));
    type.clear(out);
    for (const auto& [name, element] : in.get_object())
        TRY(read(*type.element, element, type.emplace(out, name), join(path, name), {.form = info.form}));
    return {};
}

Status read_tuple(const TypeInfo& type, const json::value& in, void* out, const std::string& path) {
    const auto size = type.members.size();
    if (!in.is_array() || in.get_array().size() != size)
        return fail(Code::invalid_argument, "{} must be a list of {}", named(path), size);
    for (std::size_t i = 0; i < size; ++i) {
        const auto& member = type.members[i];
        TRY(read(*member.type, in.get_array()[i], member.in(out), fmt::format("{}[{}]", path, i), {}));
    }
    return {};
}

Status read_structure(const TypeInfo& type, const json::value& in, void* out, const std::string& path) {
    if (!in.is_object()) return fail(Code::invalid_argument, "{} must be an object", named(path));
    const auto& object = in.get_object();
    std::size_t seen = 0;
    for (const auto& member : type.members) {
        if (const auto* value = object.if_contains(member.name)) {
            ++seen;
            TRY(read(*member.type, *value, member.in(out), join(path, member.name), member.info));
            continue;
        }
        if (is_required(member)) return fail(Code::invalid_argument, "{} is missing", named(join(path, member.name)));
    }
    if (seen == object.size()) return {};
    for (const auto& entry : object) {
        const std::string_view name = entry.key();
        if (std::ranges::find(type.members, name, &Member::name) == type.members.end())
            return fail(Code::invalid_argument, "{} is not known here", named(join(path, name.substr(0, 64))));
    }
    return {};
}

json::value write_map(const TypeInfo& type, const void* in) {
    struct Context {
        const TypeInfo& type;
        json::object object;
    } context{type, {}};
    type.each(in, &context, [](void* of, std::string_view key, const void* element) {
        auto& [map, object] = *static_cast<Context*>(of);
        object.emplace(key, write(*map.element, element));
    });
    return std::move(context.object);
}

bool is_left_out(const Member& member, const void* value) {
    return member.type->form == Form::optional && member.type->size(value) == 0 && !member.info.nullable;
}

json::value write_structure(const TypeInfo& type, const void* in) {
    json::object object;
    object.reserve(type.members.size());
    for (const auto& member : type.members) {
        const auto* value = member.at(in);
        if (!is_left_out(member, value)) object.emplace(member.name, write(*member.type, value));
    }
    return object;
}

void write_to(JsonSink& sink, const TypeInfo& type, const void* in);

void write_members(JsonSink& sink, const TypeInfo& type, const void* in) {
    const char* before = "{";
    for (const auto& member : type.members) {
        const auto* value = member.at(in);
        if (is_left_out(member, value)) continue;
        sink.raw(std::exchange(before, ","));
        sink.string(member.name);
        sink.raw(":");
        write_to(sink, *member.type, value);
    }
    sink.raw(*before == '{' ? "{}" : "}");
}

void write_entries(JsonSink& sink, const TypeInfo& type, const void* in) {
    struct Context {
        JsonSink& sink;
        const TypeInfo& type;
        const char* before;
    } context{sink, *type.element, "{"};
    type.each(in, &context, [](void* of, std::string_view key, const void* element) {
        auto& [out, element_type, before] = *static_cast<Context*>(of);
        out.raw(std::exchange(before, ","));
        out.string(key);
        out.raw(":");
        write_to(out, element_type, element);
    });
    sink.raw(*context.before == '{' ? "{}" : "}");
}

void write_to(JsonSink& sink, const TypeInfo& type, const void* in) {
    if (sink.full()) return;
    switch (type.form) {
        case Form::json: return sink.value(*static_cast<const json::value*>(in));
        case Form::boolean: return sink.raw(*static_cast<const bool*>(in) ? "true" : "false");
        case Form::integer:
            return type.is_signed ? sink.integer(load_signed(type, in)) : sink.integer(load_unsigned(type, in));
        case Form::string: return sink.string(*static_cast<const std::string*>(in));
        case Form::text: return sink.string([&](std::string& out) { type.append(out, in); });
        case Form::optional:
            return type.size(in) == 0 ? sink.raw("null") : write_to(sink, *type.element, type.first(in));
        case Form::list: {
            const auto size = type.size(in);
            for (std::size_t i = 0; i < size; ++i) {
                sink.raw(i == 0 ? '[' : ',');
                write_to(sink, *type.element, element_of(type, in, i));
            }
            return sink.raw(size == 0 ? "[]" : "]");
        }
        case Form::map: return write_entries(sink, type, in);
        case Form::tuple: {
            char before = '[';
            for (const auto& member : type.members) {
                sink.raw(std::exchange(before, ','));
                write_to(sink, *member.type, member.at(in));
            }
            return sink.raw(type.members.empty() ? "[]" : "]");
        }
        case Form::enumeration: return sink.string(name_of(type, load_enumerator(type, in)));
        case Form::structure: break;
    }
    write_members(sink, type, in);
}

Status check_map(const TypeInfo& type, const void* in, const std::string& path, const FieldInfo& info) {
    struct Context {
        const TypeInfo& type;
        const std::string& path;
        const FieldInfo& info;
        Status status;
    } context{type, path, info, {}};
    type.each(in, &context, [](void* of, std::string_view key, const void* element) {
        auto& [map, place, bounds, status] = *static_cast<Context*>(of);
        if (status) status = check(*map.element, element, join(place, key), {.form = bounds.form});
    });
    return context.status;
}

}  // namespace

std::string_view name_of(const TypeInfo& type, std::int64_t enumerator) {
    const auto found = std::ranges::find(type.enumerators, enumerator, &Enumerator::value);
    return found == type.enumerators.end() ? std::string_view() : found->name;
}

Status read(const TypeInfo& type, const json::value& in, void* out, const std::string& path, const FieldInfo& info) {
    switch (type.form) {
        case Form::json: *static_cast<json::value*>(out) = in; return {};
        case Form::boolean:
            if (!in.is_bool()) return fail(Code::invalid_argument, "{} must be true or false", named(path));
            *static_cast<bool*>(out) = in.get_bool();
            return {};
        case Form::integer: return read_integer(type, in, out, path, info);
        case Form::string: {
            if (!in.is_string()) return fail(Code::invalid_argument, "{} must be a string", named(path));
            auto& text = *static_cast<std::string*>(out);
            text.assign(in.get_string().data(), in.get_string().size());
            return check_text(text, info, path);
        }
        case Form::text: {
            if (!in.is_string()) return fail(Code::invalid_argument, "{} must be a string", named(path));
            const auto parsed = type.parse(in.get_string(), out);
            return parsed ? Status() : fail(parsed.error().code, "{}: {}", named(path), parsed.error().message);
        }
        case Form::optional:
            type.clear(out);
            return in.is_null() ? Status() : read(*type.element, in, type.emplace(out, {}), path, info);
        case Form::list: return read_list(type, in, out, path, info);
        case Form::map: return read_map(type, in, out, path, info);
        case Form::tuple: return read_tuple(type, in, out, path);
        case Form::enumeration: return read_enumerator(type, in, out, path);
        case Form::structure: break;
    }
    return read_structure(type, in, out, path);
}

json::value write(const TypeInfo& type, const void* in) {
    switch (type.form) {
        case Form::json: return *static_cast<const json::value*>(in);
        case Form::boolean: return *static_cast<const bool*>(in);
        case Form::integer:
            return type.is_signed ? json::value(load_signed(type, in)) : json::value(load_unsigned(type, in));
        case Form::string: return json::value(json::string(*static_cast<const std::string*>(in)));
        case Form::text: {
            std::string text;
            type.append(text, in);
            return json::value(json::string(text));
        }
        case Form::optional: return type.size(in) == 0 ? json::value(nullptr) : write(*type.element, type.first(in));
        case Form::list: {
            json::array list;
            const auto size = type.size(in);
            list.reserve(size);
            for (std::size_t i = 0; i < size; ++i) list.push_back(write(*type.element, element_of(type, in, i)));
            return list;
        }
        case Form::map: return write_map(type, in);
        case Form::tuple: {
            json::array list;
            list.reserve(type.members.size());
            for (const auto& member : type.members) list.push_back(write(*member.type, member.at(in)));
            return list;
        }
        case Form::enumeration: return json::value(json::string(name_of(type, load_enumerator(type, in))));
        case Form::structure: break;
    }
    return write_structure(type, in);
}

std::optional<std::string> write_text(const TypeInfo& type, const void* in, std::size_t most) {
    std::string text;
    JsonSink sink(&text, most);
    write_to(sink, type, in);
    return sink.full() ? std::nullopt : std::optional(std::move(text));
}

Status check(const TypeInfo& type, const void* in, const std::string& path, const FieldInfo& info) {
    switch (type.form) {
        case Form::integer: return type.is_bounded ? check_number(load_signed(type, in), info, path) : Status();
        case Form::string: return check_text(*static_cast<const std::string*>(in), info, path);
        case Form::optional: return type.size(in) == 0 ? Status() : check(*type.element, type.first(in), path, info);
        case Form::list: {
            const auto size = type.size(in);
            TRY(check_items(size, info, path));
            for (std::size_t i = 0; i < size; ++i)
                TRY(check(*type.element, element_of(type, in, i), path, {.form = info.form}));
            return {};
        }
        case Form::map: TRY(check_items(type.size(in), info, path)); return check_map(type, in, path, info);
        case Form::structure:
            for (const auto& member : type.members)
                TRY(check(*member.type, member.at(in), join(path, member.name), member.info));
            return {};
        default: return {};
    }
}

}  // namespace reflect
}  // namespace tally::chaincode
