// tally invoice list | show

#include "chaincode/contracts/billing/answers.h"
#include "node/cli/invoice_table.h"
#include "node/cli/member_client.h"

namespace tally::node::cli {
namespace {

namespace json = boost::json;
namespace billing = chaincode::billing;
using chaincode::Date;

struct Options {
    std::filesystem::path profile;
    std::string agreement;
    std::string day;
};

Status list(const Options& in) {
    auto member = TRY(MemberClient::open(in.profile));
    std::vector<billing::Invoice> all;
    billing::ListInvoices wanted;
    wanted.agreement = in.agreement;
    TRY(ask_all<billing::InvoicePage>(member, "billing", "list", wanted,
                                      [&](auto& page) { std::ranges::move(page.invoices, std::back_inserter(all)); }));
    if (style().json) {
        print_json(chaincode::to_json(all));
        return {};
    }
    std::vector<std::vector<std::string>> rows;
    for (const auto& each : all) {
        rows.push_back({std::to_string(each.number), each.from.text(), each.until.text(),
                        std::string(chaincode::enum_name(each.state)), each.totals.payable.text(), each.currency,
                        each.due.text()});
    }
    print_table({"invoice", "from", "until before", "state", "payable", "currency", "due"}, rows);
    return {};
}

Status show(const Options& in) {
    const auto day = TRY(Date::parse(in.day));
    auto member = TRY(MemberClient::open(in.profile));
    billing::OfPeriod of;
    of.agreement = in.agreement;
    of.day = day;
    const auto invoice = TRY(ask<billing::Invoice>(member, "billing", "get", of));
    std::vector<billing::Item> items;
    billing::ItemsOf wanted;
    wanted.agreement = in.agreement;
    wanted.day = day;
    TRY(ask_all<billing::ItemPage>(member, "billing", "items", wanted,
                                   [&](auto& page) { std::ranges::move(page.items, std::back_inserter(items)); }));
    if (style().json) {
        print_json(json::object{{"invoice", chaincode::to_json(invoice)}, {"items", chaincode::to_json(items)}});
        return {};
    }
    std::vector<billing::Line> lines;
    for (const auto& item : items) lines.insert(lines.end(), item.lines.begin(), item.lines.end());
    print_lines(lines, invoice.currency);
    print_invoice(invoice);
    return {};
}

}  // namespace

void add_invoice(CLI::App& app, Choice& choice) {
    auto* invoice = app.add_subcommand("invoice", "Invoices of agreements");
    invoice->require_subcommand(1);
    const auto command = [&](const char* name, const char* about) {
        auto* added = invoice->add_subcommand(name, about);
        auto options = std::make_shared<Options>();
        add_profile_option(*added, options->profile);
        added->add_option("AGREEMENT", options->agreement, "Its id")->required();
        return std::pair(added, options);
    };
    auto [listed, of_list] = command("list", "All invoices of an agreement");
    on_chosen(*listed, choice, of_list, list);
    auto [shown, of_show] = command("show", "One invoice, line by line");
    shown->add_option("DAY", of_show->day, "Any day of its period, 2026-03-29")->required();
    on_chosen(*shown, choice, of_show, show);
}

}  // namespace tally::node::cli
