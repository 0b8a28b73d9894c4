#pragma once
// An agreement's terms as people write them: a TOML file with comments (tally agreement new makes one). It differs from
// the terms that are signed (chaincode/contracts/agreement/terms.h) where that is shorter to write:
//
//   zone = "Europe/Vienna"        its shifts are filled in from this machine's time zone database, for the validity, or
//                                 for 30 years when it has no end
//   from = 2026-01-01             a date; text is fine too
//   price = "0.25"                of a tariff line, for a single tier
//   what has a default            may be left out
//
// Decimals are text, as binary fractions are not what was meant. Failures: bad_configuration (the file, and the place),
// invalid_argument (a zone that the machine does not know).

#include <boost/json/value.hpp>
#include <filesystem>

#include "chaincode/contracts/agreement/terms.h"

namespace tally::node::cli {

[[nodiscard]] Result<chaincode::agreement::Terms> read_terms_file(const std::filesystem::path& file);

// A TOML file of text, whole numbers, truths and dates as JSON. Failures: bad_configuration.
[[nodiscard]] Result<boost::json::value> read_toml_json(const std::filesystem::path& file);

// The zone of the terms as this machine's database has it, for the same years.
[[nodiscard]] Result<chaincode::Zone> local_zone(const chaincode::agreement::Terms& terms);

struct TermsTemplate {
    std::string operator_organization = "Operator";
    std::string consumer = "Consumer";
    std::string verifier = "Verifier";
    std::vector<std::string> providers;
    std::string shard = "default";
    std::string field = "energy";
    std::string unit = "Wh";
    std::string zone = "UTC";
    std::string currency = "EUR";
    std::string from;
};
// A commented file for a beginning.
[[nodiscard]] std::string terms_template(const TermsTemplate& in);

}  // namespace tally::node::cli
