// Lines and totals of invoices. The expected amounts are Python's, with fractions, as metering.md states the rules.

#include "chaincode/contracts/billing/pricing.h"

#include <gtest/gtest.h>

namespace tally::chaincode::billing {
namespace {

using agreement::FeePer;
using agreement::LineKind;
using agreement::TariffLine;
using agreement::Terms;

Decimal number(std::string_view text) { return Decimal::parse(text).value(); }
Date date(std::string_view text) { return Date::parse(text).value(); }

TariffLine line(std::string name, LineKind kind, std::vector<std::pair<const char*, const char*>> prices,
                const char* tax = "20") {
    TariffLine out;
    out.name = std::move(name);
    out.kind = kind;
    for (const auto& [from, price] : prices) out.prices.push_back({number(from), number(price)});
    out.tax.percent = number(tax);
    return out;
}

TariffLine of_field(TariffLine line, const char* base = "1") {
    line.field = "energy";
    line.base = number(base);
    return line;
}

TariffLine per(TariffLine line, FeePer what) {
    line.per = what;
    return line;
}

Terms terms(std::string currency, std::vector<TariffLine> tariff) {
    Terms out;
    out.currency = std::move(currency);
    out.fields.push_back({"energy", "Wh", agreement::Measure::SUM, {}, {}, {}, {}});
    out.tariff = std::move(tariff);
    out.payees.push_back({"Operator", number("100")});
    return out;
}

// One FINAL day with a quantity.
data::SettledDay day(std::string_view date_text, const char* quantity) {
    data::SettledDay out;
    out.day = date(date_text);
    data::SettledField field;
    field.field = "energy";
    field.billed = number(quantity);
    field.highest = number("5");
    out.fields.push_back(field);
    out.traffic = Traffic{10, 2048, 96};
    return out;
}

std::vector<std::string> amounts(const std::vector<Line>& lines) {
    std::vector<std::string> out;
    for (const auto& each : lines) out.push_back(each.amount.text());
    return out;
}

using Texts = std::vector<std::string>;

struct Invoiced {
    std::vector<Line> lines;
    Totals totals;
};

Invoiced invoice(const Terms& terms, const PeriodDays& period, const std::vector<data::SettledDay>& days) {
    const Segment segment{1, period.from, period.until, &terms};
    Invoiced out;
    out.lines = price_device(std::span(&segment, 1), period, "m", days).value();
    std::vector<Taken> taken;
    EXPECT_TRUE(add_taken(std::span(&segment, 1), days, taken));
    const auto of_none = price_agreement(std::span(&segment, 1), period, taken).value();
    out.lines.insert(out.lines.end(), of_none.begin(), of_none.end());
    Sum sum(terms);
    for (const auto& each : out.lines) EXPECT_TRUE(sum.add(each));
    out.totals = sum.totals().value();
    return out;
}

TEST(Pricing, OfAnElectricityInvoice) {
    const auto of = terms("EUR", {of_field(line("energy", LineKind::QUANTITY, {{"0", "0.12345"}}), "1000"),
                                  of_field(line("network", LineKind::QUANTITY, {{"0", "0.0587"}}), "1000"),
                                  per(line("yearly fee", LineKind::FEE, {{"0", "36.00"}}), FeePer::YEAR_BY_MONTHS),
                                  per(line("meter", LineKind::FEE, {{"0", "2.40"}}), FeePer::MONTH)});
    const auto out = invoice(of, {date("2026-03-01"), date("2026-04-01")},
                             {day("2026-03-01", "300000"), day("2026-03-31", "17428")});
    EXPECT_EQ(amounts(out.lines), (Texts{"39.19", "18.63", "3.00", "2.40"}));
    EXPECT_EQ(out.totals.net.text(), "63.22");
    EXPECT_EQ(out.totals.taxes.front().amount.text(), "12.64");
    EXPECT_EQ(out.totals.payable.text(), "75.86");
}

TEST(Pricing, OfAWaterInvoiceWithTiersTwoRatesAndCashRounding) {
    auto of = terms("EUR", {of_field(line("water", LineKind::QUANTITY, {{"0", "1.2345"}, {"20", "1.9876"}})),
                            per(line("yearly fee", LineKind::FEE, {{"0", "1585"}}), FeePer::YEAR_BY_365),
                            of_field(line("sewage", LineKind::QUANTITY, {{"0", "2.05"}}, "10"))});
    of.cash_rounding = number("1");
    const auto out = invoice(of, {date("2026-01-01"), date("2026-04-01")}, {day("2026-02-03", "28.437")});
    EXPECT_EQ(amounts(out.lines), (Texts{"24.69", "16.77", "58.30", "390.82"}));
    EXPECT_EQ(out.lines[0].quantity.text(), "20");
    EXPECT_EQ(out.lines[1].quantity.text(), "8.437");
    ASSERT_EQ(out.totals.taxes.size(), 2U);
    EXPECT_EQ(out.totals.taxes[0].taxable.text(), "432.28");
    EXPECT_EQ(out.totals.taxes[0].amount.text(), "86.46");
    EXPECT_EQ(out.totals.taxes[1].amount.text(), "5.83");
    EXPECT_EQ(out.totals.gross.text(), "582.87");
    EXPECT_EQ(out.totals.rounding.text(), "0.13");
    EXPECT_EQ(out.totals.payable.text(), "583.00");
}

TEST(Pricing, RoundsOnceToTheCurrencysUnit) {
    auto yen = terms("JPY", {of_field(line("tiers", LineKind::QUANTITY, {{"0", "19.875"}, {"120", "25"}}))});
    yen.rounding = Rounding::HALF_EVEN;
    const PeriodDays march{date("2026-03-01"), date("2026-04-01")};
    EXPECT_EQ(amounts(invoice(yen, march, {day("2026-03-01", "120.5")}).lines), (Texts{"2385", "12"}));
    EXPECT_EQ(amounts(invoice(yen, march, {day("2026-03-01", "120")}).lines), (Texts{"2385"}));
    const auto dinar = terms("KWD", {of_field(line("one", LineKind::QUANTITY, {{"0", "0.12345"}}))});
    EXPECT_EQ(amounts(invoice(dinar, march, {day("2026-03-01", "7")}).lines), (Texts{"0.864"}));
}

TEST(Pricing, PartsOfMonthsAndYearsArePaidByTheirDays) {
    const PeriodDays february{date("2028-02-01"), date("2028-03-01")};
    const auto of = terms("EUR", {per(line("month", LineKind::FEE, {{"0", "29"}}), FeePer::MONTH),
                                  per(line("year", LineKind::FEE, {{"0", "366"}}), FeePer::YEAR_BY_DAYS),
                                  per(line("day", LineKind::FEE, {{"0", "0.5"}}), FeePer::DAY)});
    const Segment part{1, date("2028-02-10"), date("2028-03-01"), &of};  // 20 of 29 days
    const auto lines = price_agreement(std::span(&part, 1), february, {}).value();
    EXPECT_EQ(amounts(lines), (Texts{"20.00", "20.00", "10.00"}));
    EXPECT_EQ(lines[0].base.text(), "29");
    EXPECT_EQ(lines[1].base.text(), "366");
}

TEST(Pricing, ADayOfAnAmendmentIsPaidOnceAndTiersGoOn) {
    const PeriodDays april{date("2026-04-01"), date("2026-05-01")};
    const auto old = terms("EUR", {of_field(line("energy", LineKind::QUANTITY, {{"0", "1"}, {"15", "2"}}))});
    const auto now = terms("EUR", {of_field(line("energy", LineKind::QUANTITY, {{"0", "10"}, {"15", "20"}}))});
    const Segment segments[] = {{1, april.from, date("2026-04-16"), &old}, {2, date("2026-04-16"), april.until, &now}};
    std::vector<data::SettledDay> days;
    for (auto each = april.from; each < april.until; each = each.plus_days(1)) days.push_back(day(each.text(), "1"));
    const auto lines = price_device(segments, april, "m", days).value();
    EXPECT_EQ(amounts(lines), (Texts{"15.00", "300.00"}));  // 15 at 1, and 15 in the second tier at 20
    EXPECT_EQ(lines[1].version, 2);
}

TEST(Pricing, AnEscalatorChangesThePriceEachYear) {
    auto energy = of_field(line("energy", LineKind::QUANTITY, {{"0", "0.10"}}));
    energy.escalator = agreement::Escalator{number("2.5"), date("2025-03-16")};
    const auto of = terms("EUR", {energy});
    const PeriodDays march{date("2026-03-01"), date("2026-04-01")};
    const auto out = invoice(of, march, {day("2026-03-15", "1000"), day("2026-03-16", "1000")});
    ASSERT_EQ(out.lines.size(), 2U);
    EXPECT_EQ(out.lines[0].price.text(), "0.102500000");  // changed once
    EXPECT_EQ(out.lines[1].price.text(), "0.105062500");  // and again
    EXPECT_EQ(amounts(out.lines), (Texts{"102.50", "105.06"}));
}

TEST(Pricing, OfTrafficPeaksAndTakes) {
    auto traffic = line("messages", LineKind::TRAFFIC, {{"0", "0.01"}});
    traffic.counts = agreement::TrafficUnit::MESSAGE;
    auto minimum = of_field(line("minimum", LineKind::MINIMUM_TAKE, {{"0", "0.5"}}));
    minimum.quantity = number("100");
    auto maximum = of_field(line("maximum", LineKind::MAXIMUM_TAKE, {{"0", "3"}}));
    maximum.quantity = number("20");
    const auto of = terms("EUR", {traffic, of_field(line("peak", LineKind::PEAK, {{"0", "7"}})), minimum, maximum});
    const auto out =
        invoice(of, {date("2026-03-01"), date("2026-04-01")}, {day("2026-03-01", "10"), day("2026-03-02", "20")});
    EXPECT_EQ(amounts(out.lines), (Texts{"0.20", "35.00", "35.00", "30.00"}));
}

TEST(Pricing, SharesAddUpToTheLastUnit) {
    auto of = terms("EUR", {of_field(line("energy", LineKind::QUANTITY, {{"0", "0.01"}}, "20"))});
    of.tariff[0].tax = {agreement::TaxCategory::Z, Decimal(), {}};
    of.payees = {{"A", number("33.333333")}, {"B", number("33.333334")}, {"C", number("33.333333")}};
    const PeriodDays march{date("2026-03-01"), date("2026-04-01")};
    const auto one = invoice(of, march, {day("2026-03-01", "1")}).totals;
    EXPECT_EQ(one.payable.text(), "0.01");
    EXPECT_EQ(one.shares[0].amount.text(), "0.00");
    EXPECT_EQ(one.shares[1].amount.text(), "0.01");
    const auto more = invoice(of, march, {day("2026-03-01", "10001")}).totals;  // 100.01
    EXPECT_EQ(more.shares[0].amount.text(), "33.34");
    EXPECT_EQ(more.shares[1].amount.text(), "33.34");
    EXPECT_EQ(more.shares[2].amount.text(), "33.33");
}

}  // namespace
}  // namespace tally::chaincode::billing
