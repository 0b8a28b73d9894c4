#include "gateway/device_sdk/csv_findings.h"

namespace tally::gateway::device_sdk {

void CsvFindings::decide(std::string subject, std::string decision, std::string reason) {
    if (list_all_) decisions_.push_back({std::move(subject), std::move(decision), std::move(reason)});
}

void CsvFindings::doubt(std::size_t line, std::string text) {
    if (++doubt_count_ <= kMaxListed) doubts_.push_back({line, std::move(text)});
}

Status CsvFindings::refuse(Error error) {
    if (!list_all_) return std::unexpected(std::move(error));
    if (++problem_count_ <= kMaxListed) problems_.push_back(std::move(error));
    return {};
}

}  // namespace tally::gateway::device_sdk
