#include "gateway/payments/camt_entry.h"

#include <algorithm>
#include <charconv>

namespace tally::gateway::payments {

using xml::Element;

namespace {

constexpr int kCodedStatus = 6;  // from this version on the status is a choice of Cd and Prtry

Result<std::string> text_at(const Element& element, std::string_view path) {
    return TRY(element.text_at(path)).value_or("");
}

Result<std::optional<Money>> money_at(const Element& element, std::string_view path) {
    const auto found = TRY(element.at(path));
    if (!found) return std::optional<Money>();
    return std::optional(TRY(read_money(*found)));
}

Result<bool> read_indicator(const Element& element, std::string_view name) {
    const auto found = TRY(element.child(name));
    if (!found) return false;
    const auto text = TRY(found->text());
    if (text == "true" || text == "1") return true;
    if (text == "false" || text == "0") return false;
    return found->refuse(fmt::format("\"{}\" is neither true nor false", text));
}

Result<EntryStatus> read_status(const Element& entry, int version) {
    const auto element = TRY(entry.needed("Sts"));
    // Banks write the older form into newer messages, and the other way round.
    const auto coded = TRY(element.text_at("Cd"));
    const auto proprietary = TRY(element.text_at("Prtry"));
    const auto word = coded ? *coded : proprietary ? std::string() : TRY(element.text());
    if (word == "BOOK") return EntryStatus::BOOK;
    if (word == "PDNG" || word == "FUTR") return EntryStatus::PDNG;
    if (word == "INFO") return EntryStatus::INFO;
    if (proprietary) return EntryStatus::OTHER;
    return element.refuse(fmt::format("\"{}\" is no status of camt.05x.001.{:02}: BOOK, PDNG, INFO{}", word, version,
                                      version >= kCodedStatus ? ", FUTR" : ""));
}

// The family of a bank's transaction code, or the bank's own code.
Result<std::string> read_bank_code(const Element& element) {
    const auto code = TRY(element.child("BkTxCd"));
    if (!code) return std::string();
    const auto domain = TRY(code->text_at("Domn/Cd"));
    if (!domain) return text_at(*code, "Prtry/Cd");
    return fmt::format("{}/{}/{}", *domain, TRY(text_at(*code, "Domn/Fmly/Cd")),
                       TRY(text_at(*code, "Domn/Fmly/SubFmlyCd")));
}

// Charges are one element with a total or records (from .04 on), or one element for each (.02). A record that is
// credited reduces them; the sum of what was taken back is never below 0.
Result<std::optional<Money>> read_charges(const Element& element) {
    std::optional<Money> sum;
    Decimal credited;
    const auto add = [&](const Element& record) -> Status {
        const auto amount = TRY(read_money(TRY(record.needed("Amt"))));
        const auto sign = TRY(record.child("CdtDbtInd"));
        if (sum && sum->currency != amount.currency) return record.refuse("charges in two currencies");
        if (!sum) sum = Money{Decimal(), amount.currency};
        if (sign && TRY(read_direction(*sign)) == Direction::CREDIT) {
            credited = TRY(credited.plus(amount.value));
        } else {
            sum->value = TRY(sum->value.plus(amount.value));
        }
        return {};
    };
    for (const auto& charges : element.children("Chrgs")) {
        const auto records = charges.children("Rcrd");
        const auto total = TRY(money_at(charges, "TtlChrgsAndTaxAmt"));
        if (TRY(charges.child("Amt"))) {
            TRY(add(charges));
        } else if (total) {
            if (sum) return charges.refuse("a second total of charges");
            sum = total;
        } else {
            for (const auto& record : records) TRY(add(record));
        }
    }
    if (sum) sum->value = std::max(TRY(sum->value.minus(credited)), Decimal());
    return sum;
}

Status read_references(const Element& element, Detail& out) {
    const auto references = TRY(element.child("Refs"));
    if (!references) return {};
    out.end_to_end_id = TRY(text_at(*references, "EndToEndId"));
    out.uetr = TRY(text_at(*references, "UETR"));
    out.instruction_id = TRY(text_at(*references, "InstrId"));
    out.transaction_id = TRY(text_at(*references, "TxId"));
    out.message_id = TRY(text_at(*references, "MsgId"));
    out.batch_id = TRY(text_at(*references, "PmtInfId"));
    out.bank_reference = TRY(text_at(*references, "AcctSvcrRef"));
    return {};
}

Status read_remittance(const Element& element, Detail& out) {
    const auto remittance = TRY(element.child("RmtInf"));
    if (!remittance) return {};
    for (const auto& text : remittance->children("Ustrd")) out.texts.push_back(TRY(text.text()));
    for (const auto& structured : remittance->children("Strd")) {
        if (auto reference = TRY(structured.text_at("CdtrRefInf/Ref"))) out.references.push_back(std::move(*reference));
        for (const auto& text : structured.children("AddtlRmtInf")) out.texts.push_back(TRY(text.text()));
    }
    return {};
}

Result<std::optional<ReturnInfo>> read_return(const Element& element) {
    const auto info = TRY(element.child("RtrInf"));
    if (!info) return std::optional<ReturnInfo>();
    ReturnInfo out;
    out.code = TRY(text_at(*info, "Rsn/Cd"));
    if (out.code.empty()) out.code = TRY(text_at(*info, "Rsn/Prtry"));
    for (const auto& more : info->children("AddtlInf")) {
        if (!out.text.empty()) out.text += ' ';
        out.text += TRY(more.text());
    }
    return std::optional(std::move(out));
}

Result<Detail> read_detail(const Element& element) {
    Detail out;
    out.line = element.line();
    TRY(read_references(element, out));
    out.amount = TRY(money_at(element, "Amt"));
    if (!out.amount) out.amount = TRY(money_at(element, "AmtDtls/TxAmt/Amt"));
    out.instructed = TRY(money_at(element, "AmtDtls/InstdAmt/Amt"));
    out.charges = TRY(read_charges(element));
    if (const auto direction = TRY(element.child("CdtDbtInd"))) out.direction = TRY(read_direction(*direction));
    out.debtor_iban = TRY(text_at(element, "RltdPties/DbtrAcct/Id/IBAN"));
    out.creditor_iban = TRY(text_at(element, "RltdPties/CdtrAcct/Id/IBAN"));
    out.bank_code = TRY(read_bank_code(element));
    out.returned = TRY(read_return(element));
    TRY(read_remittance(element, out));
    return out;
}

Result<std::optional<Batch>> read_batch(const Element& details) {
    const auto batch = TRY(details.child("Btch"));
    if (!batch) return std::optional<Batch>();
    Batch out;
    out.message_id = TRY(text_at(*batch, "MsgId"));
    out.batch_id = TRY(text_at(*batch, "PmtInfId"));
    if (const auto count = TRY(batch->child("NbOfTxs"))) out.count = TRY(read_count(*count));
    out.total = TRY(money_at(*batch, "TtlAmt"));
    return std::optional(std::move(out));
}

}  // namespace

Result<Money> read_money(const Element& element) {
    const auto value = read_amount(TRY(element.text()));
    if (!value) return element.refuse(value.error().message);
    auto currency = element.attribute("Ccy");
    if (currency.size() != 3 || !std::ranges::all_of(currency, [](char c) { return c >= 'A' && c <= 'Z'; }))
        return element.refuse(fmt::format("\"{}\" is no currency: Ccy is three capital letters", currency));
    return Money{*value, std::move(currency)};
}

Result<Direction> read_direction(const Element& element) {
    const auto text = TRY(element.text());
    if (text == "CRDT") return Direction::CREDIT;
    if (text == "DBIT") return Direction::DEBIT;
    return element.refuse(fmt::format("\"{}\" is neither CRDT nor DBIT", text));
}

Result<std::int64_t> read_count(const Element& element) {
    const auto text = TRY(element.text());
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < 0)
        return element.refuse(fmt::format("\"{}\" is no number of things", text));
    return value;
}

Result<std::optional<Date>> read_day(const Element& element, std::string_view child) {
    const auto found = TRY(element.child(child));
    if (!found) return std::optional<Date>();
    auto place = TRY(found->child("Dt"));
    const bool with_time = !place;
    if (with_time) place = TRY(found->child("DtTm"));
    if (!place) return found->refuse("neither Dt nor DtTm");
    const auto text = TRY(place->text());
    const bool has_time = text.size() >= 19 && text[10] == 'T';
    const auto date = read_date(with_time && has_time ? std::string_view(text).substr(0, 10) : std::string_view(text));
    if (!date || (with_time && !has_time))
        return place->refuse(date ? fmt::format("\"{}\" is no date with a time", text) : date.error().message);
    return std::optional(*date);
}

Result<Entry> read_entry(const Element& element, int version) {
    Entry out;
    out.line = element.line();
    out.reference = TRY(text_at(element, "NtryRef"));
    out.bank_reference = TRY(text_at(element, "AcctSvcrRef"));
    out.amount = TRY(read_money(TRY(element.needed("Amt"))));
    out.direction = TRY(read_direction(TRY(element.needed("CdtDbtInd"))));
    out.reversal = TRY(read_indicator(element, "RvslInd"));
    out.status = TRY(read_status(element, version));
    out.booked = TRY(read_day(element, "BookgDt"));
    out.bank_code = TRY(read_bank_code(element));
    out.charges = TRY(read_charges(element));
    out.text = TRY(text_at(element, "AddtlNtryInf"));
    for (const auto& details : element.children("NtryDtls")) {
        if (auto batch = TRY(read_batch(details))) out.batches.push_back(std::move(*batch));
        for (const auto& detail : details.children("TxDtls")) out.details.push_back(TRY(read_detail(detail)));
    }
    return out;
}

}  // namespace tally::gateway::payments
