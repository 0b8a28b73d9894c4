#pragma once
// Calling contracts from the command line with their own structs.

#include "chaincode/json/reflect.h"
#include "chaincode/json/strict_json.h"
#include "node/cli/member_client.h"

namespace tally::node::cli {

inline constexpr unsigned kAttempts = 5;  // when another party does the same at the same time

// A query.
template <class Answer, class Arguments>
[[nodiscard]] Result<Answer> ask(MemberClient& member, std::string_view contract, std::string_view function,
                                 const Arguments& arguments) {
    return chaincode::from_json<Answer>(
        TRY(member.query(contract, function, chaincode::to_json(arguments).as_object())));
}

// Every page of a query. `take`: void(Answer&)
template <class Answer, class Arguments, class Take>
[[nodiscard]] Status ask_all(MemberClient& member, std::string_view contract, std::string_view function,
                             Arguments arguments, Take&& take) {
    do {
        auto page = TRY(ask<Answer>(member, contract, function, arguments));
        arguments.cursor = page.next;
        take(page);
    } while (arguments.cursor);
    return {};
}

// A transaction, and its result once it is committed.
template <class Answer, class Arguments>
[[nodiscard]] Result<Answer> act(MemberClient& member, std::string_view contract, std::string_view function,
                                 const Arguments& arguments, std::vector<ByteView> attachments = {}) {
    const auto outcome = TRY(member.transact(contract, function, chaincode::json_text(chaincode::to_json(arguments)),
                                             std::move(attachments), true, kAttempts));
    return chaincode::from_json<Answer>(outcome.at("result"));
}

}  // namespace tally::node::cli
