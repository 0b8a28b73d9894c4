#include "gateway/payments/pain001.h"

#include <fmt/chrono.h>

#include <algorithm>
#include <set>

#include "chaincode/contracts/agreement/terms.h"
#include "gateway/payments/bank_text.h"
#include "gateway/xml/writer.h"

namespace tally::gateway::payments {
namespace {

constexpr std::string_view kPainNameSpace = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09";
constexpr std::size_t kMaxTransfers = 100'000;
constexpr std::size_t kMaxSepaName = 70;
constexpr std::size_t kMaxName = 140;
constexpr std::size_t kMaxTown = 35;
constexpr std::size_t kMaxRemittance = 140;
constexpr std::int64_t kMostSepaCents = 99'999'999'999;  // 999999999.99, the scheme's limit
constexpr std::size_t kBytesOfTransfer = 1200;
constexpr std::size_t kBytesOfOrder = 2000;

// What holds for all of an order's transfers.
struct Scheme {
    std::string currency;
    int decimals = 2;
    bool sepa = true;
};

Status check_uetr(std::string_view text) {
    bool good =
        text.size() == 36 && text[14] == '4' && std::string_view("89ab").find(text[19]) != std::string_view::npos;
    for (std::size_t i = 0; good && i < text.size(); ++i) {
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        good = dash ? text[i] == '-' : std::string_view("0123456789abcdef").find(text[i]) != std::string_view::npos;
    }
    if (good) return {};
    return fail(Code::invalid_argument, "\"{}\" is no UETR: a UUID of version 4 in small letters", text);
}

Status check_party(const Business& party, bool sepa) {
    if (!party.iban) return fail(Code::invalid_argument, "{} has no IBAN in the terms", party.name);
    TRY(chaincode::agreement::check_iban(*party.iban, party.name));
    if (party.bic)
        TRY(chaincode::agreement::check_bic(*party.bic, fmt::format("\"{}\" of {}", *party.bic, party.name)));
    const auto name = bank_text(party.name);
    if (name.empty()) return fail(Code::invalid_argument, "a party has no name");
    const auto most = sepa ? kMaxSepaName : kMaxName;
    if (name.size() > most)
        return fail(Code::invalid_argument, "the name {} has {} characters; banks take {}", name, name.size(), most);
    return {};
}

Status check_amount(const Transfer& transfer, const Scheme& scheme) {
    if (transfer.currency != scheme.currency)
        return fail(Code::invalid_argument, "{} and {} are in one order; write one order for each currency",
                    scheme.currency, transfer.currency);
    if (transfer.amount <= Decimal())
        return fail(Code::invalid_argument, "{} {} cannot be paid: the amount must be above 0", transfer.amount.text(),
                    transfer.currency);
    const auto amount = TRY(transfer.amount.rounded(scheme.decimals, chaincode::Rounding::DOWN));
    if (amount != transfer.amount)
        return fail(Code::invalid_argument, "{} {} has more decimals than the currency ({})", transfer.amount.text(),
                    transfer.currency, scheme.decimals);
    if (scheme.sepa && amount.units() > kMostSepaCents)
        return fail(Code::invalid_argument, "{} EUR is above 999999999.99, the most of a SEPA credit transfer",
                    amount.text());
    return {};
}

Status check_transfer(const Transfer& transfer, const Scheme& scheme) {
    TRY(check_party(transfer.payee, scheme.sepa));
    TRY(check_amount(transfer, scheme));
    TRY(check_identifier(transfer.end_to_end_id, "the EndToEndId"));
    TRY(check_uetr(transfer.uetr));
    if (transfer.creditor_reference && !is_creditor_reference(*transfer.creditor_reference))
        return fail(Code::invalid_argument, "\"{}\" is no creditor reference (ISO 11649)",
                    *transfer.creditor_reference);
    const auto text = bank_text(transfer.remittance);
    if (text.size() > kMaxRemittance)
        return fail(Code::invalid_argument, "the remittance text has {} characters; {} are allowed", text.size(),
                    kMaxRemittance);
    return {};
}

Result<Scheme> check(const PaymentOrder& order) {
    if (order.transfers.empty()) return fail(Code::invalid_argument, "the order has no transfer");
    if (order.transfers.size() > kMaxTransfers)
        return fail(Code::invalid_argument, "the order has {} transfers; {} are allowed", order.transfers.size(),
                    kMaxTransfers);
    Scheme scheme;
    scheme.currency = order.transfers.front().currency;
    const auto decimals = chaincode::agreement::decimals_of_currency(scheme.currency);
    if (!decimals) return fail(Code::invalid_argument, "\"{}\" is no currency of ISO 4217", scheme.currency);
    scheme.decimals = *decimals;
    scheme.sepa = scheme.currency == "EUR";
    TRY(check_identifier(order.message_id, "the MsgId"));
    TRY(check_identifier(order.batch_id, "the PmtInfId"));
    const auto debtor = check_party(order.debtor, scheme.sepa);
    if (!debtor) return std::unexpected(debtor.error().within("the payer"));
    std::set<std::string_view> ids;
    for (std::size_t i = 0; i < order.transfers.size(); ++i) {
        const auto& transfer = order.transfers[i];
        const auto where = fmt::format("transfer {} to {}", i + 1, transfer.payee.name);
        const auto checked = check_transfer(transfer, scheme);
        if (!checked) return std::unexpected(checked.error().within(where));
        if (!ids.insert(transfer.end_to_end_id).second || !ids.insert(transfer.uetr).second)
            return fail(Code::invalid_argument, "{}: its EndToEndId or UETR is in the order twice", where);
    }
    return scheme;
}

std::string amount_text(const Decimal& amount, const Scheme& scheme) {
    return amount.rounded(scheme.decimals, chaincode::Rounding::DOWN).value().text();
}

Result<std::string> sum_of(const PaymentOrder& order, const Scheme& scheme) {
    auto sum = TRY(Decimal::of(0, scheme.decimals));
    for (const auto& transfer : order.transfers) sum = TRY(sum.plus(transfer.amount));
    return amount_text(sum, scheme);
}

std::string date_time(std::int64_t time_ms) {
    const auto seconds =
        std::chrono::floor<std::chrono::seconds>(std::chrono::sys_time(std::chrono::milliseconds(time_ms)));
    return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", seconds);
}

void write_party(xml::Writer& out, std::string_view element, const Business& party) {
    out.open(element);
    out.leaf("Nm", bank_text(party.name));
    const auto town = bank_text(party.town);
    if (!town.empty() && town.size() <= kMaxTown && party.country.size() == 2) {
        out.open("PstlAdr");
        out.leaf("TwnNm", town);
        out.leaf("Ctry", party.country);
        out.close();
    }
    out.close();
}

void write_account(xml::Writer& out, std::string_view element, const Business& party) {
    out.open(element);
    out.open("Id");
    out.leaf("IBAN", *party.iban);
    out.close();
    out.close();
}

void write_bank(xml::Writer& out, std::string_view element, const Business& party) {
    out.open(element);
    out.open("FinInstnId");
    if (party.bic) {
        out.leaf("BICFI", *party.bic);
    } else {
        out.open("Othr");
        out.leaf("Id", "NOTPROVIDED");
        out.close();
    }
    out.close();
    out.close();
}

void write_remittance(xml::Writer& out, const Transfer& transfer, const Scheme& scheme) {
    const auto text = bank_text(transfer.remittance);
    if (!transfer.creditor_reference && text.empty()) return;
    out.open("RmtInf");
    if (!transfer.creditor_reference) {
        out.leaf("Ustrd", text);
    } else {
        out.open("Strd");
        out.open("CdtrRefInf");
        out.open("Tp");
        out.open("CdOrPrtry");
        out.leaf("Cd", "SCOR");
        out.close();
        out.leaf("Issr", "ISO");
        out.close();
        out.leaf("Ref", *transfer.creditor_reference);
        out.close();
        if (!scheme.sepa && !text.empty()) out.leaf("AddtlRmtInf", text);
        out.close();
    }
    out.close();
}

void write_transfer(xml::Writer& out, const Transfer& transfer, const Scheme& scheme) {
    out.open("CdtTrfTxInf");
    out.open("PmtId");
    out.leaf("EndToEndId", transfer.end_to_end_id);
    out.leaf("UETR", transfer.uetr);
    out.close();
    out.open("Amt");
    out.leaf("InstdAmt", amount_text(transfer.amount, scheme), {{"Ccy", scheme.currency}});
    out.close();
    if (transfer.payee.bic) write_bank(out, "CdtrAgt", transfer.payee);
    write_party(out, "Cdtr", transfer.payee);
    write_account(out, "CdtrAcct", transfer.payee);
    write_remittance(out, transfer, scheme);
    out.close();
}

void write_batch(xml::Writer& out, const PaymentOrder& order, const Scheme& scheme) {
    out.open("PmtInf");
    out.leaf("PmtInfId", order.batch_id);
    out.leaf("PmtMtd", "TRF");
    out.leaf("BtchBookg", "false");
    if (scheme.sepa) {
        out.open("PmtTpInf");
        out.open("SvcLvl");
        out.leaf("Cd", "SEPA");
        out.close();
        out.close();
    }
    out.open("ReqdExctnDt");
    out.leaf("Dt", order.execution.text());
    out.close();
    write_party(out, "Dbtr", order.debtor);
    write_account(out, "DbtrAcct", order.debtor);
    write_bank(out, "DbtrAgt", order.debtor);
    out.leaf("ChrgBr", scheme.sepa ? "SLEV" : "SHAR");
    for (const auto& transfer : order.transfers) write_transfer(out, transfer, scheme);
    out.close();
}

}  // namespace

Result<std::string> write_pain001(const PaymentOrder& order) {
    const auto scheme = TRY(check(order));
    const auto sum = TRY(sum_of(order, scheme));
    xml::Writer out(kBytesOfOrder + order.transfers.size() * kBytesOfTransfer);
    out.open("Document", {{"xmlns", kPainNameSpace}});
    out.open("CstmrCdtTrfInitn");
    out.open("GrpHdr");
    out.leaf("MsgId", order.message_id);
    out.leaf("CreDtTm", date_time(order.created_ms));
    out.leaf("NbOfTxs", std::to_string(order.transfers.size()));
    out.leaf("CtrlSum", sum);
    out.open("InitgPty");
    out.leaf("Nm", bank_text(order.debtor.name));
    out.close();
    out.close();
    write_batch(out, order, scheme);
    out.close();
    out.close();
    return std::move(out).finish();
}

}  // namespace tally::gateway::payments
