#pragma once
// Reading a JSON Schema of a contract's declaration. Pure.

#include <algorithm>
#include <boost/json.hpp>
#include <string_view>

namespace tally::node::cli {

// The text of a member; empty when there is none.
[[nodiscard]] inline std::string_view text_at(const boost::json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string_view(value->get_string()) : std::string_view();
}

// Whether an object of this schema must have the member.
[[nodiscard]] inline bool is_required(const boost::json::object& schema, std::string_view name) {
    const auto* required = schema.if_contains("required");
    return required != nullptr && std::ranges::any_of(required->as_array(), [&](const auto& each) {
               return std::string_view(each.as_string()) == name;
           });
}

}  // namespace tally::node::cli
