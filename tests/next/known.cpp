// What a release to come might know: version 2 of the registry with one function more, a contract more, and level 2 of
// the rules, which allows one attachment more. Linked in the place of node/channel/known.cpp it makes the program
// tally_next.

#include "node/channel/known.h"

#include "chaincode/contracts/registry/registry.h"
#include "node/channel/config_contract.h"

namespace tally::node {

namespace json = boost::json;

namespace {

struct Greet {
    std::string name;
};
BOOST_DESCRIBE_STRUCT(Greet, (), (name))

Result<json::value> greet(chaincode::Stub& stub, const Greet& in) {
    TRY(stub.put("greeting", in.name));
    return json::value("hello " + in.name);
}

const chaincode::FunctionInfo kGreet{.name = "greet", .summary = "Greets", .writes = true};

chaincode::Contract next_registry() {
    const auto now = chaincode::registry::contract();
    chaincode::Contract next(now.name(), now.version() + 1, now.summary());
    for (const auto& function : now.functions()) next.add(function);
    next.add(&greet, kGreet);
    return next;
}

chaincode::Contract greeter() {
    chaincode::Contract contract("greeter", 1, "Greets");
    contract.add(&greet, kGreet);
    return contract;
}

}  // namespace

const Known& known() {
    static const Known all = [] {
        Known known;
        chaincode::add_standard_contracts(known.contracts);
        known.contracts.add(config_contract());
        known.contracts.add(next_registry());
        known.contracts.add(greeter());
        Rules next{.level = 2};
        ++next.proposal.max_attachments;
        known.rules = {Rules{}, next};
        return known;
    }();
    return all;
}

}  // namespace tally::node
