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

Result<json::value> append_louder(Stub& stub, const Put& in) { return append(stub, {in.key, in.value + "!"}); }

Result<json::value> erase(Stub& stub, const Key& in) {
    const bool was_there = TRY(stub.get(in.key)).has_value();
    TRY(stub.remove(in.key));
    return json::value(was_there);
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

// Reads a note that may be absent, and writes what it saw.
Result<json::value> copy(Stub& stub, const Put& in) {
    TRY(stub.put(in.value, TRY(stub.get(in.key)).value_or("none")));
    return json::value(nullptr);
}

Result<json::value> publish(Stub& stub, const Publish& in) {
    TRY(stub.verify_attachment(TRY(crypto::PublicKey::from_pem(in.device)), 0, "application/note"));
    TRY(stub.put(in.key, std::string(as_text(stub.attachments()[0]))));
    stub.emit("published", json::object{{"key", in.key}});
    return json::value(in.key);
}

}  // namespace

namespace {

chaincode::Contract notes_contract(std::uint32_t version) {
    const auto writes = [](std::string name, std::string summary) {
        return chaincode::FunctionInfo{std::move(name), std::move(summary), true, {}};
    };
    chaincode::Contract contract("notes", version, "Notes");
    // Any number of them: tests of limits of proposals send many.
    contract.add(&put, {.name = "put",
                        .summary = "Writes a note",
                        .writes = true,
                        .attachments = std::vector<chaincode::Attachment>(256, {"anything", true})});
    contract.add(&get, {.name = "get", .summary = "One note"});
    contract.add(version == 1 ? &append : &append_louder, writes("append", "Adds to a note"));
    contract.add(&erase, writes("erase", "Removes a note"));
    contract.add(&add, writes("add", "Adds to a counter"));
    contract.add(&count, writes("count", "Counts notes"));
    contract.add(&put_elsewhere, writes("put_elsewhere", "Writes a note of others"));
    contract.add(
        &publish,
        {.name = "publish", .summary = "Keeps a signed note", .writes = true, .attachments = {{"the signed note"}}});
    contract.add(&copy, writes("copy", "Writes a note again under another key"));
    return contract;
}

}  // namespace

void add_contracts(chaincode::Catalogue& catalogue) {
    catalogue.add(notes_contract(1));
    catalogue.add(notes_contract(2));
    chaincode::Contract others("ledger_of_others", 1, "Notes under another policy");
    others.add(&put, {.name = "put", .summary = "Writes a note", .writes = true});
    catalogue.add(std::move(others));
}

const chaincode::ContractSet& contracts() {
    static const auto set = [] {
        chaincode::Catalogue catalogue;
        add_contracts(catalogue);
        return catalogue.select(std::vector<chaincode::ContractVersion>{{"ledger_of_others", 1, {}}, {"notes", 1, {}}})
            .value();
    }();
    return set;
}

}  // namespace tally::node::notes
