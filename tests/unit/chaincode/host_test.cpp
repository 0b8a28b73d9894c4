// A contract in a process of its own: it works like any other, and whatever it does besides is a refusal.

#include <gmock/gmock.h>

#include "chaincode/host/clock.h"
#include "chaincode/host/hosted_contract.h"
#include "storage/files.h"
#include "tests/unit/chaincode/memory_state.h"

namespace tally::chaincode::host {
namespace {

using test::message_of;
using test::parse;
using test::TestLedger;

struct Nothing {};
BOOST_DESCRIBE_STRUCT(Nothing, (), ())

Result<json::value> write(Stub& stub, const Nothing&) {
    TRY(stub.put("k", "v"));
    return json::value("written");
}
Result<json::value> read(Stub& stub, const Nothing&) { return json::value(TRY(stub.get("k")).value_or("none")); }
Result<json::value> call_package(Stub& stub, const Nothing&) {
    return stub.call("mischief", "get", json::object{{"name", "a"}});
}

const Package& package() {
    static const Package made = [] {
        const auto program = storage::read_file(TALLY_MISCHIEF, kMaxProgram);
        EXPECT_TRUE(program) << message_of(program);
        auto package = make_package(to_bytes(*program));
        EXPECT_TRUE(package) << message_of(package);
        return *package;
    }();
    return made;
}

ContractSet contracts(const HostLimits& limits) {
    ContractSet set;
    auto hosted = host_contract(package(), limits);
    EXPECT_TRUE(hosted) << message_of(hosted);
    set.add(std::move(*hosted));
    Contract own("own", 1, "One of the program's own");
    own.add(&write, {.name = "write", .summary = "Writes", .writes = true})
        .add(&read, {.name = "read", .summary = "Reads"})
        .add(&call_package, {.name = "call_package", .summary = "Calls", .writes = true});
    set.add(std::move(own));
    return set;
}

class Hosted : public testing::Test {
  protected:
    Result<json::value> misbehave(std::string_view deed) {
        return ledger.query("mischief", "misbehave", json::object{{"deed", deed}});
    }
    Result<json::value> elsewhere(std::string_view contract, std::string_view function) {
        return ledger.submit(
            "mischief", "elsewhere",
            json::object{{"contract", contract}, {"function", function}, {"arguments", json::object()}});
    }
    void expect_it_still_works() {
        EXPECT_EQ(ledger.query("mischief", "get", json::object{{"name", "nobody"}}), json::value(nullptr));
    }

    ContractSet set =
        contracts({.sandbox = {.memory_bytes = 256U << 20}, .time = std::chrono::seconds(5), .allow_clock = true});
    TestLedger ledger{set};
};

TEST_F(Hosted, WorksLikeAContractOfTheProgram) {
    const auto note = [](std::string_view name) { return json::object{{"name", name}, {"text", "t"}}; };
    EXPECT_EQ(ledger.submit("mischief", "put", note("b")), json::value(note("b")));
    EXPECT_TRUE(ledger.submit("mischief", "put", note("a")));
    const auto again = ledger.submit("mischief", "put", note("a"));
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code.name(), "name_taken");
    EXPECT_EQ(again.error().code.kind(), Kind::conflict);
    EXPECT_EQ(again.error().message, "the note \"a\" is there");
    EXPECT_EQ(ledger.query("mischief", "get", json::object{{"name", "b"}}), json::value(note("b")));
    const auto page = ledger.query("mischief", "list", json::object{{"limit", 1}});
    ASSERT_TRUE(page) << message_of(page);
    EXPECT_EQ(page->at("notes"), (json::array{note("a")}));
    EXPECT_EQ(page->at("next"), "a");
    EXPECT_FALSE(ledger.query("mischief", "get", json::object{{"name", ""}}));
    EXPECT_FALSE(ledger.query("mischief", "no_such_function", json::object{}));
}

TEST_F(Hosted, KnowsTheFactsOfItsCall) {
    const auto facts = ledger.query("mischief", "facts", json::object{});
    ASSERT_TRUE(facts) << message_of(facts);
    EXPECT_EQ(facts->at("channel"), "main");
    EXPECT_EQ(facts->at("query"), true);
    EXPECT_EQ(facts->at("time_ms"), ledger.time_ms);
}

TEST_F(Hosted, EachMisdeedIsARefusalAndTheNextCallWorks) {
    const std::pair<const char*, const char*> deeds[] = {
        {"crash", "SIGSEGV"},
        {"loop", "takes too long"},
        {"grow", "SIGSYS"},
        {"open_file", "SIGSYS"},
        {"make_socket", "SIGSYS"},
        {"fork_child", "SIGSYS"},
        {"make_thread", "SIGSYS"},
        {"kill_parent", "SIGSYS"},
        {"exec_again", "SIGSYS"},
        {"use_other_descriptor", "SIGSYS"},
        {"leave", "ended with status 0"},
        {"deep_recursion", "SIGSEGV"},
    };
    for (const auto& [deed, how] : deeds) {
        const auto done = misbehave(deed);
        ASSERT_FALSE(done) << deed;
        EXPECT_EQ(done.error().code, contract_failed) << deed;
        EXPECT_THAT(done.error().message, testing::HasSubstr(how)) << deed;
        expect_it_still_works();
    }
}

// Where a hypervisor lets a process read the time-stamp counter although the kernel was told to hide it, a package does
// not run unless that is allowed; and where it is, the contract has a clock.
TEST_F(Hosted, HasNoClockUnlessTheMachineCannotHideItsOwn) {
    const auto refused = host_contract(package(), {});
    const auto read = misbehave("read_clock");
    if (can_hide_the_clock()) {
        EXPECT_TRUE(refused) << message_of(refused);
        ASSERT_FALSE(read);
        EXPECT_EQ(read.error().code, contract_failed);
    } else {
        EXPECT_REFUSED(refused, Code::unavailable, "PR_SET_TSC");
        EXPECT_TRUE(read) << message_of(read);
    }
    expect_it_still_works();
}

TEST_F(Hosted, ReadsOwnContractsAndWritesNoneOfThem) {
    EXPECT_EQ(elsewhere("own", "read"), json::value("none"));
    const auto written = elsewhere("own", "write");
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code, Code::permission_denied);
    EXPECT_THAT(written.error().message, testing::HasSubstr("must not call own.write"));
}

TEST_F(Hosted, IsNotCalledByContractsThatEveryCommitterRuns) {
    const auto called = ledger.submit("own", "call_package", json::object{});
    ASSERT_FALSE(called);
    EXPECT_EQ(called.error().code, Code::permission_denied);
}

TEST(Packages, APackageIsItsManifestAndItsProgram) {
    const auto again = decode_package(encode_package(package()));
    ASSERT_TRUE(again) << message_of(again);
    EXPECT_EQ(again->manifest, package().manifest);
    EXPECT_EQ(again->program, package().program);
    EXPECT_EQ(parse(again->manifest).at("name"), "mischief");
}

TEST(Packages, WhatIsNoPackageIsRefused) {
    auto file = encode_package(package());
    for (std::size_t size : {0U, 5U, 17U, 20U, 40U}) EXPECT_FALSE(decode_package(ByteView(file).first(size))) << size;
    file[0] ^= 1;
    EXPECT_FALSE(decode_package(file));
    EXPECT_FALSE(make_package(to_bytes("#!/bin/sh\necho {}\n")));
    EXPECT_FALSE(make_package({}));
}

TEST(Packages, AManifestDeclaresWhatAContractMay) {
    const auto with = [](std::string_view path, const json::value& value) {
        auto manifest = parse(package().manifest);
        boost::system::error_code error;
        auto* place = manifest.find_pointer(path, error);
        EXPECT_NE(place, nullptr) << path;
        if (place != nullptr) *place = value;
        return contract_of(json_text(manifest), [](std::string) { return nullptr; });
    };
    EXPECT_TRUE(with("/summary", "Other notes"));
    EXPECT_FALSE(with("/name", "other"));  // its paths are those of mischief
    EXPECT_FALSE(with("/name", "a b"));
    EXPECT_FALSE(with("/version", 0));
    EXPECT_FALSE(with("/functions/0/refusals/0/code", "not_found"));
    EXPECT_FALSE(with("/functions/0/refusals/0/code", "Not Found"));
    EXPECT_FALSE(with("/functions/0/refusals/0/kind", "terrible"));
    EXPECT_FALSE(with("/functions/1/routes/0", "/v1/devices/{name}"));
    EXPECT_FALSE(with("/functions/1/name", "put"));
    EXPECT_FALSE(with("/functions/1/arguments", 7));
}

}  // namespace
}  // namespace tally::chaincode::host
