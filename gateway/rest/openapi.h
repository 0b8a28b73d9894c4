#pragma once
// The OpenAPI 3.1 document of the table: every route with its parameters, bodies, answers and problems, and the
// argument schemas of all contract functions as components ("data.days"). Pure; made once when the server starts.

#include "gateway/rest/router.h"

namespace tally::gateway {

[[nodiscard]] json::object openapi_document(const Router& router, const chaincode::ContractSet& contracts,
                                            std::string_view channel);

}  // namespace tally::gateway
