// What a contract's declaration promises: who may call, what comes with a call, who sees an answer, and what follows
// from it for readers.

#include "chaincode/contract.h"

#include "chaincode/callee.h"
#include "tests/unit/chaincode/memory_state.h"

namespace tally::chaincode::test {
namespace {

inline constexpr Refusal kSoldOut{{"sold_out", Kind::conflict}, "Nothing is left.", "Come back tomorrow."};

struct Nothing {};
BOOST_DESCRIBE_STRUCT(Nothing, (), ())

struct OfItem {
    std::string item;
};
TALLY_FIELDS(OfItem, (item, "what is asked for", .min = 1, .max = 8))

struct Price {
    std::int64_t cents = 0;
    std::string asked_by;
};
TALLY_FIELDS(Price, (cents, "what it costs"), (asked_by, "the contract that asked; empty: the proposal"))

Result<Price> price(Stub& stub, const OfItem& in) {
    return Price{static_cast<std::int64_t>(in.item.size()), stub.calling_contract()};
}

inline constexpr Callee<OfItem, Price> price_of{"shop", "price"};
inline constexpr Callee<OfItem, Price> wholesale_of{"shop", "wholesale"};
inline constexpr Callee<OfItem, Nothing> misread{"shop", "price"};

Result<Price> ask(Stub& stub, const OfItem& in) { return price_of(stub, in); }
Result<Price> ask_wholesale(Stub& stub, const OfItem& in) { return wholesale_of(stub, in); }
Result<Nothing> ask_wrongly(Stub& stub, const OfItem& in) { return misread(stub, in); }

Result<Nothing> sell(Stub&, const OfItem&) { return fail(kSoldOut, "no item is left"); }
Result<Nothing> show_secret(Stub&, const OfItem& in) {
    if (in.item == "absent") return fail(Code::not_found, "there is no item \"absent\"");
    return fail(Code::permission_denied, "the item is another organization's");
}
Result<Nothing> keep(Stub&, const Nothing&) { return Nothing{}; }

const ContractSet& contracts() {
    static const ContractSet set = [] {
        Contract shop("shop", 1, "Sells");
        shop.add(&price, {.name = "price", .summary = "A price", .routes = {"/v1/items/{item}/price"}})
            .add(&price, {.name = "wholesale", .summary = "A price among contracts", .callers = {"broker"}})
            .add(&sell, {.name = "sell", .summary = "Sells", .writes = true, .refusals = {kSoldOut}})
            .add(&show_secret, {.name = "secret", .summary = "Hides", .visibility = Visibility::parties})
            .add(&keep,
                 {.name = "keep", .summary = "Keeps", .writes = true, .attachments = {{"a picture"}, {"a note", true}}})
            .event<Price>("priced", "A price was made");
        Contract broker("broker", 1, "Asks");
        broker.add(&ask, {.name = "ask", .summary = "Asks"})
            .add(&ask_wholesale, {.name = "ask_wholesale", .summary = "Asks"})
            .add(&ask_wrongly, {.name = "ask_wrongly", .summary = "Asks"});
        Contract stranger("stranger", 1, "Asks too");
        stranger.add(&ask_wholesale, {.name = "ask_wholesale", .summary = "Asks"});
        ContractSet out;
        out.add(std::move(shop));
        out.add(std::move(broker));
        out.add(std::move(stranger));
        return out;
    }();
    return set;
}

class ContractKit : public testing::Test {
  protected:
    Result<json::value> query(std::string_view contract, std::string_view function, std::string_view item) {
        return ledger.query(contract, function, json::object{{"item", item}});
    }

    TestLedger ledger{contracts()};
};

TEST_F(ContractKit, AnAnswerIsWhatItsStructHolds) {
    EXPECT_EQ(query("shop", "price", "pen"), parse(R"({"cents":3,"asked_by":""})"));
}

TEST_F(ContractKit, ArgumentsBeyondTheirBoundsAreRefusedBeforeTheFunctionRuns) {
    EXPECT_REFUSED(query("shop", "price", ""), Code::invalid_argument, "\"item\" has 0 bytes; at least 1");
    EXPECT_REFUSED(query("shop", "price", "ninechars"), Code::too_large, "\"item\" has 9 bytes; 8 are allowed");
}

TEST_F(ContractKit, ACalleeKnowsTheContractThatCalls) {
    EXPECT_EQ(query("broker", "ask", "pen"), parse(R"({"cents":3,"asked_by":"broker"})"));
}

TEST_F(ContractKit, AFunctionForContractsIsClosedToEveryoneElse) {
    ASSERT_OK(query("broker", "ask_wholesale", "pen"));
    EXPECT_REFUSED(query("shop", "wholesale", "pen"), Code::permission_denied, "for the contract broker alone");
    EXPECT_REFUSED(query("stranger", "ask_wholesale", "pen"), Code::permission_denied, "for the contract broker alone");
}

TEST_F(ContractKit, AnAnswerOfAnotherFormThanDeclaredIsNoAnswer) {
    EXPECT_REFUSED(query("broker", "ask_wrongly", "pen"), Code::corrupt, "shop.price answered with something else");
}

TEST_F(ContractKit, ARefusalKeepsItsOwnCode) {
    const auto refused = ledger.submit("shop", "sell", json::object{{"item", "pen"}});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code.name(), "sold_out");
    EXPECT_EQ(refused.error().code.kind(), Kind::conflict);
}

TEST_F(ContractKit, WhatIsNotThereAndWhatIsHiddenAreRefusedAlike) {
    const auto absent = query("shop", "secret", "absent"), hidden = query("shop", "secret", "hidden");
    ASSERT_FALSE(absent);
    ASSERT_FALSE(hidden);
    EXPECT_EQ(absent.error().code.name(), hidden.error().code.name());
    EXPECT_EQ(absent.error().message, hidden.error().message);
}

TEST_F(ContractKit, AttachmentsAreThoseThatAreDeclared) {
    const auto with = [&](std::vector<Bytes> files) { return ledger.submit("shop", "keep", json::object{}, files); };
    const Bytes file{1, 2, 3};
    ASSERT_OK(with({file}));
    ASSERT_OK(with({file, file}));
    EXPECT_REFUSED(with({}), Code::invalid_argument, "0 attachments; it takes a picture, a note (optional)");
    EXPECT_REFUSED(with({file, file, file}), Code::invalid_argument, "3 attachments");
    EXPECT_REFUSED(ledger.submit("shop", "sell", json::object{{"item", "pen"}}, {file}), Code::invalid_argument,
                   "1 attachments; it takes none");
}

TEST_F(ContractKit, TheManifestSaysEverythingThatIsDeclared) {
    const auto manifest = manifest_of(*contracts().find("shop"));
    EXPECT_EQ(
        json_text(manifest.at("functions").at(2)),
        R"({"name":"sell","summary":"Sells","writes":true,"roles":[],"callers":[],"visibility":"members",)"
        R"("attachments":[],"refusals":[{"code":"sold_out","kind":"conflict","meaning":"Nothing is left.",)"
        R"("advice":"Come back tomorrow."}],"routes":[],"arguments":{"type":"object","title":"OfItem","properties":{"item":)"
        R"({"type":"string","minLength":1,"maxLength":8,"description":"what is asked for"}},)"
        R"("required":["item"],"additionalProperties":false},"answer":{"type":"object","title":"Nothing","properties":{},)"
        R"("additionalProperties":false}})");
    EXPECT_EQ(manifest.at("functions").at(3).at("visibility"), "parties");
    EXPECT_EQ(manifest.at("functions").at(1).at("callers").at(0), "broker");
    EXPECT_EQ(manifest.at("events").at(0).at("name"), "priced");
}

}  // namespace
}  // namespace tally::chaincode::test
