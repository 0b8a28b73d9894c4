// Documents: what could not be read back is not written.

#include "chaincode/contracts/document.h"

#include <gtest/gtest.h>

#include <boost/describe.hpp>

#include "tests/unit/chaincode/memory_state.h"

namespace tally::chaincode::test {
namespace {

struct Size {
    std::int64_t bytes = 0;
};
BOOST_DESCRIBE_STRUCT(Size, (), (bytes))

struct Page {
    std::string text;
};
BOOST_DESCRIBE_STRUCT(Page, (), (text))

Result<json::value> write(Stub& stub, const Size& in) {
    TRY(put_document(stub, "page", Page{std::string(static_cast<std::size_t>(in.bytes), 'a')}));
    return json::value();
}

Result<json::value> read(Stub& stub, const Size&) {
    const auto page = TRY(get_document<Page>(stub, "page", "the page"));
    return json::value(page ? page->text.size() : 0);
}

ContractSet pages() {
    Contract contract("pages", 1, "Documents of any size");
    contract.add(&write, {.name = "write", .summary = "A page with so many bytes of text", .writes = true})
        .add(&read, {.name = "read", .summary = "Its bytes"});
    ContractSet set;
    set.add(std::move(contract));
    return set;
}

TEST(Documents, OneThatGetWouldNotReadIsNotPut) {
    const auto contracts = pages();
    TestLedger ledger(contracts);
    constexpr std::int64_t kAround = std::string_view(R"({"text":""})").size();
    constexpr std::int64_t kMost = (1 << 20) - kAround;
    ASSERT_TRUE(ledger.submit("pages", "write", json::object{{"bytes", kMost}}).has_value());
    EXPECT_EQ(ledger.query("pages", "read", {{"bytes", 0}})->as_uint64(), std::uint64_t{kMost});
    const auto refused = ledger.submit("pages", "write", json::object{{"bytes", kMost + 1}});
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, Code::too_large);
}

}  // namespace
}  // namespace tally::chaincode::test
