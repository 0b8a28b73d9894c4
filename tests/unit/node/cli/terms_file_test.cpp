// Terms as people write them.

#include "node/cli/terms_file.h"

#include <gtest/gtest.h>

#include "storage/files.h"
#include "tests/unit/storage/temporary_directory.h"

namespace tally::node::cli {
namespace {

using chaincode::agreement::Terms;

class TermsFile : public testing::Test {
  protected:
    static std::string written() {
        TermsTemplate in;
        in.zone = "Europe/Vienna";
        in.from = "2026-01-01";
        in.providers = {"Wires"};
        return terms_template(in);
    }
    Result<Terms> read(const std::string& text) {
        const auto file = folder.path() / "terms.toml";
        EXPECT_TRUE(storage::write_file(file, as_bytes(text)));
        return read_terms_file(file);
    }
    Result<Terms> with(const std::string& old, const std::string& now) {
        auto text = written();
        const auto at = text.find(old);
        EXPECT_NE(at, std::string::npos) << old;
        return read(text.replace(at, old.size(), now));
    }
    storage::TemporaryDirectory folder;
};

TEST_F(TermsFile, TheTemplateReadsBackAndHolds) {
    const auto terms = read(written());
    ASSERT_TRUE(terms.has_value()) << terms.error().message;
    const auto problems = problems_of(*terms, {"Operator", "Consumer", "Verifier", "Wires"});
    for (const auto& problem : problems) ADD_FAILURE() << problem.where << ": " << problem.what;
    EXPECT_EQ(terms->zone.name, "Europe/Vienna");
    EXPECT_EQ(terms->zone.offset_s, 3600);
    // 2026-03-29T01:00:00Z, by Python's zoneinfo.
    const chaincode::ZoneShift spring{1'774'746'000, 7200};
    EXPECT_NE(std::ranges::find(terms->zone.shifts, spring), terms->zone.shifts.end());
    EXPECT_EQ(terms->tariff.front().prices.front().price.text(), "0.25");
}

TEST_F(TermsFile, WhatCannotBeMeantIsRefusedWithItsPlace) {
    const struct {
        const char* old;
        const char* now;
        const char* named;
    } cases[] = {
        {"price = \"0.25\"", "price = 0.25", "tariff[0].price"},
        {"price = \"0.25\"", "price = \"0,25\"", "0,25"},
        {"price = \"0.25\"", "price = \"1e2\"", "1e2"},
        {"from = 2026-01-01", "from = 2026-02-30", "terms.toml"},
        {"from = 2026-01-01", "from = \"2026-02-30\"", "2026-02-30"},
        {"Europe/Vienna", "Europe/Wien", "Europe/Wien"},
        {"kind = \"QUANTITY\"", "kind = \"QUANTITIES\"", "tariff[0].kind"},
        {"payment_days = 14", "payment_days = -1", "payment_days"},
        {"payment_days = 14", "paymentdays = 14", "paymentdays"},
        {"title = ", "titel = ", "title"},
    };
    for (const auto& [old, now, named] : cases) {
        const auto terms = with(old, now);
        ASSERT_FALSE(terms.has_value()) << now;
        EXPECT_NE(terms.error().message.find(named), std::string::npos) << terms.error().message;
    }
}

}  // namespace
}  // namespace tally::node::cli
