#include "chaincode/contracts/data/series_columns.h"

#include "tests/unit/chaincode/contracts/metering_fixture.h"

namespace tally::chaincode::test {
namespace {

// What stops a query early must never stop one whose answer would have fitted.
TEST(SeriesColumns, TextIsCountedLowButNotByMuch) {
    const auto record = draft("meter-1", 1, kMonday, {}).record;
    for (const auto interval : {std::optional<std::int64_t>(), std::optional<std::int64_t>(600)}) {
        data::SeriesColumns columns({}, interval);
        columns.begin(record);
        for (std::int64_t offset = 0; offset < kDay; offset += 60) {
            const std::optional<std::int64_t> values[] = {offset % 7,
                                                          offset % 180 == 0 ? std::nullopt : std::optional(offset)};
            columns.add(offset, values);
        }
        columns.end();
        const auto counted = columns.bytes();
        const auto text = json_text(to_json(columns.take())).size();
        EXPECT_LE(counted, text);
        EXPECT_GT(counted, text / 2);
    }
}

TEST_F(Metering, ASeriesThatIsTooLongForAnAnswerIsRefusedWithAdvice) {
    publish_days(3);
    const auto ask = [&](std::size_t max_result_bytes) {
        const json::object arguments{{"device", "meter-1"}, {"from", kMonday}, {"to", kMonday + 3 * kDay}};
        const Invocation invocation{{}, "main",         "data",       "series", json_text(arguments),
                                    {}, ledger.time_ms, ledger.caller};
        return evaluate(test::standard_contracts(), ledger.state(), invocation, {.max_result_bytes = max_result_bytes});
    };
    const auto whole = ask(1 << 20);
    ASSERT_OK(whole);
    const auto bytes = json_text(*whole).size();
    ASSERT_OK(ask(bytes));
    EXPECT_REFUSED(ask(bytes - 1), Code::too_large, "smaller page or range");
    EXPECT_REFUSED(ask(100), Code::too_large, "smaller page or range");
}

}  // namespace
}  // namespace tally::chaincode::test
