#include "gateway/payments/camt.h"

#include <algorithm>

#include "crypto/hash.h"
#include "gateway/payments/camt_entry.h"

namespace tally::gateway::payments {
namespace {

using xml::Element;

constexpr std::string_view kCamtNameSpaces = "urn:iso:std:iso:20022:tech:xsd:camt.0";
constexpr int kOldestVersion = 2;
constexpr int kNewestVersion = 8;

struct Message {
    MessageKind kind = MessageKind::STATEMENT;
    int version = 0;
    std::string_view body;       // the document's only element
    std::string_view statement;  // of which there are one or several
};

Result<Message> message_of(const Element& document) {
    const auto space = document.name_space();
    if (document.name() != "Document" || !space.starts_with(kCamtNameSpaces))
        return document.refuse(
            "a Document of ISO 20022 camt.052, camt.053 or camt.054 is expected, and its namespace names the version");
    // 53.001.08
    const auto name = space.substr(kCamtNameSpaces.size());
    Message out;
    if (name.starts_with("52.001.")) {
        out = {MessageKind::REPORT, 0, "BkToCstmrAcctRpt", "Rpt"};
    } else if (name.starts_with("53.001.")) {
        out = {MessageKind::STATEMENT, 0, "BkToCstmrStmt", "Stmt"};
    } else if (name.starts_with("54.001.")) {
        out = {MessageKind::NOTIFICATION, 0, "BkToCstmrDbtCdtNtfctn", "Ntfctn"};
    }
    const auto version = name.substr(std::min<std::size_t>(7, name.size()));
    if (version.size() == 2 && version[0] == '0' && version[1] >= '0' && version[1] <= '9')
        out.version = version[1] - '0';
    if (out.body.empty() || out.version < kOldestVersion || out.version > kNewestVersion)
        return fail(Code::unsupported, "{}: {} is not read; camt.052, 053 and 054 in the versions 001.02 to 001.08 are",
                    document.where(), space.substr(space.rfind(':') + 1));
    return out;
}

Result<std::string> account_of(const Element& statement) {
    const auto account = TRY(statement.needed("Acct"));
    if (auto iban = TRY(account.text_at("Id/IBAN"))) return *iban;
    if (auto other = TRY(account.text_at("Id/Othr/Id"))) return *other;
    return account.refuse("the account has neither an IBAN nor another number");
}

Result<std::optional<std::int64_t>> sequence_of(const Element& statement) {
    for (const auto name : {"ElctrncSeqNb", "LglSeqNb"}) {
        const auto element = TRY(statement.child(name));
        if (!element) continue;
        return std::optional(TRY(read_count(*element)));
    }
    return std::optional<std::int64_t>();
}

Result<Balance> read_balance(const Element& element) {
    Balance out;
    const auto type = TRY(element.needed("Tp"));
    out.code = TRY(type.text_at("CdOrPrtry/Cd")).value_or("");
    out.amount = TRY(read_money(TRY(element.needed("Amt"))));
    out.direction = TRY(read_direction(TRY(element.needed("CdtDbtInd"))));
    out.date = TRY(read_day(element, "Dt"));
    return out;
}

// The opening balance may be the last statement's closing one (PRCD).
Status read_balances(const Element& element, Statement& out) {
    std::optional<Balance> previous;
    for (const auto& child : element.children("Bal")) {
        auto balance = TRY(read_balance(child));
        auto* place = balance.code == "OPBD"   ? &out.opening
                      : balance.code == "CLBD" ? &out.closing
                      : balance.code == "PRCD" ? &previous
                                               : nullptr;
        if (place == nullptr) continue;
        if (*place) return child.refuse(fmt::format("a second balance {}", balance.code));
        *place = std::move(balance);
    }
    if (!out.opening) out.opening = std::move(previous);
    return {};
}

Result<Statement> read_statement(const Element& element, const Message& message) {
    Statement out;
    out.kind = message.kind;
    out.version = message.version;
    out.line = element.line();
    out.id = TRY(element.text_at("Id")).value_or("");
    out.account = TRY(account_of(element));
    out.currency = TRY(element.text_at("Acct/Ccy")).value_or("");
    out.created = TRY(element.text_at("CreDtTm")).value_or("");
    out.sequence = TRY(sequence_of(element));
    const auto copy = TRY(element.text_at("CpyDplctInd")).value_or("");
    out.duplicate = copy == "DUPL" || copy == "CODU";
    TRY(read_balances(element, out));
    for (const auto& entry : element.children("Ntry")) out.entries.push_back(TRY(read_entry(entry, message.version)));
    return out;
}

Status read_document(const Element& document, StatementFile& out) {
    const auto message = TRY(message_of(document));
    if (document.children().size() != 1) return document.refuse("a Document has exactly one message");
    const auto body = TRY(document.needed(message.body));
    const auto header = TRY(body.needed("GrpHdr"));
    const auto id = TRY(header.text_at("MsgId")).value_or("");
    const auto created = TRY(header.text_at("CreDtTm")).value_or("");
    const auto statements = body.children(message.statement);
    if (statements.empty()) return body.refuse(fmt::format("there is no {}", message.statement));
    for (const auto& element : statements) {
        auto statement = TRY(read_statement(element, message));
        statement.message_id = id;
        if (statement.created.empty()) statement.created = created;
        out.statements.push_back(std::move(statement));
    }
    return {};
}

}  // namespace

Result<StatementFile> read_statements(std::string text, std::string name) {
    StatementFile out;
    out.sha256 = crypto::sha256(as_bytes(text)).hex();
    const auto file = xml::File::read(std::move(text));
    if (!file) return std::unexpected(file.error().within(name));
    for (const auto& root : file->roots()) {
        const auto read = read_document(root, out);
        if (!read) return std::unexpected(read.error().within(name));
    }
    out.name = std::move(name);
    return out;
}

}  // namespace tally::gateway::payments
