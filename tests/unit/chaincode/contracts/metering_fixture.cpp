#include "tests/unit/chaincode/contracts/metering_fixture.h"

#include "chaincode/records/possession.h"

namespace tally::chaincode::test {

Draft draft(std::string device, std::int64_t sequence, std::int64_t start_s, const std::vector<Row>& rows,
            std::optional<crypto::Hash> previous, std::vector<Field> fields) {
    Draft out;
    SeriesWriter series(fields.size());
    for (const auto& row : rows) EXPECT_TRUE(series.add(row.offset, row.values));
    auto& record = out.record;
    record.device = std::move(device);
    record.sequence = sequence;
    record.start_s = start_s;
    record.end_s = start_s + kDay;
    record.polling_interval_s = 3600;
    record.fields = std::move(fields);
    record.summary = *series.summary();
    record.root = series.root();
    record.previous = previous;
    record.traffic = Traffic{24, 2048, 48};
    out.series = series.take();
    record.series = out.series;
    return out;
}

std::vector<Row> hourly(std::int64_t base) {
    std::vector<Row> rows;
    for (std::int64_t hour = 0; hour < 24; ++hour) rows.push_back({hour * 3600, {base + hour, 2300 + hour % 5}});
    return rows;
}

void Metering::SetUp() {
    ASSERT_OK(ledger.submit("registry", "register_schema", parse(R"({"id": "site", "version": 1, "fields": [
        {"name": "power", "unit": "W", "scale": 0}, {"name": "voltage", "unit": "V", "scale": -1, "summary": "mean"}]})")));
    ledger.time_ms = kMonday * 1000 - 1000;
    ASSERT_OK(ledger.submit("registry", "register_device", device_arguments("meter-1", key)));
    ASSERT_OK(ledger.submit("registry", "register_device", device_arguments("meter-2", second_key)));
    ledger.time_ms = (kMonday + 30 * kDay) * 1000;
}

json::object Metering::device_arguments(std::string_view id, const crypto::PrivateKey& device_key) const {
    return {{"id", id},
            {"shard", "north"},
            {"public_key", device_key.public_key().pem()},
            {"proof", proof(id, device_key)},
            {"schemas", json::array{"site@1"}},
            {"polling_interval_s", 3600},
            {"keepalive_interval_s", 3600}};
}

std::string Metering::proof(std::string_view id, const crypto::PrivateKey& device_key) const {
    return to_base64(sign_possession(device_key, ledger.channel, {ledger.caller.organization, std::string(id)}));
}

Result<json::value> Metering::publish(const Bytes& message) {
    return ledger.submit("data", "publish", json::object{{"format", "record"}}, {message});
}

Result<Simulated> Metering::simulate_publish(const Bytes& message) {
    return ledger.simulate("data", "publish", json::object{{"format", "record"}}, {message});
}

std::vector<crypto::Hash> Metering::publish_days(std::int64_t count) {
    std::vector<crypto::Hash> ids;
    for (std::int64_t day = 0; day < count; ++day) {
        const auto previous = ids.empty() ? std::nullopt : std::optional(ids.back());
        const auto record = draft("meter-1", day + 1, kMonday + day * kDay, hourly(100 + day), previous);
        const auto published = publish(record);
        EXPECT_TRUE(published) << message_of(published);
        ids.push_back(content_id_of(record.record));
    }
    return ids;
}

}  // namespace tally::chaincode::test
