#include "tests/unit/node/notes_contract.h"

namespace tally::node::notes {

namespace json = boost::json;
using chaincode::Stub;

struct Put {
    std::string key;
    std::string value;
};
BOOST_DESCRIBE_STRUCT(Put, (), (key, value))

struct Key {
    std::string key;
};
BOOST_DESCRIBE_STRUCT(Key, (), (key))

struct Add {
    std::string key;
    std::int64_t delta = 0;
    std::int64_t lower_bound = 0;
};
BOOST_DESCRIBE_STRUCT(Add, (), (key, delta, lower_bound))

struct Publish {
    std::string key;
    std::string device;  // its public key, PEM
};
BOOST_DESCRIBE_STRUCT(Publish, (), (key, device))

namespace {

Result<json::value> put(Stub& stub, const Put& in) {
    TRY(stub.put(in.key, in.value));
    return json::value(in.value);
}

Result<json::value> get(Stub& stub, const Key& in) {
    const auto value = TRY(stub.get(in.key));
    if (!value) return fail(Code::not_found, "there is no note \"{}\"", in.key);
    return json::value(*value);
}

Result<json::value> append(Stub& stub, const Put& in) {
    const auto value = TRY(stub.get(in.key)).value_or("") + in.value;
    TRY(stub.put(in.key, value));
    return json::value(value);
}

Result<json::value> add(Stub& stub, const Add& in) {
    TRY(stub.increment(in.key, in.delta, in.lower_bound));
    return json::value(nullptr);
}

// Writes how many notes there are whose key begins with `key`.
Result<json::value> count(Stub& stub, const Key& in) {
    const auto page = TRY(stub.range(in.key, in.key + "~"));
    TRY(stub.put("count of " + in.key, std::to_string(page.entries.size())));
    return json::value(page.entries.size());
}

Result<json::value> put_elsewhere(Stub& stub, const Put& in) {
    return stub.call("ledger_of_others", "put", json::object{{"key", in.key}, {"value", in.value}});
}

Result<json::value> publish(Stub& stub, const Publish& in) {
    TRY(stub.verify_origin(TRY(crypto::PublicKey::from_pem(in.device)), 0));
    TRY(stub.put(in.key, std::string(as_text(stub.attachments()[0]))));
    stub.emit("published", json::object{{"key", in.key}});
    return json::value(in.key);
}

}  // namespace

const chaincode::ContractSet& contracts() {
    static const chaincode::ContractSet all = [] {
        chaincode::Contract contract("notes", "Notes");
        contract.add<Put>(
            {.name = "put", .summary = "Writes a note", .writes = true, .origin_signed = false, .roles = {}}, &put);
        contract.add<Key>({.name = "get", .summary = "One note", .writes = false, .origin_signed = false, .roles = {}},
                          &get);
        contract.add<Put>(
            {.name = "append", .summary = "Adds to a note", .writes = true, .origin_signed = false, .roles = {}},
            &append);
        contract.add<Add>(
            {.name = "add", .summary = "Adds to a counter", .writes = true, .origin_signed = false, .roles = {}}, &add);
        contract.add<Key>(
            {.name = "count", .summary = "Counts notes", .writes = true, .origin_signed = false, .roles = {}}, &count);
        contract.add<Put>({.name = "put_elsewhere",
                           .summary = "Writes a note of others",
                           .writes = true,
                           .origin_signed = false,
                           .roles = {}},
                          &put_elsewhere);
        contract.add<Publish>(
            {.name = "publish", .summary = "Keeps a signed note", .writes = true, .origin_signed = true, .roles = {}},
            &publish);
        chaincode::Contract others("ledger_of_others", "Notes under another policy");
        others.add<Put>(
            {.name = "put", .summary = "Writes a note", .writes = true, .origin_signed = false, .roles = {}}, &put);
        chaincode::ContractSet set;
        set.add(std::move(contract));
        set.add(std::move(others));
        return set;
    }();
    return all;
}

}  // namespace tally::node::notes
