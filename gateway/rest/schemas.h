#pragma once
// JSON Schemas of the answers that are no contract's: components of the OpenAPI document, by the names that routes.cpp
// uses. An e2e test compares them with what a node answers. Pure.

#include <boost/json/object.hpp>

namespace tally::gateway {

[[nodiscard]] boost::json::object answer_schemas();

}  // namespace tally::gateway
