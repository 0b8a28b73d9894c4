// tally payment export | import

#include <map>

#include "node/cli/command.h"
#include "node/cli/member_client.h"
#include "node/cli/output.h"
#include "node/cli/payables.h"
#include "storage/files.h"

namespace tally::node::cli {
namespace {

namespace json = boost::json;
namespace billing = chaincode::billing;
namespace payments = gateway::payments;
using billing::InvoiceState;
using chaincode::Date;

struct PaymentOptions {
    std::filesystem::path profile;
    std::string agreement;
    std::string day;
    std::string provider;
    std::string debtor;
    std::string execution;
    std::filesystem::path out;
    std::vector<std::filesystem::path> files;
    std::vector<std::filesystem::path> sealed;
    std::string again;
    bool dry_run = false;
    bool confirm = false;
};

PayablesOf wanted_of(const PaymentOptions& in, std::optional<Date> day) {
    return {in.agreement, day, in.provider.empty() ? std::nullopt : std::optional(in.provider)};
}

Result<std::optional<Date>> parsed_day(const std::string& text) {
    if (text.empty()) return std::nullopt;
    return TRY(Date::parse(text));
}

billing::OfPayable place_of(const ToPay& each) {
    billing::OfPayable of;
    of.agreement = each.payable.agreement;
    of.day = each.payable.from;
    of.provider = each.provider;
    return of;
}

template <class Arguments>
Arguments at(const ToPay& each) {
    Arguments out;
    static_cast<billing::OfPayable&>(out) = place_of(each);
    return out;
}

// What is ordered already is in no other order: a bank refuses a repeated message, not a payment in another one.
bool may_be_ordered(InvoiceState state) {
    switch (state) {
        case InvoiceState::NOTIFIED:
        case InvoiceState::AUTHORIZED:
        case InvoiceState::PAYMENT_REJECTED:
        case InvoiceState::PAYMENT_RETURNED:
        case InvoiceState::EXPIRED: return true;
        default: return false;
    }
}

Status initiate(MemberClient& member, const std::vector<ToPay>& payables, const std::string& message_id) {
    for (const auto& each : payables) {
        auto step = at<billing::Remarked>(each);
        step.remark = message_id;
        if (const auto done = act<billing::Payable>(member, "billing", "initiate", step); !done)
            return std::unexpected(done.error().within(fmt::format(
                "{} cannot be ordered, and no file is written; a DV's billing.reject frees what was ordered before it",
                each.name())));
    }
    return {};
}

Status export_order(const PaymentOptions& in) {
    auto member = TRY(MemberClient::open(in.profile));
    auto payables = TRY(find_payables(member, wanted_of(in, TRY(parsed_day(in.day)))));
    std::erase_if(payables, [&](const ToPay& each) {
        return in.again.empty() ? !may_be_ordered(each.payable.state) : each.ordered_by() != in.again;
    });
    if (payables.empty())
        return fail(Code::not_found, "nothing is to be paid under {}: an invoice must be NOTIFIED, a bill AUTHORIZED",
                    in.agreement);
    TRY(open_sealed(payables, in.sealed));
    const auto debtor = in.debtor.empty() ? member.organization() : in.debtor;
    const auto execution = TRY(parsed_day(in.execution)).value_or(payables.back().payable.due);
    const auto order = TRY(order_for(payables, member.profile().channel, debtor, execution));
    if (!in.again.empty() && order.message_id != in.again)
        return fail(Code::conflict,
                    "the order {} cannot be written again: some of its payments are confirmed, returned or refused "
                    "since; the bank would take another file for a new order",
                    in.again);
    const auto text = TRY(payments::write_pain001(order));
    const auto out = in.out.empty() ? std::filesystem::path(order.message_id + ".xml") : in.out;
    // First on the ledger: what is in a file that may be with the bank is in no further order.
    if (in.again.empty() && !in.dry_run) TRY(initiate(member, payables, order.message_id));
    TRY(storage::write_file(out, as_bytes(text)));
    if (style().json) {
        print_json(json::object{{"file", out.string()}, {"order", chaincode::to_json(order)}});
        return {};
    }
    std::vector<std::vector<std::string>> rows;
    for (const auto& each : order.transfers)
        rows.push_back({each.payee.name, each.payee.iban.value_or(""), each.amount.text(), each.currency,
                        each.creditor_reference.value_or(""), each.remittance});
    print_table({"payee", "account", "amount", "", "reference", "for"}, rows);
    say_done(fmt::format("{}: {} transfers, to be paid on {}", out.string(), order.transfers.size(), execution.text()));
    if (in.dry_run)
        say("  A dry run: nothing is ordered on the ledger. Do not give this file to a bank.");
    else
        say(fmt::format("  next:  give it to the bank; the same file again:  --again {}", order.message_id));
    return {};
}

// What statements say of one invoice or bill.
struct Outcome {
    const ToPay* of = nullptr;
    std::map<std::string, payments::TransferResult> by_payee;

    [[nodiscard]] std::vector<const payments::TransferResult*> returned() const {
        std::vector<const payments::TransferResult*> out;
        for (const auto& [payee, each] : by_payee) {
            if (each.state == payments::TransferState::RETURNED) out.push_back(&each);
        }
        return out;
    }
    // Every payee that is still to be paid has its booking.
    [[nodiscard]] bool is_paid_now() const {
        return std::ranges::all_of(by_payee, [&](const auto& each) {
            const auto& booking = each.second.booking;
            return of->is_paid(each.first) ||
                   (each.second.state == payments::TransferState::CONFIRMED && booking && booking->date);
        });
    }
};

std::string reason_of(const payments::TransferResult& result) {
    if (!result.returned) return "the bank has taken the booking back";
    return fmt::format("{} {}", result.returned->code, result.returned->text);
}

// What came back of what was paid, or was refused of what was ordered.
Result<std::string> attest_return(MemberClient& member, const Outcome& outcome,
                                  const std::vector<const payments::TransferResult*>& returned) {
    const auto& each = *outcome.of;
    const auto state = each.payable.state;
    auto step = at<billing::TakeBack>(each);
    step.reason = reason_of(*returned.front());
    for (const auto& [payee, result] : outcome.by_payee) {
        if (result.state == payments::TransferState::RETURNED && each.is_paid(payee)) step.payees.push_back(payee);
    }
    const bool paid =
        state == InvoiceState::PAYMENT_CONFIRMED || state == InvoiceState::RECEIVED || state == InvoiceState::FINAL;
    if (paid && !step.payees.empty()) {
        TRY(act<billing::Payable>(member, "billing", "take_back", step));
        return std::string("PAYMENT_RETURNED");
    }
    if (state != InvoiceState::PAYMENT_INITIATED) return std::string();
    TRY(act<billing::Payable>(member, "billing", "reject", static_cast<const billing::Because&>(step)));
    return std::string("PAYMENT_REJECTED");
}

// Of a sealed invoice the ledger learns which bookings have paid it, and not what they are.
Result<std::string> attest_sealed(MemberClient& member, const Outcome& outcome) {
    billing::AttestPaid step;
    step.agreement = outcome.of->payable.agreement;
    step.day = outcome.of->payable.from;
    for (const auto& [payee, result] : outcome.by_payee) {
        const auto& booking = *result.booking;
        step.statement = booking.statement;
        step.bookings.push_back(crypto::sha256(as_bytes(booking.account + '\n' + booking.reference)).hex());
    }
    TRY(act<billing::Payable>(member, "billing", "attest_paid", step));
    return std::string("PAYMENT_CONFIRMED");
}

// The step that follows from it on the ledger; what was done, for people.
Result<std::string> attest(MemberClient& member, const Outcome& outcome) {
    const auto& each = *outcome.of;
    const auto state = each.payable.state;
    if (const auto returned = outcome.returned(); !returned.empty()) return attest_return(member, outcome, returned);
    const bool open =
        state == InvoiceState::PAYMENT_INITIATED || state == InvoiceState::NOTIFIED || state == InvoiceState::EXPIRED;
    if (!open || !outcome.is_paid_now()) return std::string();
    if (each.sealed) return attest_sealed(member, outcome);
    auto step = at<billing::Confirm>(each);
    step.payment.currency = each.payable.currency;
    for (const auto& [payee, result] : outcome.by_payee) {
        if (each.is_paid(payee)) continue;
        const auto& booking = *result.booking;
        step.payment.bookings.push_back(
            {payee, booking.account, booking.reference, booking.amount, *booking.date, booking.statement});
    }
    TRY(act<billing::Payable>(member, "billing", "confirm", step));
    return std::string("PAYMENT_CONFIRMED");
}

void print_report(const payments::MatchReport& report) {
    std::vector<std::vector<std::string>> rows;
    for (const auto& item : report.items) {
        std::string findings;
        for (const auto& each : item.findings)
            findings +=
                fmt::format("{}{}: {}", findings.empty() ? "" : "; ", chaincode::enum_name(each.finding), each.what);
        rows.push_back({fmt::format("{}:{}", item.file, item.line), item.date ? item.date->text() : "",
                        fmt::format("{}{} {}", item.direction == payments::Direction::DEBIT ? "-" : "",
                                    item.amount.text(), item.currency),
                        std::string(chaincode::enum_name(item.level)), findings});
    }
    print_table({"entry", "date", "amount", "match", "findings"}, rows);
    for (const auto& statement : report.statements) {
        for (const auto& each : statement.findings)
            say(fmt::format("{} {}: {}", paint(Colour::yellow, "!"), chaincode::enum_name(each.finding), each.what));
    }
}

Status import_statements(const PaymentOptions& in) {
    auto member = TRY(MemberClient::open(in.profile));
    std::vector<payments::StatementFile> files;
    for (const auto& file : in.files)
        files.push_back(TRY(payments::read_statements(TRY(storage::read_file(file)), file.string())));
    auto payables = TRY(find_payables(member, wanted_of(in, TRY(parsed_day(in.day)))));
    TRY(open_sealed(payables, in.sealed));
    const auto debtor = in.debtor.empty() ? member.organization() : in.debtor;
    const auto transfers = TRY(expected_payments(payables, member.profile().channel, debtor));
    std::vector<payments::ExpectedPayment> expected;
    for (const auto& each : transfers) expected.push_back(each.expected);
    const auto report = TRY(payments::match(expected, files));
    std::map<std::size_t, Outcome> outcomes;
    for (std::size_t i = 0; i < transfers.size(); ++i) {  // the report has the transfers in their order
        auto& outcome = outcomes[transfers[i].payable];
        outcome.of = &payables[transfers[i].payable];
        outcome.by_payee.emplace(transfers[i].payee, report.transfers[i]);
    }
    json::array steps;
    std::vector<std::vector<std::string>> rows;
    for (const auto& [index, outcome] : outcomes) {
        const auto done = in.confirm ? TRY(attest(member, outcome)) : std::string();
        for (const auto& [payee, result] : outcome.by_payee)
            rows.push_back({outcome.of->name(), payee, std::string(chaincode::enum_name(result.state)),
                            result.booking ? result.booking->reference : "",
                            done.empty() ? std::string(chaincode::enum_name(outcome.of->payable.state)) : done});
        if (!done.empty()) steps.push_back({{"of", outcome.of->name()}, {"state", json::string(done)}});
    }
    if (style().json) {
        print_json(json::object{{"report", chaincode::to_json(report)}, {"steps", std::move(steps)}});
        return {};
    }
    print_report(report);
    print_table({"of", "payee", "bank", "booking", "ledger"}, rows);
    if (!in.confirm) say("  next:  attest it, as a DV:  the same command with --confirm");
    return {};
}

}  // namespace

void add_payment(CLI::App& app, Choice& choice) {
    auto* payment = app.add_subcommand("payment", "Pay invoices and bills, and take in what the bank says");
    payment->require_subcommand(1);
    const auto command = [&](const char* name, const char* about) {
        auto* added = payment->add_subcommand(name, about);
        auto options = std::make_shared<PaymentOptions>();
        add_profile_option(*added, options->profile);
        added->add_option("AGREEMENT", options->agreement, "Its id")->required();
        added->add_option("--day", options->day, "Only of the period with this day, 2026-03-29");
        added->add_option("--provider", options->provider, "Only the bill of this service provider");
        added->add_option("--sealed", options->sealed, "The file of a sealed invoice; may be repeated")
            ->check(CLI::ExistingFile);
        added->add_option("--debtor", options->debtor, "The organization that pays (default: your own)");
        return std::pair(added, options);
    };
    auto [exported, of_export] = command("export", "A payment order for the bank: ISO 20022 pain.001");
    exported->add_option("--out", of_export->out, "The file (default: named by its message id)");
    exported->add_option("--execution", of_export->execution, "The day of payment (default: when it is due)");
    exported->add_flag("--dry-run", of_export->dry_run, "Write the file; do not say on the ledger that it is ordered");
    exported->add_option("--again", of_export->again, "The same file again, by its message id");
    on_chosen(*exported, choice, of_export, export_order);
    auto [imported, of_import] = command("import", "Match a bank's statements: ISO 20022 camt.053, camt.054, camt.052");
    imported->add_option("FILE", of_import->files, "Statements")->required();
    imported->add_flag("--confirm", of_import->confirm, "As a DV, attest on the ledger what they show");
    on_chosen(*imported, choice, of_import, import_statements);
}

}  // namespace tally::node::cli
