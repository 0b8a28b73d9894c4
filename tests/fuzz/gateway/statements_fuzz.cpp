// Bank statements. What is accepted has amounts that are not negative and a digest; matching keeps every entry,
// confirms each payment with its own amount, and uses no booking for two payments.

#include <cstdint>
#include <set>
#include <string_view>

#include "gateway/payments/matching.h"
#include "tests/fuzz/expect.h"
#include "tests/unit/gateway/payments/statement_text.h"

using namespace tally;
using namespace tally::gateway::payments;

namespace {

std::vector<ExpectedPayment> expected_payments() {
    std::vector<ExpectedPayment> out(3);
    for (std::size_t i = 0; i < out.size(); ++i) {
        auto& each = out[i];
        each.transfer = fmt::format("T{}", i + 1);
        each.end_to_end_id = fmt::format("E2E-{}", i + 1);
        each.batch_id = "PMT-1";
        each.creditor_reference = "RF18539007547034";
        each.numbers = {"solar-1-3"};
        each.amount = Decimal::of(i == 0 ? 10'000 : 5'000, 2).value();
        each.currency = "EUR";
        each.debtor_iban = test::kPayer;
        each.creditor_iban = test::kPayee;
    }
    return out;
}

void check_report(const MatchReport& report, const std::vector<StatementFile>& files) {
    std::set<std::tuple<std::string, std::string, std::int64_t>> shown;
    for (const auto& item : report.items) shown.emplace(item.file, item.statement, item.entry);
    for (const auto& file : files) {
        for (const auto& statement : file.statements) {
            for (std::size_t i = 0; i < statement.entries.size(); ++i) {
                TALLY_FUZZ_EXPECT(shown.contains({file.name, statement.id, static_cast<std::int64_t>(i) + 1}));
            }
        }
    }
    const auto expected = expected_payments();
    std::set<std::pair<std::string, std::string>> used;
    for (std::size_t i = 0; i < expected.size(); ++i) {
        const auto& result = report.transfers[i];
        if (result.state != TransferState::CONFIRMED) continue;
        TALLY_FUZZ_EXPECT(result.booking->amount == expected[i].amount);
        TALLY_FUZZ_EXPECT(used.emplace(result.booking->account, result.booking->reference).second);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    auto file = read_statements(std::string(reinterpret_cast<const char*>(data), size), "one");
    if (!file) {
        TALLY_FUZZ_EXPECT(!file.error().message.empty());
        return 0;
    }
    TALLY_FUZZ_EXPECT(file->sha256.size() == 64);
    for (const auto& statement : file->statements) {
        for (const auto& entry : statement.entries) TALLY_FUZZ_EXPECT(entry.amount.value >= Decimal());
    }
    auto again = *file;
    again.name = "two";
    const std::vector files{std::move(*file), std::move(again)};
    const auto report = match(expected_payments(), files);
    if (report) check_report(*report, files);
    return 0;
}

extern "C" void tally_fuzz_seeds(void (*add)(const std::uint8_t*, std::size_t)) {
    using test::detail;
    using test::entry;
    const auto two =
        entry({.amount = "150.00", .details = detail({.amount = "100.00"})}) +
        entry({.direction = "CRDT", .reference = "", .details = detail({.returned = "AC04"}), .reversal = "true"});
    const auto batch = entry({.amount = "200.00",
                              .details = "<Btch><PmtInfId>PMT-1</PmtInfId><NbOfTxs>3</NbOfTxs></Btch>",
                              .more = "<Chrgs><TtlChrgsAndTaxAmt Ccy=\"EUR\">1.20</TtlChrgsAndTaxAmt></Chrgs>"});
    const auto by_text = entry(
        {.direction = "CRDT",
         .details = detail({.end_to_end_id = "NOTPROVIDED", .remittance = "<Ustrd>RF18 5390 0754 7034</Ustrd>"})});
    for (const std::string& text :
         {std::string(test::kWhole), test::document("053", test::kPayer, two),
          test::document("054", test::kPayer, batch),
          test::document("052", test::kPayee, by_text, "", "02") + test::document("053", test::kPayee, by_text)}) {
        add(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
    }
}
