#include <boost/json.hpp>

#include "chaincode/json/reflect.h"
#include "chaincode/json/type_rules.h"

namespace tally::chaincode {
namespace reflect {
namespace {

json::object bounded(json::object schema, const FieldInfo& info, std::string_view least, std::string_view most) {
    if (info.min != INT64_MIN) schema.emplace(least, info.min);
    if (info.max != INT64_MAX) schema.emplace(most, info.max);
    return schema;
}

json::object string_schema(const FieldInfo& info) {
    auto schema = bounded({{"type", "string"}}, info, "minLength", "maxLength");
    if (info.form != nullptr && !info.form->pattern.empty()) schema.emplace("pattern", info.form->pattern);
    return schema;
}

json::object tuple_schema(const TypeInfo& type) {
    json::array elements;
    for (const auto& each : type.members) {
        auto element = schema(*each.type, {});
        elements.push_back(each.type->form == Form::optional ? or_null(std::move(element)) : std::move(element));
    }
    const auto size = elements.size();
    return {{"type", "array"}, {"prefixItems", std::move(elements)}, {"minItems", size}, {"maxItems", size}};
}

json::object structure_schema(const TypeInfo& type) {
    json::object properties;
    json::array required;
    for (const auto& member : type.members) {
        auto of_member = schema(*member.type, member.info);
        if (!member.info.about.empty()) of_member.emplace("description", member.info.about);
        properties.emplace(member.name, std::move(of_member));
        if (is_required(member) || member.info.nullable) required.emplace_back(member.name);
    }
    json::object out{{"type", "object"}, {"title", type.name}, {"properties", std::move(properties)}};
    if (!required.empty()) out.emplace("required", std::move(required));
    out.emplace("additionalProperties", false);
    return out;
}

}  // namespace

json::object schema(const TypeInfo& type, const FieldInfo& info) {
    switch (type.form) {
        case Form::json: return {};
        case Form::boolean: return {{"type", "boolean"}};
        case Form::integer: return bounded({{"type", "integer"}}, info, "minimum", "maximum");
        case Form::string: return string_schema(info);
        case Form::text: return string_schema({.form = type.text_form});
        case Form::optional: {
            auto of_value = schema(*type.element, info);
            return info.nullable ? or_null(std::move(of_value)) : of_value;
        }
        case Form::list:
            return bounded({{"type", "array"}, {"items", schema(*type.element, {.form = info.form})}}, info, "minItems",
                           "maxItems");
        case Form::map:
            return bounded({{"type", "object"}, {"additionalProperties", schema(*type.element, {.form = info.form})}},
                           info, "minProperties", "maxProperties");
        case Form::tuple: return tuple_schema(type);
        case Form::enumeration: {
            json::array names;
            for (const auto& each : type.enumerators) names.emplace_back(each.name);
            return {{"type", "string"}, {"enum", std::move(names)}};
        }
        case Form::structure: break;
    }
    return structure_schema(type);
}

json::object answer_schema(const TypeInfo& type) {
    return type.form == Form::optional ? or_null(schema(*type.element, {})) : schema(type, {});
}

}  // namespace reflect

json::object or_null(json::object schema) { return {{"anyOf", {std::move(schema), {{"type", "null"}}}}}; }

}  // namespace tally::chaincode
