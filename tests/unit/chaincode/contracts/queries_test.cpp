#include "tests/unit/chaincode/contracts/metering_fixture.h"

namespace tally::chaincode::test {
namespace {

json::object between(std::int64_t from, std::int64_t to, json::object more = {}) {
    json::object arguments{{"device", "meter-1"}, {"from", from}, {"to", to}};
    for (auto& member : more) arguments.insert(member);
    return arguments;
}

// Minute rows with gaps, nulls and a stretch without any voltage; the same rows as the script behind kBuckets.
std::vector<Row> minutes() {
    std::vector<Row> rows;
    for (std::int64_t m = 0; m < 1440; ++m) {
        if (m >= 100 && m < 130) continue;
        Row row{m * 60, {std::nullopt, std::nullopt}};
        if (m % 17 != 0) row.values[0] = m * 37 % 1000 - 200;
        if (m < 480 || m >= 960) row.values[1] = 2300 + m * m % 91;
        rows.push_back(row);
    }
    return rows;
}

Draft minute_draft() {
    auto out = draft("meter-1", 1, kMonday, minutes());
    out.record.polling_interval_s = 60;
    return out;
}

// Computed with Python's decimal module.
constexpr std::string_view kBuckets = R"([
  {"name": "power", "unit": "W", "scale": 0, "buckets": [
    {"time": 1749945600, "count": 423, "missing": 27, "sum": "127628", "min": "-180", "max": "799", "mean": "301.721", "first": "-163", "last": "523"},
    {"time": 1749974400, "count": 452, "missing": 28, "sum": "131410", "min": "-198", "max": "782", "mean": "290.730", "first": "560", "last": "283"},
    {"time": 1750003200, "count": 452, "missing": 28, "sum": "139074", "min": "-200", "max": "799", "mean": "307.686", "first": "320", "last": "43"}]},
  {"name": "voltage", "unit": "V", "scale": -1, "buckets": [
    {"time": 1749945600, "count": 450, "missing": 0, "sum": "105366.3", "min": "230.0", "max": "238.8", "mean": "234.1473", "first": "230.0", "last": "233.0"},
    {"time": 1749974400, "count": 0, "missing": 480, "sum": "0.0", "min": null, "max": null, "mean": null, "first": null, "last": null},
    {"time": 1750003200, "count": 480, "missing": 0, "sum": "112432.3", "min": "230.0", "max": "238.8", "mean": "234.2340", "first": "234.3", "last": "231.6"}]}])";

TEST_F(Metering, ResamplingAgreesWithAnotherImplementation) {
    ASSERT_OK(publish(minute_draft()));
    const auto series = ledger.query("data", "series", between(kMonday, kMonday + kDay, {{"interval_s", 28'800}}));
    ASSERT_OK(series);
    EXPECT_EQ(series->at("fields"), parse(kBuckets));
}

TEST_F(Metering, RawSamplesKeepZeroNullAndGapsApart) {
    auto record = draft("meter-1", 1, kMonday, {{0, {0, std::nullopt}}, {7200, {-7, 2301}}});
    ASSERT_OK(publish(record));
    const auto series = ledger.query("data", "series", between(kMonday, kMonday + kDay));
    ASSERT_OK(series);
    EXPECT_EQ(series->at("fields").at(0).at("samples"), parse(R"([[1749945600, "0"], [1749952800, "-7"]])"));
    EXPECT_EQ(series->at("fields").at(1).at("samples"), parse(R"([[1749945600, null], [1749952800, "230.1"]])"));
    const auto part =
        ledger.query("data", "series", between(kMonday + 1, kMonday + kDay, {{"fields", json::array{"voltage"}}}));
    EXPECT_EQ(part->at("fields").as_array().size(), 1U);
    EXPECT_EQ(part->at("fields").at(0).at("samples").as_array().size(), 1U);
    EXPECT_EQ(part->at("records").at(0).at("root"), json::value(record.record.root.hex()));
}

TEST_F(Metering, ASeriesThatStayedWithItsHolderIsToldSo) {
    auto record = draft("meter-1", 1, kMonday, hourly());
    record.record.series.reset();
    ASSERT_OK(publish(record));
    const auto series = ledger.query("data", "series", between(kMonday, kMonday + kDay));
    ASSERT_OK(series);
    EXPECT_EQ(series->at("records").at(0).at("withheld"), true);
    EXPECT_TRUE(series->at("fields").as_array().empty());
}

TEST_F(Metering, SeriesPagesJoinWithoutLossOrRepetition) {
    publish_days(5);
    std::int64_t samples = 0;
    json::object arguments = between(kMonday + 3600, kMonday + 5 * kDay - 3600, {{"limit", 2}});
    for (int page = 0; page < 10; ++page) {
        const auto series = ledger.query("data", "series", arguments);
        ASSERT_OK(series);
        for (const auto& field : series->at("fields").as_array())
            samples += static_cast<std::int64_t>(field.at("samples").as_array().size());
        if (!series->as_object().contains("next")) break;
        arguments["cursor"] = series->at("next");
    }
    EXPECT_EQ(samples, 2 * (5 * 24 - 2));
}

TEST_F(Metering, DaysTellExactDecimalsByField) {
    ASSERT_OK(publish(draft("meter-1", 1, kMonday, {{0, {5, 2300}}, {3600, {std::nullopt, 2299}}})));
    const auto days = ledger.query("data", "days", between(kMonday, kMonday + 1, {{"fields", json::array{"voltage"}}}));
    ASSERT_OK(days);
    const auto& day = days->at("days").at(0);
    EXPECT_EQ(day.at("fields"),
              parse(R"([{"name": "voltage", "unit": "V", "scale": -1, "count": 2, "missing": 0, "sum": "459.9",
                                           "min": "229.9", "max": "230.0", "first": "230.0", "last": "229.9"}])"));
    EXPECT_EQ(day.at("traffic").at("payload_bytes"), 2048);
    EXPECT_EQ(day.at("from"), kMonday);
    EXPECT_TRUE(ledger.query("data", "days", between(kMonday + 1, kMonday + kDay))->at("days").as_array().empty());
    EXPECT_REFUSED(ledger.query("data", "days", between(2, 1)), Code::invalid_argument, "before");
    EXPECT_REFUSED(ledger.query("data", "days", json::object{}), Code::invalid_argument, "either");
}

TEST_F(Metering, DaysOfAShardArePagedAcrossDevices) {
    publish_days(3);
    for (std::int64_t day = 0; day < 3; ++day) {
        const auto previous =
            day == 0 ? std::nullopt : std::optional(content_id_of(draft("meter-2", 1, kMonday, hourly()).record));
        if (day == 2) continue;
        ASSERT_OK(publish(sign(draft("meter-2", day + 1, kMonday + day * kDay, hourly(), previous), second_key)));
    }
    json::object arguments{{"shard", "north"}, {"from", kMonday}, {"limit", 2}};
    std::vector<std::string> seen;
    for (int page = 0; page < 10; ++page) {
        const auto days = ledger.query("data", "days", arguments);
        ASSERT_OK(days);
        for (const auto& day : days->at("days").as_array()) {
            seen.push_back(fmt::format("{} {}", (day.at("from").as_int64() - kMonday) / kDay,
                                       std::string_view(day.at("device").as_string())));
        }
        if (!days->as_object().contains("next")) break;
        arguments["cursor"] = days->at("next");
    }
    EXPECT_EQ(seen, (std::vector<std::string>{"0 meter-1", "0 meter-2", "1 meter-1", "1 meter-2", "2 meter-1"}));
}

TEST_F(Metering, GapsAreToldAtEveryLevel) {
    const auto first = minute_draft();
    ASSERT_OK(publish(first));
    ASSERT_OK(publish(draft("meter-1", 4, kMonday + 3 * kDay, hourly())));  // 2 and 3 are missing, and it starts anew
    ledger.time_ms = (kMonday + 5 * kDay) * 1000;
    const auto gaps = ledger.query("data", "gaps", between(kMonday - kDay, kMonday + 100 * kDay));
    ASSERT_OK(gaps);
    EXPECT_EQ(gaps->at("missing_days"),
              (json::array{json::object{{"from", kMonday - kDay}, {"to", kMonday}},
                           json::object{{"from", kMonday + kDay}, {"to", kMonday + 3 * kDay}},
                           json::object{{"from", kMonday + 4 * kDay}, {"to", kMonday + 5 * kDay}}}));
    ASSERT_EQ(gaps->at("incomplete_days").as_array().size(), 1U);
    const auto& day = gaps->at("incomplete_days").at(0);
    EXPECT_EQ(day.at("absent_rows"), 30);
    EXPECT_EQ(day.at("absent"), (json::array{json::object{{"from", kMonday + 6000}, {"to", kMonday + 7800}}}));
    EXPECT_EQ(day.at("missing_values"), parse(R"({"power": 83, "voltage": 480})"));
    EXPECT_EQ(gaps->at("missing_sequences"), parse(R"([{"from": 2, "to": 3}])"));
    EXPECT_EQ(gaps->at("broken_chain"), parse(R"([{"sequence": 4, "names": null, "predecessor": null}])"));
}

TEST_F(Metering, LivenessIsComputedWhenAsked) {
    const auto state_at = [&](std::int64_t seconds) {
        ledger.time_ms = (kMonday + kDay + seconds) * 1000;
        const auto live = ledger.query("data", "liveness", json::object{{"device", "meter-1"}});
        EXPECT_TRUE(live) << message_of(live);
        return live->at("state");
    };
    EXPECT_EQ(state_at(0), "NEVER_HEARD");
    ledger.time_ms = (kMonday + kDay) * 1000;
    ASSERT_OK(publish(draft("meter-1", 1, kMonday, hourly())));
    EXPECT_EQ(state_at(3600), "ALIVE");
    EXPECT_EQ(state_at(3601), "LATE");
    EXPECT_EQ(state_at(4500), "LATE");
    EXPECT_EQ(state_at(4501), "SILENT");
    const auto shard = ledger.query("data", "shard_liveness", json::object{{"shard", "north"}});
    ASSERT_OK(shard);
    EXPECT_EQ(shard->at("devices").at(0).at("last_daily_end"), kMonday + kDay);
    EXPECT_EQ(shard->at("devices").at(0).at("missed_keepalives"), 1);
    EXPECT_EQ(shard->at("devices").at(1).at("state"), "NEVER_HEARD");
}

TEST_F(Metering, ProofsTieEveryDayToItsTransaction) {
    const auto ids = publish_days(3);
    auto arguments = between(kMonday, kMonday + 3 * kDay, {{"limit", 2}});
    const auto proofs = ledger.query("data", "proofs", arguments);
    ASSERT_OK(proofs);
    EXPECT_EQ(proofs->at("proofs").at(1).at("content_id"), json::value(ids[1].hex()));
    EXPECT_EQ(proofs->at("proofs").at(1).at("previous"), json::value(ids[0].hex()));
    EXPECT_EQ(from_base64(std::string_view(proofs->at("proofs").at(0).at("signature").as_string()))->size(), 64U);
    arguments["cursor"] = proofs->at("next");
    EXPECT_EQ(ledger.query("data", "proofs", arguments)->at("proofs").at(0).at("sequence"), 3);
}

TEST_F(Metering, RecordsArePagedByKindAndByOrder) {
    publish_days(4);
    json::object arguments{{"device", "meter-1"}, {"order", "RECEIVED"}, {"limit", 3}};
    const auto page = ledger.query("data", "records", arguments);
    ASSERT_OK(page);
    EXPECT_EQ(page->at("records").as_array().size(), 3U);
    arguments["cursor"] = page->at("next");
    const auto rest = ledger.query("data", "records", arguments);
    EXPECT_EQ(rest->at("records").at(0).at("sequence"), 4);
    EXPECT_FALSE(rest->as_object().contains("next"));
    EXPECT_TRUE(ledger.query("data", "records", json::object{{"device", "meter-1"}, {"kind", "KEEPALIVE"}})
                    ->at("records")
                    .as_array()
                    .empty());
    arguments["cursor"] = "~x";
    EXPECT_REFUSED(ledger.query("data", "records", arguments), Code::invalid_argument, "cursor");
    arguments["limit"] = 1001;
    EXPECT_REFUSED(ledger.query("data", "records", arguments), Code::invalid_argument, "1 to 1000");
}

}  // namespace
}  // namespace tally::chaincode::test
