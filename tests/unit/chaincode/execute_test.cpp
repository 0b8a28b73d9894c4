// Execution against a snapshot, with a contract that does nothing but what the stub offers.

#include "chaincode/execute.h"

#include "tests/unit/chaincode/memory_state.h"

namespace tally::chaincode::test {
namespace {

using storage::ValidationCode;

struct Keyed {
    std::string key;
    std::optional<std::string> value;
    std::optional<std::int64_t> delta;
};
BOOST_DESCRIBE_STRUCT(Keyed, (), (key, value, delta))

struct Scan {
    std::string start;
    std::string end;
    std::int64_t limit = 0;
};
BOOST_DESCRIBE_STRUCT(Scan, (), (start, end, limit))

Result<json::value> put(Stub& stub, const Keyed& arguments) {
    TRY(stub.put(arguments.key, arguments.value.value_or("")));
    stub.emit("put", json::object{{"key", arguments.key}});
    return json::value(TRY(stub.get(arguments.key)).value_or("absent"));
}
Result<json::value> copy(Stub& stub, const Keyed& arguments) {
    const auto value = TRY(stub.get(arguments.key));
    TRY(stub.put(arguments.key + "'", value.value_or("")));
    return nullptr;
}
Result<json::value> claim(Stub& stub, const Keyed& arguments) {
    if (TRY(stub.get(arguments.key))) return fail(Code::conflict, "it is there");
    TRY(stub.put(arguments.key + "?", "1"));
    return nullptr;
}
Result<json::value> add(Stub& stub, const Keyed& arguments) {
    TRY(stub.increment(arguments.key, *arguments.delta, 0));
    return nullptr;
}
Result<json::value> add_and_read(Stub& stub, const Keyed& arguments) {
    TRY(stub.increment(arguments.key, 1));
    (void)TRY(stub.get(arguments.key));
    return nullptr;
}
Result<json::value> count(Stub& stub, const Scan& arguments) {
    const auto page =
        TRY(stub.range(arguments.start, arguments.end, {.limit = static_cast<std::size_t>(arguments.limit)}));
    if (!stub.is_query()) TRY(stub.put("count", fmt::format("{}", page.entries.size())));
    return json::object{{"entries", page.entries.size()}, {"more", page.more}};
}
Result<json::value> last(Stub& stub, const Scan& arguments) {
    const auto page = TRY(stub.range(arguments.start, arguments.end, {.limit = 1, .reverse = true}));
    return json::value(page.entries.empty() ? "" : page.entries[0].key);
}
Result<json::value> recurse(Stub& stub, const Keyed& arguments) {
    return stub.call("again", "recurse", to_json(arguments));
}
Result<json::value> call_put(Stub& stub, const Keyed& arguments) {
    return stub.call("store", "put", to_json(arguments));
}
Result<json::value> say(Stub&, const Keyed& arguments) { return json::value(arguments.key); }
Result<json::value> past(Stub& stub, const Keyed& arguments) {
    return json::value(TRY(stub.history(arguments.key)).size());
}

const ContractSet& executed_contracts() {
    static const ContractSet set = [] {
        const auto writes = [](std::string name, std::vector<std::string> roles = {}) {
            return FunctionInfo{std::move(name), "", true, std::move(roles)};
        };
        const auto query = [](std::string name) { return FunctionInfo{std::move(name), "", false, {}}; };
        Contract store("store", 1, "");
        store.add(&put, writes("put")).add(&copy, writes("copy")).add(&claim, writes("claim")).add(&add, writes("add"));
        store.add(&add_and_read, writes("add_and_read"))
            .add(&count, writes("count"))
            .add(&count, query("look"))
            .add(&last, query("last"));
        store.add(&put, writes("admins_only", {"admin"}))
            .add(&put, query("sly_put"))
            .add(&past, query("past"))
            .add(&say, query("say"))
            .add(&say, writes("say_in_write"))
            .add(&past, writes("past_in_write"));
        store.add(&last, writes("last_in_write"));
        Contract again("again", 1, "");
        again.add(&recurse, writes("recurse"))
            .add(&call_put, writes("call_put"))
            .add(&call_put, query("call_put_in_query"));
        ContractSet out;
        out.add(std::move(store));
        out.add(std::move(again));
        return out;
    }();
    return set;
}

class Execute : public testing::Test {
  public:
    TestLedger ledger{executed_contracts()};

    Simulated simulated(std::string_view function, std::string_view arguments) {
        auto out = ledger.simulate("store", function, parse(arguments));
        EXPECT_TRUE(out) << message_of(out);
        return out.value_or(Simulated{});
    }
    void put_all(std::initializer_list<std::string_view> keys) {
        for (const auto key : keys)
            ASSERT_OK(ledger.submit("store", "put", json::object{{"key", key}, {"value", "v"}}));
    }
};

TEST_F(Execute, WritesAreSeenByLaterReadsOfTheSameCallAlone) {
    const auto out = simulated("put", R"({"key": "a", "value": "1"})");
    EXPECT_EQ(out.result, "1");
    EXPECT_TRUE(out.transaction.simulation.read_write_set.reads.empty());
    EXPECT_EQ(out.transaction.simulation.events[0].payload, R"({"key":"a"})");
    EXPECT_EQ(ledger.query("store", "last", parse(R"({"start": "", "end": "", "limit": 1})")), json::value(""));
}

TEST_F(Execute, WhatDecidedIsReadAlsoWhenNothingWasThere) {
    put_all({"a"});
    const auto change = simulated("put", R"({"key": "a", "value": "2"})");
    const auto copies = simulated("copy", R"({"key": "a"})");
    EXPECT_EQ(ledger.commit({change, copies}),
              (std::vector{ValidationCode::VALID, ValidationCode::MVCC_READ_CONFLICT}));
    const auto appears = simulated("put", R"({"key": "b", "value": "2"})");
    const auto claims = simulated("claim", R"({"key": "b"})");
    EXPECT_EQ(ledger.commit({appears, claims}),
              (std::vector{ValidationCode::VALID, ValidationCode::MVCC_READ_CONFLICT}));
}

TEST_F(Execute, ARangeSeesPhantomsInsideItAndNoOthers) {
    put_all({"k1", "k3"});
    const auto counts = [&] { return simulated("count", R"({"start": "k", "end": "l", "limit": 10})"); };
    EXPECT_EQ(counts().result.at("entries"), 2);
    const auto before = counts();
    EXPECT_EQ(ledger.commit({simulated("put", R"({"key": "j9"})"), simulated("put", R"({"key": "l"})"), before}),
              std::vector<ValidationCode>(3, ValidationCode::VALID));
    const auto again = counts();
    EXPECT_EQ(ledger.commit({simulated("put", R"({"key": "k2"})"), again}),
              (std::vector{ValidationCode::VALID, ValidationCode::PHANTOM_READ_CONFLICT}));
    // A scan that stopped at its limit does not depend on what lies behind.
    const auto first_two = simulated("count", R"({"start": "k", "end": "l", "limit": 2})");
    EXPECT_EQ(first_two.result.at("more"), true);
    EXPECT_EQ(ledger.commit({simulated("put", R"({"key": "k4"})"), first_two}),
              (std::vector{ValidationCode::VALID, ValidationCode::VALID}));
}

TEST_F(Execute, IncrementsAddUpWithoutConflictDownToTheirBound) {
    const auto one = simulated("add", R"({"key": "n", "delta": 5})");
    const auto two = simulated("add", R"({"key": "n", "delta": -3})");
    const auto three = simulated("add", R"({"key": "n", "delta": -3})");
    EXPECT_EQ(ledger.commit({one, two, three}),
              (std::vector{ValidationCode::VALID, ValidationCode::VALID, ValidationCode::INCREMENT_OUT_OF_BOUNDS}));
    EXPECT_REFUSED(ledger.simulate("store", "add_and_read", parse(R"({"key": "n"})")), Code::internal,
                   "incremented in the same call");
}

TEST_F(Execute, RolesNamesAndKindsOfCallsAreChecked) {
    EXPECT_REFUSED(ledger.simulate("nothing", "put", json::object{}), Code::unknown_contract, "nothing");
    EXPECT_REFUSED(ledger.simulate("store", "nothing", json::object{}), Code::unknown_function, "nothing");
    EXPECT_REFUSED(ledger.simulate("store", "look", json::object{}), Code::invalid_argument, "is a query");
    ASSERT_OK(ledger.simulate("store", "admins_only", parse(R"({"key": "a"})")));
    ledger.caller.role = "client";
    EXPECT_REFUSED(ledger.simulate("store", "admins_only", parse(R"({"key": "a"})")), Code::permission_denied,
                   "for admin");
    EXPECT_REFUSED(ledger.query("store", "sly_put", parse(R"({"key": "a"})")), Code::permission_denied,
                   "must not write");
    EXPECT_REFUSED(ledger.simulate("store", "past_in_write", parse(R"({"key": "a"})")), Code::permission_denied,
                   "history");
    EXPECT_REFUSED(ledger.simulate("store", "last_in_write", parse(R"({"start": "", "end": "", "limit": 1})")),
                   Code::internal, "descending");
    EXPECT_REFUSED(ledger.simulate("store", "put", parse(R"({"key": ""})")), Code::invalid_argument, "0 bytes");
}

TEST_F(Execute, CallsOfOtherContractsWorkInTheirNamespaceToABoundedDepth) {
    const auto out = ledger.simulate("again", "call_put", parse(R"({"key": "a", "value": "1"})"));
    ASSERT_OK(out);
    EXPECT_EQ(out->transaction.simulation.read_write_set.writes[0].key.space, "store");
    EXPECT_REFUSED(ledger.simulate("again", "recurse", parse(R"({"key": "a"})")), Code::too_large, "8 deep");
    EXPECT_REFUSED(ledger.query("again", "call_put_in_query", parse(R"({"key": "a"})")), Code::permission_denied,
                   "writes");
}

TEST_F(Execute, AQueryCannotHoldTheNode) {
    put_all({"k1", "k2", "k3"});
    const Invocation invocation{{}, "main", "store",      "look", R"({"start": "k", "end": "l", "limit": 100})",
                                {}, 0,      ledger.caller};
    EXPECT_REFUSED(evaluate(executed_contracts(), ledger.state(), invocation, {.max_read_keys = 2}), Code::too_large,
                   "more than 2 keys");
    ASSERT_OK(evaluate(executed_contracts(), ledger.state(), invocation, {.max_read_keys = 3}));
}

TEST_F(Execute, AnAnswerHasALimitInBytes) {
    const auto invocation = [&](std::string function, std::size_t length) {
        return Invocation{
            {}, "main", "store",      std::move(function), json_text(json::object{{"key", std::string(length, 'a')}}),
            {}, 0,      ledger.caller};
    };
    constexpr std::size_t kLimit = 10'000;
    const ExecutionLimits limits{.max_result_bytes = kLimit};
    const auto fits = kLimit - 2;  // and its quotes
    ASSERT_OK(evaluate(executed_contracts(), ledger.state(), invocation("say", fits), limits));
    EXPECT_REFUSED(evaluate(executed_contracts(), ledger.state(), invocation("say", fits + 1), limits), Code::too_large,
                   "more than 10000 bytes; ask for a smaller page or range");
    ASSERT_OK(simulate(executed_contracts(), ledger.state(), invocation("say_in_write", fits), nullptr, limits));
    EXPECT_REFUSED(
        simulate(executed_contracts(), ledger.state(), invocation("say_in_write", fits + 1), nullptr, limits),
        Code::too_large, "smaller page");
}

TEST_F(Execute, HistoryHoldsEveryChange) {
    put_all({"a", "a", "a"});
    EXPECT_EQ(ledger.query("store", "past", parse(R"({"key": "a"})")), json::value(3U));
}

TEST(Keys, PartsAndNumbersSortAsTheyShould) {
    std::vector<std::string> texts;
    for (const std::int64_t number : {INT64_MIN, std::int64_t{-2}, std::int64_t{-1}, std::int64_t{0}, std::int64_t{1},
                                      std::int64_t{10}, INT64_MAX}) {
        texts.push_back(padded(number));
        EXPECT_EQ(texts.back().size(), 20U);
    }
    EXPECT_TRUE(std::is_sorted(texts.begin(), texts.end()));
    const auto [start, end] = children_of({"device", "a"});
    const auto child = composite_key({"device", "a", "x"});
    EXPECT_TRUE(start <= child && child < end);
    for (const auto& other :
         {composite_key({"device", "a"}), composite_key({"device", "ab", "x"}), composite_key({"device", "b"})}) {
        EXPECT_FALSE(start <= other && other < end);
    }
}

}  // namespace
}  // namespace tally::chaincode::test
