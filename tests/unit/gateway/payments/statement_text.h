#pragma once
// Texts of camt messages for tests, written by hand from ISO 20022's message definitions.

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace tally::gateway::payments::test {

inline constexpr std::string_view kPayer = "AT611904300234573201";
inline constexpr std::string_view kPayee = "DE89370400440532013000";
inline constexpr std::string_view kOther = "GB82WEST12345698765432";

// `message`: 052, 053 or 054.
inline std::string document(std::string_view message, std::string_view account, std::string_view inside,
                            std::string_view more = "", std::string_view version = "08") {
    const auto body = message == "053"   ? "BkToCstmrStmt"
                      : message == "054" ? "BkToCstmrDbtCdtNtfctn"
                                         : "BkToCstmrAcctRpt";
    const auto statement = message == "053" ? "Stmt" : message == "054" ? "Ntfctn" : "Rpt";
    return fmt::format(
        "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.{}.001.{}\"><{}><GrpHdr><MsgId>M-{}</MsgId>"
        "<CreDtTm>2026-04-03T06:00:00Z</CreDtTm></GrpHdr><{}><Id>S-{}</Id>{}<Acct><Id><IBAN>{}</IBAN></Id></Acct>"
        "{}</{}></{}></Document>",
        message, version, body, message, statement, message, more, account, inside, statement, body);
}

struct EntryText {
    std::string_view amount = "100.00";
    std::string_view currency = "EUR";
    std::string_view direction = "DBIT";
    std::string_view reference = "BANK-1";  // empty: none
    std::string_view status = "BOOK";
    std::string_view details = "";
    std::string_view reversal = "";
    std::string_view more = "";  // after the transaction code: charges
    std::string_view date = "2026-04-02";
};

inline std::string entry(const EntryText& in) {
    const auto reference =
        in.reference.empty() ? std::string() : fmt::format("<AcctSvcrRef>{}</AcctSvcrRef>", in.reference);
    const auto reversal = in.reversal.empty() ? std::string() : fmt::format("<RvslInd>{}</RvslInd>", in.reversal);
    const auto details = in.details.empty() ? std::string() : fmt::format("<NtryDtls>{}</NtryDtls>", in.details);
    return fmt::format(
        "\n<Ntry><Amt "
        "Ccy=\"{}\">{}</Amt><CdtDbtInd>{}</CdtDbtInd>{}<Sts><Cd>{}</Cd></Sts><BookgDt><Dt>{}</Dt></BookgDt>"
        "{}<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>ICDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd>{}{}</Ntry>",
        in.currency, in.amount, in.direction, reversal, in.status, in.date, reference, in.more, details);
}

struct DetailText {
    std::string_view end_to_end_id = "E2E-1";
    std::string_view amount = "";   // with its currency EUR; empty: none
    std::string_view amounts = "";  // AmtDtls
    std::string_view charges = "";
    std::string_view creditor = kPayee;  // empty: none
    std::string_view remittance = "";
    std::string_view returned = "";
    std::string_view more_references = "";
};

inline std::string detail(const DetailText& in) {
    const auto wrap = [](std::string_view format_begin, std::string_view text, std::string_view format_end) {
        return text.empty() ? std::string() : fmt::format("{}{}{}", format_begin, text, format_end);
    };
    return fmt::format(
        "<TxDtls><Refs>{}{}</Refs>{}{}{}{}{}{}</TxDtls>", wrap("<EndToEndId>", in.end_to_end_id, "</EndToEndId>"),
        in.more_references, wrap("<Amt Ccy=\"EUR\">", in.amount, "</Amt>"), in.amounts, in.charges,
        wrap("<RltdPties><CdtrAcct><Id><IBAN>", in.creditor, "</IBAN></Id></CdtrAcct></RltdPties>"),
        wrap("<RmtInf>", in.remittance, "</RmtInf>"), wrap("<RtrInf><Rsn><Cd>", in.returned, "</Cd></Rsn></RtrInf>"));
}

}  // namespace tally::gateway::payments::test
