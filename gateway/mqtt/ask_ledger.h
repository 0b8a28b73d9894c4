#pragma once
// How the bridge asks the ledger: a query of a contract, in the name of the gateway. It may wait for the ledger's disk.

#include <boost/json/value.hpp>
#include <functional>
#include <string_view>

#include "chaincode/json/reflect.h"
#include "crypto/error.h"

namespace tally::gateway::mqtt {

using AskLedger = std::function<Result<boost::json::value>(std::string_view contract, std::string_view function,
                                                           const boost::json::object& arguments)>;

template <class Answer, class Arguments>
[[nodiscard]] Result<Answer> ask_registry(const AskLedger& ledger, std::string_view function,
                                          const Arguments& arguments) {
    return chaincode::from_json<Answer>(TRY(ledger("registry", function, chaincode::to_json(arguments).as_object())));
}

}  // namespace tally::gateway::mqtt
