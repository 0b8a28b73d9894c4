#include "gateway/invoices/html.h"

#include "chaincode/json/reflect.h"
#include "gateway/invoices/html_style.h"
#include "gateway/xml/writer.h"

namespace tally::gateway::invoices {
namespace {

constexpr std::size_t kHtmlHeader = 12'000;
constexpr std::size_t kHtmlLine = 700;
constexpr std::size_t kHtmlDay = 120;

std::string_view title_of(DocumentType type) {
    switch (type) {
        case DocumentType::INVOICE: return "Invoice";
        case DocumentType::CREDIT_NOTE: return "Credit note";
        case DocumentType::CORRECTED: return "Corrected invoice";
        case DocumentType::SELF_BILLED: return "Self-billed invoice";
        case DocumentType::SELF_BILLED_CREDIT: return "Self-billed credit note";
    }
    return {};
}

// RF18 5390 0754 7034
std::string in_groups(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (i > 0 && i % 4 == 0) out += ' ';
        out += text[i];
    }
    return out;
}

std::string last_day(Date until) { return until.plus_days(-1).text(); }

// Appends to one string. Tags are ours, texts are escaped.
class Page {
  public:
    explicit Page(std::size_t reserve) { out_.reserve(reserve); }

    Page& tag(std::string_view markup) {
        out_ += markup;
        return *this;
    }
    Page& text(std::string_view text) {
        xml::append_escaped(out_, text);
        return *this;
    }
    void cell(std::string_view text_of_it, bool number) {
        tag(number ? "<td class=\"n\">" : "<td>").text(text_of_it).tag("</td>");
    }
    void fact(std::string_view name, std::string_view value) {
        if (value.empty()) return;
        tag("<dt>").text(name).tag("</dt><dd>").text(value).tag("</dd>\n");
    }
    std::string finish() && { return std::move(out_); }

  private:
    std::string out_;
};

void write_party(Page& page, std::string_view label, const DocumentParty& party) {
    const auto& business = party.business;
    page.tag("<div><div class=\"label\">").text(label).tag("</div><address><strong>").text(business.name);
    page.tag("</strong>");
    if (business.street) page.tag("\n").text(*business.street);
    page.tag("\n");
    if (business.postcode) page.text(*business.postcode).tag(" ");
    page.text(business.town).tag(", ").text(business.country);
    if (business.tax_id) page.tag("\n<small>VAT number ").text(*business.tax_id).tag("</small>");
    page.tag("</address></div>\n");
}

void write_facts(Page& page, const InvoiceDocument& document) {
    page.tag("<dl>\n");
    page.fact("Number", document.number);
    page.fact("Date", document.issued.text());
    page.fact("Period", document.from.text() + " to " + last_day(document.until));
    page.fact("Agreement", document.agreement);
    for (const auto& each : document.corrects) page.fact("Corrects", each.number);
    page.fact(is_credit(document.type) ? "Credited" : "Payable",
              document.totals.payable.text() + " " + document.currency);
    page.fact(is_credit(document.type) ? "Paid back or set off by" : "Due", document.due.text());
    page.tag("</dl>\n");
}

void write_line(Page& page, const DocumentLine& line, std::size_t number) {
    page.tag("<tr>");
    page.cell(std::to_string(number), true);
    page.tag("<td>").text(line.name);
    if (!line.note.empty()) page.tag("<br><span class=\"note\">").text(line.note).tag("</span>");
    if (!line.days.empty())
        page.tag("<br><span class=\"note\">").text(std::to_string(line.days.size())).tag(" signed days</span>");
    page.tag("</td>");
    page.cell(line.from.text() + " to " + last_day(line.until), false);
    page.cell(line.quantity.text() + " " + line.unit, true);
    auto price = line.price.text();
    if (line.base != Decimal::of(1, 0).value()) price += " / " + line.base.text();
    page.cell(price, true);
    page.cell(line.tax.percent.text() + " % " + std::string(chaincode::enum_name(line.tax.category)), true);
    page.cell(line.amount.text(), true);
    page.tag("</tr>\n");
}

void write_lines(Page& page, const InvoiceDocument& document) {
    page.tag(
        "<h2>Lines</h2>\n<div class=\"wide\"><table>\n<thead><tr><th class=\"n\">Line</th><th>Item</th><th>Days</th>"
        "<th class=\"n\">Quantity</th><th class=\"n\">Price</th><th class=\"n\">Tax</th><th class=\"n\">");
    page.text(document.currency).tag("</th></tr></thead>\n<tbody>\n");
    for (std::size_t i = 0; i < document.lines.size(); ++i) write_line(page, document.lines[i], i + 1);
    page.tag("</tbody></table></div>\n");
}

void write_sum(Page& page, std::string_view name, const Decimal& amount, std::string_view row = "sum") {
    page.tag("<tr class=\"").tag(row).tag("\">");
    page.cell(name, false);
    page.cell(amount.text(), true);
    page.tag("</tr>\n");
}

void write_totals(Page& page, const InvoiceDocument& document) {
    const auto& totals = document.totals;
    page.tag("<h2>Totals</h2>\n<table>\n");
    write_sum(page, "Lines", totals.lines);
    for (const auto& each : document.taxes) {
        if (each.allowance == Decimal()) continue;
        const auto name = fmt::format("Part of other payees, tax {} %", each.tax.percent.text());
        write_sum(page, name, each.taxable.minus(each.lines).value());
    }
    write_sum(page, "Net", totals.net);
    for (const auto& each : document.taxes) {
        auto name = fmt::format("Tax {} {} % on {}", chaincode::enum_name(each.tax.category), each.tax.percent.text(),
                                each.taxable.text());
        if (each.tax.reason) name += fmt::format(" ({})", *each.tax.reason);
        write_sum(page, name, each.amount);
    }
    write_sum(page, "Gross", totals.gross);
    if (totals.rounding != Decimal()) write_sum(page, "Rounding", totals.rounding);
    write_sum(page, fmt::format("Payable, {}", document.currency), totals.payable, "sum pay");
    page.tag("</table>\n");
    if (!document.share.empty()) page.tag("<p class=\"note\">").text(document.share).tag("</p>\n");
}

void write_payment(Page& page, const InvoiceDocument& document) {
    const auto& seller = document.seller.business;
    if (is_credit(document.type) || !seller.iban) return;
    page.tag("<h2>Payment</h2>\n<div class=\"box\"><dl>\n");
    page.fact("To", seller.name);
    page.fact("IBAN", in_groups(*seller.iban));
    page.fact("BIC", seller.bic.value_or(""));
    page.fact("Amount", document.totals.payable.text() + " " + document.currency);
    page.fact("Reference", in_groups(document.creditor_reference));
    page.fact("Due", document.due.text());
    page.tag("</dl></div>\n");
}

void write_days(Page& page, const InvoiceDocument& document) {
    std::size_t days = 0;
    for (const auto& line : document.lines) days += line.days.size();
    if (days == 0) return;
    if (days > kMostListedDays) {
        page.tag("<p class=\"note\">The content ids of ").text(std::to_string(days));
        page.tag(" signed days are in the electronic invoice (UBL).</p>\n");
        return;
    }
    page.tag(
        "<h2>Signed records</h2>\n<table>\n<thead><tr><th>Line</th><th>Device</th><th>Day</th>"
        "<th>Content id</th></tr></thead>\n<tbody>\n");
    for (std::size_t i = 0; i < document.lines.size(); ++i) {
        for (const auto& day : document.lines[i].days) {
            page.tag("<tr>");
            page.cell(std::to_string(i + 1), false);
            page.cell(document.lines[i].device.value_or(""), false);
            page.cell(day.day.text(), false);
            page.tag("<td><code>").text(day.content_id).tag("</code></td></tr>\n");
        }
    }
    page.tag("</tbody></table>\n");
}

void write_proof(Page& page, const InvoiceDocument& document) {
    page.tag("<h2>On the ledger</h2>\n<dl>\n");
    page.fact("Channel", document.channel);
    page.fact("Agreement", fmt::format("{}, version {}", document.agreement, document.version));
    page.fact("Seller", document.seller.organization);
    page.fact("Buyer", document.buyer.organization);
    page.fact("Items, SHA-256", document.items);
    page.fact("Evidence file, SHA-256", document.evidence.value_or(""));
    page.tag("</dl>\n");
    write_days(page, document);
}

std::size_t html_size(const InvoiceDocument& document) {
    return kHtmlHeader + document.lines.size() * kHtmlLine + kMostListedDays * kHtmlDay;
}

}  // namespace

std::string write_html(const InvoiceDocument& document) {
    Page page(html_size(document));
    const auto title = title_of(document.type);
    page.tag(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        "<title>");
    page.text(title).tag(" ").text(document.number).tag("</title>\n<style>").tag(kStyle);
    page.tag("</style>\n</head>\n<body>\n<h1>").text(title).tag(" ").text(document.number).tag("</h1>\n");
    page.tag("<div class=\"parties\">\n");
    write_party(page, "Seller", document.seller);
    write_party(page, "Buyer", document.buyer);
    page.tag("</div>\n");
    write_facts(page, document);
    write_lines(page, document);
    write_totals(page, document);
    write_payment(page, document);
    write_proof(page, document);
    page.tag("</body>\n</html>\n");
    return std::move(page).finish();
}

}  // namespace tally::gateway::invoices
