// Writes every kind of document that the gateway makes into a folder, for documents_test.py: UBL and HTML of each
// sample invoice and payee, payment orders, and a bank statement as the unit tests have it. manifest.json says what is
// what.

#include <boost/json.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "gateway/invoices/html.h"
#include "gateway/invoices/ubl.h"
#include "gateway/payments/pain001.h"
#include "tests/unit/gateway/invoices/samples.h"
#include "tests/unit/gateway/payments/statement_text.h"

namespace {

using namespace tally;
using namespace tally::gateway;
namespace json = boost::json;

std::filesystem::path folder;

void write(const std::string& name, const std::string& text) { std::ofstream(folder / name) << text; }

template <class T>
T need(Result<T> result, const std::string& what) {
    if (result) return std::move(*result);
    std::cerr << what << ": " << result.error().message << '\n';
    std::exit(1);
}

void write_document(const invoices::InvoiceDocument& document, const std::string& name, json::object about,
                    json::array& manifest) {
    write(name + ".xml", need(invoices::write_ubl(document), name));
    write(name + ".html", invoices::write_html(document));
    about["file"] = name;
    about["credit"] = invoices::is_credit(document.type);
    about["type"] = static_cast<int>(document.type);
    manifest.push_back(std::move(about));
}

void write_invoices(json::array& manifest) {
    for (const auto& [name, sample] : invoices::test::all_cases()) {
        json::array payees;
        for (const auto& [organization, percent] : sample.payees)
            payees.push_back({json::value(organization), json::value(percent)});
        for (const auto& [payee, percent] : sample.payees) {
            json::object about;
            about["payee"] = payee;
            about["payees"] = payees;
            if (sample.cash_rounding) about["cash_rounding"] = *sample.cash_rounding;
            const auto file = name + "-" + payee;
            write_document(need(invoices::test::document_of(sample, payee), file), file, std::move(about), manifest);
        }
    }
    const invoices::test::Case plain{.lines = {}};
    json::object about;
    about["payee"] = "Grid";
    about["payees"] = json::array{json::array{"Grid", "100"}};
    write_document(need(invoices::bill_document(invoices::test::terms_of(plain), invoices::test::bill()), "bill"),
                   "bill", std::move(about), manifest);
}

payments::PaymentOrder order(const std::string& currency, const std::string& amount) {
    const auto terms = invoices::test::terms_of({.lines = {}});
    payments::PaymentOrder out;
    out.message_id = "MSG-" + currency;
    out.batch_id = "PMT-" + currency;
    out.created_ms = 1'775'001'600'123;
    out.execution = payments::Date::parse("2026-04-02").value();
    out.debtor = *terms.parties[1].business;
    out.debtor.bic.reset();
    for (int i = 0; i < 3; ++i) {
        payments::Transfer transfer;
        transfer.payee = *terms.parties[i == 0 ? 0 : static_cast<std::size_t>(i) + 2].business;
        if (i == 1) transfer.payee.bic.reset();
        transfer.amount = payments::Decimal::parse(amount).value();
        transfer.currency = currency;
        const payments::PaymentName name{"main", "solar-1", out.execution, std::nullopt, transfer.payee.name, 1};
        transfer.end_to_end_id = payments::end_to_end_id(name);
        transfer.uetr = payments::uetr(name);
        if (i != 2) transfer.creditor_reference = payments::creditor_reference(name);
        transfer.remittance = "Rechnung f\xc3\xbcr M\xc3\xa4rz <1>";
        out.transfers.push_back(std::move(transfer));
    }
    return out;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) return 2;
    folder = argv[1];
    json::array manifest;
    write_invoices(manifest);
    write("pain-eur.pain", need(payments::write_pain001(order("EUR", "12.5")), "pain-eur"));
    write("pain-jpy.pain", need(payments::write_pain001(order("JPY", "1250")), "pain-jpy"));
    write("pain-kwd.pain", need(payments::write_pain001(order("KWD", "1.005")), "pain-kwd"));
    write("whole.camt053", std::string(payments::test::kWhole));
    write("built.camt054", payments::test::document("054", payments::test::kPayer,
                                                    payments::test::entry({.details = payments::test::detail({})})));
    write("manifest.json", json::serialize(manifest));
    return 0;
}
