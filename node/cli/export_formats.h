#pragma once
// What `tally export` writes: pieces of text, one for each record of a device, in the order of time.
//
//   csv           a header; a line for each row: time, the fields, the content id of the signed record
//   jsonl         a line for each record: where it is on the ledger, what was signed, its rows
//   green-button  gateway/exports/green_button.h

#include <map>
#include <memory>

#include "chaincode/contracts/data/answers.h"
#include "gateway/exports/green_button.h"

namespace tally::node::cli {

struct ExportRecord {
    chaincode::data::SeriesSource source;
    std::vector<chaincode::data::Column> fields;
    std::optional<gateway::exports::Quality> quality;  // under the agreement that was named
};

class ExportFormat {
  public:
    virtual ~ExportFormat() = default;
    [[nodiscard]] virtual std::string head() const = 0;
    [[nodiscard]] virtual Result<std::string> record(const ExportRecord& record) const = 0;
    // An invoice's lines of the device; nothing in formats that have no place for them.
    [[nodiscard]] virtual Result<std::string> summary(const gateway::exports::UsageSummary&) const {
        return std::string();
    }
    [[nodiscard]] virtual std::string tail() const { return {}; }
};

struct ExportOf {
    std::string channel;
    std::string device;
    std::vector<gateway::exports::ExportedField> fields;  // of the first record: the columns
    std::int64_t until_s = 0;
};
// csv, jsonl or green-button. unsupported: fields that the format cannot have.
[[nodiscard]] Result<std::unique_ptr<ExportFormat>> make_export_format(const std::string& name, const ExportOf& of);

}  // namespace tally::node::cli
