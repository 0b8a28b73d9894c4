#pragma once
// Calling a channel's contracts with their own structs: from the command line through a gateway, or inside a node.

#include <boost/json/object.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "chaincode/json/reflect.h"
#include "chaincode/json/strict_json.h"
#include "crypto/bytes.h"

namespace tally::node {

class ContractCalls {
  public:
    virtual ~ContractCalls() = default;

    // In whose name.
    [[nodiscard]] virtual const std::string& organization() const = 0;
    [[nodiscard]] virtual Result<boost::json::value> query(std::string_view contract, std::string_view function,
                                                           const boost::json::object& arguments) = 0;
    // A transaction; what the contract answered, once it is committed. Sent again when another one came between.
    [[nodiscard]] virtual Result<boost::json::value> run(std::string_view contract, std::string_view function,
                                                         std::string arguments, std::vector<ByteView> attachments) = 0;
    // A transaction as it was ordered; its id in hexadecimal.
    [[nodiscard]] virtual Result<Bytes> raw_transaction(const std::string& id) = 0;
};

// A query.
template <class Answer, class Arguments>
[[nodiscard]] Result<Answer> ask(ContractCalls& calls, std::string_view contract, std::string_view function,
                                 const Arguments& arguments) {
    return chaincode::from_json<Answer>(
        TRY(calls.query(contract, function, chaincode::to_json(arguments).as_object())));
}

// Every page of a query. `take`: void(Answer&)
template <class Answer, class Arguments, class Take>
[[nodiscard]] Status ask_all(ContractCalls& calls, std::string_view contract, std::string_view function,
                             Arguments arguments, Take&& take) {
    do {
        auto page = TRY(ask<Answer>(calls, contract, function, arguments));
        arguments.cursor = page.next;
        take(page);
    } while (arguments.cursor);
    return {};
}

// A transaction, and its answer.
template <class Answer, class Arguments>
[[nodiscard]] Result<Answer> act(ContractCalls& calls, std::string_view contract, std::string_view function,
                                 const Arguments& arguments, std::vector<ByteView> attachments = {}) {
    return chaincode::from_json<Answer>(TRY(
        calls.run(contract, function, chaincode::json_text(chaincode::to_json(arguments)), std::move(attachments))));
}

}  // namespace tally::node
