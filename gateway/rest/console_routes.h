#pragma once
// The part of the table (route.h) that serves the console: anyone may read its files.

#include "gateway/rest/route.h"

namespace tally::gateway {

[[nodiscard]] std::vector<Route> console_routes();

}  // namespace tally::gateway
