// tally invoice list | show | ubl | html | post; open | seal | agree are in sealed_invoice_commands.cpp

#include "chaincode/contracts/billing/answers.h"
#include "chaincode/contracts/billing/pricing.h"
#include "gateway/invoices/html.h"
#include "gateway/invoices/ubl.h"
#include "node/cli/command.h"
#include "node/cli/invoice_document.h"
#include "node/cli/invoice_table.h"
#include "node/cli/member_client.h"
#include "node/cli/output.h"
#include "node/cli/terms_file.h"
#include "node/settling/agreed_devices.h"
#include "node/settling/prepare.h"
#include "storage/files.h"

namespace tally::node::cli {
namespace {

namespace json = boost::json;
namespace billing = chaincode::billing;
using chaincode::Date;

struct InvoiceOptions {
    std::filesystem::path profile;
    std::string agreement;
    std::string day;
    std::string provider;
    std::string payee;
    std::filesystem::path out;
    std::filesystem::path evidence;
    std::filesystem::path file;
    std::filesystem::path sealed;
    bool self_billed = false;
};

Status list_invoices(const InvoiceOptions& in) {
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
                        std::string(chaincode::enum_name(each.state)), payable_text(each), each.currency,
                        each.due.text()});
    }
    print_table({"invoice", "from", "until before", "state", "payable", "currency", "due"}, rows);
    return {};
}

Status show_bill(MemberClient& member, const InvoiceOptions& in, Date day) {
    billing::OneBill of;
    of.agreement = in.agreement;
    of.day = day;
    of.provider = in.provider;
    const auto bill = TRY(ask<billing::Bill>(member, "billing", "get_bill", of));
    if (style().json)
        print_json(chaincode::to_json(bill));
    else
        print_bill(bill);
    return {};
}

Status show_invoice(const InvoiceOptions& in) {
    const auto day = TRY(Date::parse(in.day));
    auto member = TRY(MemberClient::open(in.profile));
    if (!in.provider.empty()) return show_bill(member, in, day);
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

// Writes a document of the invoice, or of a provider's bill, for its payee.
template <class Render>
Status write_document(const InvoiceOptions& in, Render&& render) {
    const auto day = TRY(Date::parse(in.day));
    auto member = TRY(MemberClient::open(in.profile));
    DocumentOf of{in.agreement, day, in.payee, in.provider, std::nullopt, in.sealed, in.self_billed};
    if (!in.evidence.empty()) of.evidence = crypto::sha256(as_bytes(TRY(storage::read_file(in.evidence)))).hex();
    const auto document = TRY(document_of(member, of));
    TRY(storage::write_file(in.out, as_bytes(TRY(render(document)))));
    if (style().json)
        print_json(chaincode::to_json(document));
    else
        say_done(fmt::format("{}: {} of {}, {} {}", in.out.string(), document.number, document.seller.business.name,
                             document.totals.payable.text(), document.currency));
    return {};
}

// What the bill of many devices is compared with.
Status prepare_bill(MemberClient& member, const billing::PostBill& bill) {
    const auto versions = TRY(agreed_versions(member, bill.agreement));
    std::vector<std::string> devices;
    for (const auto& device : TRY(agreed_devices(member, versions))) devices.push_back(device.id);
    if (devices.size() <= billing::kMostUnprepared) return {};
    billing::PrepareBill wanted;
    wanted.agreement = bill.agreement;
    wanted.day = bill.day;
    wanted.provider = member.organization();
    const auto period = billing::period_of(versions.back().terms.period, bill.day);
    Progress progress("devices", devices.size());
    std::size_t done = 0;
    return prepare_devices(member, "prepare_bill", wanted, devices, chaincode::days_between(period.from, period.until),
                           [&](std::size_t more) { progress.at(done += more); });
}

// A provider's bill: TOML, or JSON with the same members as billing.post_bill has.
Status post(const InvoiceOptions& in) {
    auto value = TRY(read_toml_json(in.file));
    auto& object = value.as_object();
    object.insert_or_assign("agreement", in.agreement);
    object.insert_or_assign("day", in.day);
    const auto arguments = chaincode::from_json<billing::PostBill>(value);
    if (!arguments) return std::unexpected(arguments.error().within(in.file.string()));
    auto member = TRY(MemberClient::open(in.profile));
    TRY(prepare_bill(member, *arguments));
    const auto bill = TRY(act<billing::Bill>(member, "billing", "post_bill", *arguments));
    if (style().json)
        print_json(chaincode::to_json(bill));
    else
        print_bill(bill);
    return {};
}

}  // namespace

void add_invoice(CLI::App& app, Choice& choice) {
    auto* invoice = app.add_subcommand("invoice", "Invoices of agreements");
    invoice->require_subcommand(1);
    const auto command = [&](const char* name, const char* about) {
        auto* added = invoice->add_subcommand(name, about);
        auto options = std::make_shared<InvoiceOptions>();
        add_profile_option(*added, options->profile);
        added->add_option("AGREEMENT", options->agreement, "Its id")->required();
        return std::pair(added, options);
    };
    auto [listed, of_list] = command("list", "All invoices of an agreement");
    on_chosen(*listed, choice, of_list, list_invoices);
    auto [shown, of_show] = command("show", "One invoice, line by line");
    shown->add_option("DAY", of_show->day, "Any day of its period, 2026-03-29")->required();
    shown->add_option("--provider", of_show->provider, "The bill of this service provider instead");
    on_chosen(*shown, choice, of_show, show_invoice);
    const auto document = [&](const char* name, const char* about) {
        auto [added, options] = command(name, about);
        added->add_option("DAY", options->day, "Any day of its period")->required();
        added->add_option("--payee", options->payee, "The supplier whose document it is (default: the only payee)");
        added->add_option("--provider", options->provider, "The bill of this service provider instead");
        added->add_option("--sealed", options->sealed, "Of a sealed invoice: its file")->check(CLI::ExistingFile);
        added->add_option("--evidence", options->evidence, "The evidence file that the document names by its hash");
        added
            ->add_flag("--self-billed", options->self_billed,
                       "Made out in the supplier's name, not by it: type 389 or 261")
            ->excludes("--provider");
        added->add_option("--out", options->out, "The file")->required();
        return std::pair(added, options);
    };
    auto [ubl, of_ubl] = document("ubl", "A supplier's invoice as UBL 2.1 (EN 16931, Peppol BIS 3.0)");
    on_chosen(*ubl, choice, of_ubl, [](const InvoiceOptions& in) {
        return write_document(in, [](const auto& of) { return gateway::invoices::write_ubl(of); });
    });
    auto [html, of_html] = document("html", "A supplier's invoice as one page to print");
    on_chosen(*html, choice, of_html, [](const InvoiceOptions& in) {
        return write_document(in,
                              [](const auto& of) -> Result<std::string> { return gateway::invoices::write_html(of); });
    });
    auto [posted, of_post] = command("post", "As a service provider, post the bill of a period");
    posted->add_option("DAY", of_post->day, "Any day of its period")->required();
    posted
        ->add_option("FILE", of_post->file,
                     "TOML: number, issued, total, [[lines]] name, device, quantity, amount, tax")
        ->required();
    on_chosen(*posted, choice, of_post, post);
    add_sealed_invoices(*invoice, choice);
}

}  // namespace tally::node::cli
