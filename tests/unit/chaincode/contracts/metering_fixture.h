#pragma once
// Devices with keys, their schema, and records of them, for tests of the registry and data contracts.

#include "chaincode/records/series.h"
#include "tests/unit/chaincode/memory_state.h"

namespace tally::chaincode::test {

inline crypto::PrivateKey numbered_key(std::uint8_t number) {
    return *crypto::PrivateKey::from_raw(crypto::Algorithm::p256, Bytes(32, number));
}

inline constexpr std::int64_t kMonday = 1'749'945'600;  // 2025-06-15T00:00:00Z
inline constexpr std::int64_t kDay = 86'400;

struct Row {
    std::int64_t offset = 0;
    std::vector<std::optional<std::int64_t>> values;
};

// A record with its series; the record borrows the series.
struct Draft {
    DeviceRecord record;
    Bytes series;

    Draft() = default;
    Draft(Draft&&) = default;
};

inline std::vector<Field> two_fields() { return {{"power", "W", 0}, {"voltage", "V", -1}}; }

// A DAILY record of two fields.
Draft draft(std::string device, std::int64_t sequence, std::int64_t start_s, const std::vector<Row>& rows,
            std::optional<crypto::Hash> previous = {}, std::vector<Field> fields = two_fields());
std::vector<Row> hourly(std::int64_t base = 100);  // 24 rows

class Metering : public testing::Test {
  public:
    TestLedger ledger;
    crypto::PrivateKey key = *crypto::PrivateKey::from_raw(crypto::Algorithm::ed25519, Bytes(32, 1));
    crypto::PrivateKey second_key = *crypto::PrivateKey::from_raw(crypto::Algorithm::p256, Bytes(32, 2));

    // Registers the schema site@1 and the devices meter-1 (Ed25519) and meter-2 (P-256), hourly, in the shard north.
    void SetUp() override;

    // By the ledger's caller, with the key's proof for its organization.
    [[nodiscard]] json::object device_arguments(std::string_view id, const crypto::PrivateKey& device_key) const;
    // "proof" of the key for the caller's organization.
    [[nodiscard]] std::string proof(std::string_view id, const crypto::PrivateKey& device_key) const;
    [[nodiscard]] Bytes sign(const Draft& draft, const crypto::PrivateKey& device_key,
                             std::string_view channel = "main") const {
        return sign_record(device_key, channel, draft.record);
    }
    [[nodiscard]] Result<json::value> publish(const Bytes& message);
    [[nodiscard]] Result<json::value> publish(const Draft& draft) { return publish(sign(draft, key)); }
    [[nodiscard]] Result<Simulated> simulate_publish(const Bytes& message);
    // Days of meter-1 from kMonday on, chained.
    std::vector<crypto::Hash> publish_days(std::int64_t count);
};

}  // namespace tally::chaincode::test
