#include "tests/unit/gateway/invoices/samples.h"

#include "chaincode/contracts/billing/rational.h"
#include "tests/unit/gateway/decimal_of.h"

namespace tally::gateway::invoices::test {
namespace {

namespace agreement = chaincode::agreement;
using agreement::PartyRole;
using agreement::TaxCategory;

Date date(std::string_view text) { return Date::parse(text).value(); }

Business business(std::string name, std::string tax_id, std::string iban) {
    Business out;
    out.name = std::move(name);
    out.street =
        "Stra\xc3\x9f"
        "e 1 <b> & 'c'";
    out.postcode = "1010";
    out.town = "Wien";
    out.country = "AT";
    out.tax_id = std::move(tax_id);
    out.endpoint = "9914:ATU12345678";
    out.iban = std::move(iban);
    out.bic = "BKAUATWW";
    return out;
}

constexpr int kDays = 31;

}  // namespace

Terms terms_of(const Case& in) {
    Terms out;
    out.title = "Solar power";
    out.currency = in.currency;
    if (in.cash_rounding) out.cash_rounding = decimal(*in.cash_rounding);
    out.parties = {
        {"Solar", PartyRole::OPERATOR,
         business("M\xc3\xbcller & S\xc3\xb6hne <Solar> \"GmbH\"", "ATU11111111", "AT611904300234573201")},
        {"City", PartyRole::RC, business("Stadt D'Arc", "ATU22222222", "DE89370400440532013000")},
        {"Bank", PartyRole::DV, std::nullopt},
        {"Grid", PartyRole::SP, business("Grid Ltd", "ATU33333333", "GB82WEST12345698765432")},
        {"Meters", PartyRole::SP, business("Meters AG", "ATU44444444", "CH9300762011623852957")},
    };
    for (auto& party : out.parties) {
        if (party.business && !in.with_tax_ids) party.business->tax_id.reset();
    }
    for (const auto& [organization, percent] : in.payees) out.payees.push_back({organization, decimal(percent)});
    return out;
}

std::vector<billing::Item> items_of(const Case& in) {
    const auto decimals = agreement::decimals_of_currency(in.currency).value();
    std::vector<billing::Item> out;
    for (const auto& text : in.lines) {
        billing::Line line;
        line.name = text.name;
        line.device = text.device;
        if (text.device) line.field = "energy";
        line.from = date("2026-03-01");
        line.until = date("2026-04-01");
        if (text.corrects) {
            line.corrects = date(*text.corrects);
            line.from = line.corrects->plus_days(2);
            line.until = line.from.plus_days(1);
        }
        line.quantity = decimal(text.quantity);
        line.unit = text.unit;
        line.price = decimal(text.price);
        line.base = decimal(text.base);
        const billing::Rational exact =
            billing::rational_of(line.quantity) * billing::rational_of(line.price) / billing::rational_of(line.base);
        line.amount = billing::rounded(exact, decimals, chaincode::Rounding::HALF_UP).value();
        line.tax = {text.category, decimal(text.percent), text.reason};
        billing::Item item;
        item.item = text.device.value_or("*");
        item.lines.push_back(line);
        for (int day = 0; text.device && day < kDays; ++day) {
            billing::CitedDay cited;
            cited.day = date("2026-03-01").plus_days(day);
            if (day != 7) cited.content_id = fmt::format("{:064x}", 0xabc000 + day);  // the eighth has no record
            item.days.push_back(cited);
        }
        out.push_back(std::move(item));
    }
    return out;
}

InvoiceFigures figures_of(const Case& in) {
    InvoiceFigures out;
    out.channel = "main";
    out.agreement = "solar-1";
    out.number = 3;
    out.version = 2;
    out.issued = date("2026-04-01");
    out.due = date("2026-04-15");
    out.from = date("2026-03-01");
    out.until = date("2026-04-01");
    out.currency = in.currency;
    const auto terms = terms_of(in);
    billing::Sum sum(terms);
    for (const auto& item : items_of(in)) {
        for (const auto& line : item.lines) TALLY_INVARIANT(sum.add(line), "a sample's sums fit");
    }
    out.totals = sum.totals().value();
    out.items = std::string(64, 'a');
    out.evidence = std::string(64, 'e');
    out.creditor_reference = "RF18539007547034";
    out.readings = {{"m1", "energy", "Wh", decimal("100000"), decimal("1334567")}};
    out.earlier = {{date("2026-02-01"), "solar-1-2", date("2026-03-02")}};
    out.self_billed = in.self_billed;
    return out;
}

Result<InvoiceDocument> document_of(const Case& in, const std::string& payee) {
    return invoice_document(terms_of(in), figures_of(in), items_of(in), payee);
}

std::vector<Named> all_cases() {
    const LineText energy{
        .name = "Energy", .quantity = "1234567", .unit = "Wh", .price = "0.234567891", .base = "1000", .device = "m1"};
    const LineText fee{
        .name = "Fee & <care>", .quantity = "31", .unit = "days", .price = "120", .base = "365", .percent = "10"};
    const LineText water{.name = "Wasser f\xc3\xbcr M\xc3\xa4rz",
                         .quantity = "17.5",
                         .unit = "m3",
                         .price = "1.99",
                         .percent = "10",
                         .device = "m2"};
    const LineText exempt{.name = "Rent",
                          .quantity = "1",
                          .unit = "months",
                          .price = "99.99",
                          .percent = "0",
                          .category = TaxCategory::E,
                          .reason = "Article 135"};
    const LineText back{.name = "Energy",
                        .quantity = "-2000000",
                        .unit = "Wh",
                        .price = "0.25",
                        .base = "1000",
                        .device = "m1",
                        .corrects = "2026-02-01"};
    const LineText more{.name = "Energy",
                        .quantity = "4000",
                        .unit = "Wh",
                        .price = "0.25",
                        .base = "1000",
                        .device = "m1",
                        .corrects = "2026-02-01"};
    auto zero = exempt;
    zero.category = TaxCategory::Z;
    zero.reason.reset();
    auto reverse = energy;
    reverse.category = TaxCategory::AE;
    reverse.percent = "0";
    auto across = reverse;
    across.category = TaxCategory::K;
    auto outside = exempt;
    outside.category = TaxCategory::O;
    outside.reason.reset();
    auto negative = energy;
    negative.name = "Feed-in at a price below 0";
    negative.price = "-0.0123";
    auto watts = fee;
    watts.unit = "Wh";
    watts.base = "1";
    watts.price = "0.001";
    const std::vector<std::pair<std::string, std::string>> two{{"Solar", "60"}, {"Grid", "40"}};
    const std::vector<std::pair<std::string, std::string>> three{
        {"Solar", "33.33"}, {"Grid", "33.33"}, {"Meters", "33.34"}};
    return {
        {"plain", {.lines = {energy, fee, water}}},
        {"split", {.payees = two, .lines = {energy, fee, water}}},
        {"cash", {.currency = "CHF", .payees = three, .cash_rounding = "0.05", .lines = {energy, fee, watts}}},
        {"whole", {.payees = two, .cash_rounding = "1", .lines = {energy, fee}}},
        {"yen", {.currency = "JPY", .payees = two, .lines = {energy, fee, water}}},
        {"dinar", {.currency = "KWD", .payees = three, .lines = {energy, fee, water}}},
        {"exempt", {.payees = two, .lines = {energy, exempt}}},
        {"zero", {.lines = {zero, energy}}},
        {"reverse", {.payees = two, .lines = {reverse}}},
        {"across", {.lines = {across}}},
        {"outside", {.lines = {outside}, .with_tax_ids = false}},
        {"negative", {.lines = {negative, water}}},
        {"credit", {.payees = two, .lines = {back, fee}}},
        {"mixed", {.payees = three, .lines = {back, exempt, exempt, exempt, exempt, exempt, exempt, exempt}}},
        {"corrected", {.lines = {more}}},
        {"selfbilled", {.lines = {energy}, .self_billed = true}},
        {"selfcredit", {.lines = {back}, .self_billed = true}},
    };
}

BillFigures bill() {
    BillFigures out;
    out.channel = "main";
    out.agreement = "solar-1";
    out.provider = "Grid";
    out.number = "2026/17 & more";
    out.issued = date("2026-04-02");
    out.due = date("2026-04-16");
    out.from = date("2026-03-01");
    out.until = date("2026-04-01");
    out.currency = "EUR";
    out.lines = {
        {"Transport", "m1", decimal("1234.567"), decimal("37.04"), {TaxCategory::S, decimal("20"), std::nullopt}},
        {"Rebate", std::nullopt, decimal("0"), decimal("-7.04"), {TaxCategory::S, decimal("20"), std::nullopt}}};
    out.totals.net = decimal("30.00");
    out.totals.taxes = {{{TaxCategory::S, decimal("20"), std::nullopt}, decimal("30.00"), decimal("6.00")}};
    out.totals.gross = decimal("36.00");
    out.totals.payable = decimal("36.00");
    out.totals.shares = {{"Grid", decimal("100"), decimal("36.00")}};
    return out;
}

}  // namespace tally::gateway::invoices::test
