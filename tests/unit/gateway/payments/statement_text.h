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
    std::string_view direction = "";  // empty: none
};

inline std::string detail(const DetailText& in) {
    const auto wrap = [](std::string_view format_begin, std::string_view text, std::string_view format_end) {
        return text.empty() ? std::string() : fmt::format("{}{}{}", format_begin, text, format_end);
    };
    return fmt::format(
        "<TxDtls><Refs>{}{}</Refs>{}{}{}{}{}{}{}</TxDtls>", wrap("<EndToEndId>", in.end_to_end_id, "</EndToEndId>"),
        in.more_references, wrap("<Amt Ccy=\"EUR\">", in.amount, "</Amt>"),
        wrap("<CdtDbtInd>", in.direction, "</CdtDbtInd>"), in.amounts, in.charges,
        wrap("<RltdPties><CdtrAcct><Id><IBAN>", in.creditor, "</IBAN></Id></CdtrAcct></RltdPties>"),
        wrap("<RmtInf>", in.remittance, "</RmtInf>"), wrap("<RtrInf><Rsn><Cd>", in.returned, "</Cd></Rsn></RtrInf>"));
}

// A statement as banks write it in the version .08, with everything that is read.
inline constexpr std::string_view kWhole = R"(<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>
<GrpHdr><MsgId>M1</MsgId><CreDtTm>2026-04-03T06:00:00+02:00</CreDtTm></GrpHdr>
<Stmt><Id>S1</Id><ElctrncSeqNb>17</ElctrncSeqNb><CpyDplctInd>DUPL</CpyDplctInd>
<Acct><Id><IBAN>AT611904300234573201</IBAN></Id><Ccy>EUR</Ccy></Acct>
<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">500.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-04-01</Dt></Dt></Bal>
<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">397.50</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-04-02</Dt></Dt></Bal>
<Ntry><NtryRef>1</NtryRef><Amt Ccy="EUR">102.50</Amt><CdtDbtInd>DBIT</CdtDbtInd><RvslInd>false</RvslInd><Sts><Cd>BOOK</Cd></Sts>
<BookgDt><DtTm>2026-04-02T10:11:12.5+02:00</DtTm></BookgDt><AcctSvcrRef>BANK-1</AcctSvcrRef>
<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>ICDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd>
<Chrgs><Rcrd><Amt Ccy="EUR">3.00</Amt><CdtDbtInd>DBIT</CdtDbtInd></Rcrd><Rcrd><Amt Ccy="EUR">0.50</Amt><CdtDbtInd>CRDT</CdtDbtInd></Rcrd></Chrgs>
<NtryDtls><Btch><MsgId>MSG-1</MsgId><PmtInfId>PMT-1</PmtInfId><NbOfTxs>1</NbOfTxs><TtlAmt Ccy="EUR">100.00</TtlAmt></Btch>
<TxDtls><Refs><MsgId>MSG-1</MsgId><AcctSvcrRef>BANK-1-1</AcctSvcrRef><PmtInfId>PMT-1</PmtInfId><InstrId>I1</InstrId><EndToEndId>E2E-1</EndToEndId><UETR>5f80f76e-b5b3-4aaa-8653-c4c0462ee71d</UETR><TxId>T1</TxId></Refs>
<Amt Ccy="EUR">100.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><AmtDtls><InstdAmt><Amt Ccy="USD">110.00</Amt></InstdAmt></AmtDtls>
<RltdPties><DbtrAcct><Id><IBAN>AT611904300234573201</IBAN></Id></DbtrAcct><CdtrAcct><Id><IBAN>DE89370400440532013000</IBAN></Id></CdtrAcct></RltdPties>
<RmtInf><Ustrd>for March</Ustrd><Ustrd>and more</Ustrd><Strd><CdtrRefInf><Ref>RF18539007547034</Ref></CdtrRefInf></Strd></RmtInf>
<RtrInf><Rsn><Cd>AC04</Cd></Rsn><AddtlInf>account</AddtlInf><AddtlInf>closed</AddtlInf></RtrInf></TxDtls></NtryDtls>
<AddtlNtryInf>Transfer</AddtlNtryInf></Ntry></Stmt></BkToCstmrStmt></Document>
)";

}  // namespace tally::gateway::payments::test
