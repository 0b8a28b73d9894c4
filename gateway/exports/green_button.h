#pragma once
// A device's readings as a Green Button file: NAESB REQ.21 ESPI 3.3 (espi.xsd) in an Atom feed (RFC 4287). It is made
// in pieces, so that a long range is never in memory: head, blocks, summaries, tail. The same calls give the same
// bytes.
//
//   head      UsagePoint; for each field a MeterReading and its ReadingType
//   block     an IntervalBlock: one field of one record. Its entry links to the record's transaction
//   summary   a UsageSummary of an invoice: costs in 10^-5 of the currency
//
// Times are seconds since 1970, UTC. Values are integers v that stand for v * 10^powerOfTenMultiplier units; the table
// of units is that of device_sdk/green_button.h. Quality 8 (estimated) is never written, as nothing is estimated.
// Failures: unsupported (a unit that ESPI has no number for), too_large (a value of more than 48 bits).

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chaincode/decimal.h"

namespace tally::gateway::exports {

// Of a day's figures under an agreement; ESPI's QualityOfReading.
enum class Quality : std::uint8_t { mismatch = 10, open = 14, within_tolerance = 17, final_day = 19 };

// ServiceKind of ESPI.
enum class Service : std::uint8_t { electricity = 0, gas = 1, water = 2 };

struct ExportedField {
    std::string name;
    std::string unit;
    std::int64_t scale = 0;
};

struct ExportedBlock {
    std::int64_t from_s = 0;
    std::int64_t to_s = 0;
    std::int64_t interval_s = 0;
    std::string transaction;
    std::optional<Quality> quality;
    // Time and value; no value: there was no reading, and none is written.
    std::vector<std::pair<std::int64_t, std::optional<chaincode::Decimal>>> readings;
};

struct SummaryLine {
    std::string note;
    chaincode::Decimal amount;
};

struct UsageSummary {
    std::int64_t from_s = 0;
    std::int64_t to_s = 0;
    std::int64_t computed_s = 0;
    std::string currency;  // ISO 4217
    std::vector<SummaryLine> lines;
};

class GreenButtonFeed {
  public:
    // `updated_s`: of every entry; the last time that the file speaks of, so that it is made again in the same bytes.
    [[nodiscard]] static Result<GreenButtonFeed> of(std::string channel, std::string device, Service service,
                                                    std::vector<ExportedField> fields, std::int64_t updated_s);

    [[nodiscard]] static bool has_unit(std::string_view unit);
    [[nodiscard]] static Service service_of(const std::vector<ExportedField>& fields);

    [[nodiscard]] std::string head() const;
    [[nodiscard]] Result<std::string> block(std::size_t field, const ExportedBlock& block) const;
    [[nodiscard]] Result<std::string> summary(const UsageSummary& summary) const;
    [[nodiscard]] static std::string tail();

  private:
    GreenButtonFeed() = default;
    [[nodiscard]] std::string entry(std::string_view name, std::string_view up, const std::vector<std::string>& related,
                                    std::string_view title, std::string_view content) const;

    std::string channel_;
    std::string device_;
    Service service_ = Service::electricity;
    std::vector<ExportedField> fields_;
    std::int64_t updated_s_ = 0;
};

}  // namespace tally::gateway::exports
