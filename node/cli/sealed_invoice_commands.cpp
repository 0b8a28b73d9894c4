// tally invoice open | seal | agree: invoices of figures that are commitments.

#include "chaincode/contracts/billing/refusals.h"
#include "node/channel/sealed_invoice.h"
#include "node/cli/command.h"
#include "node/cli/invoice_table.h"
#include "node/cli/member_client.h"
#include "node/cli/output.h"
#include "node/settling/prepare.h"
#include "storage/files.h"

namespace tally::node::cli {
namespace {

namespace json = boost::json;
namespace billing = chaincode::billing;
using chaincode::Date;

struct SealedOptions {
    std::filesystem::path profile;
    std::string agreement;
    std::string day;
    std::filesystem::path file;
};

billing::OfPeriod period_of(const SealedOptions& in, Date day) {
    billing::OfPeriod of;
    of.agreement = in.agreement;
    of.day = day;
    return of;
}

billing::Commitment commitment_of(const SealedInvoice& sealed) {
    billing::Commitment out;
    out.agreement = sealed.invoice.agreement;
    out.day = sealed.invoice.from;
    out.commitment = sealed.commitment().hex();
    return out;
}

void print_opened(const billing::OpenedInvoice& invoice) {
    std::vector<billing::Line> lines;
    for (const auto& item : invoice.items) lines.insert(lines.end(), item.lines.begin(), item.lines.end());
    print_lines(lines, invoice.currency);
    print_totals(invoice.totals, invoice.currency);
}

Status open_invoice(const SealedOptions& in) {
    const auto day = TRY(Date::parse(in.day));
    auto member = TRY(MemberClient::open(in.profile));
    const auto invoice = TRY(ask<billing::OpenedInvoice>(member, "billing", "open_invoice", period_of(in, day)));
    if (style().json)
        print_json(chaincode::to_json(invoice));
    else
        print_opened(invoice);
    return {};
}

// The days of many devices, before the invoice.
Status count_ahead(MemberClient& member, const billing::OpenedInvoice& invoice) {
    std::vector<std::string> devices;
    for (const auto& item : invoice.items) {
        if (item.item != billing::kNoDevice && item.item != billing::kCorrections) devices.push_back(item.item);
    }
    if (devices.size() <= billing::kMostUnprepared) return {};
    billing::Prepare wanted;
    wanted.agreement = invoice.agreement;
    wanted.day = invoice.from;
    Progress progress("devices", devices.size());
    std::size_t done = 0;
    return prepare_devices(member, "prepare_seal", wanted, devices,
                           chaincode::days_between(invoice.from, invoice.until),
                           [&](std::size_t more) { progress.at(done += more); });
}

Status seal(const SealedOptions& in) {
    const auto day = TRY(Date::parse(in.day));
    if (std::filesystem::exists(in.file))
        return fail(Code::already_exists, "{} exists already; it may be what an invoice was sealed with",
                    in.file.string());
    auto member = TRY(MemberClient::open(in.profile));
    const auto invoice = TRY(ask<billing::OpenedInvoice>(member, "billing", "open_invoice", period_of(in, day)));
    TRY(count_ahead(member, invoice));
    auto sealed = seal_invoice(invoice);
    // First the file: without its salt nobody could ever open what the ledger has.
    TRY(storage::write_file(in.file, as_bytes(write_sealed_invoice(sealed)), 0600));
    const auto outcome =
        member.transact("billing", "seal", chaincode::json_text(chaincode::to_json(commitment_of(sealed))));
    if (!outcome) {
        std::error_code ignored;
        if (outcome.error().code.kind() != Kind::unavailable) std::filesystem::remove(in.file, ignored);
        return std::unexpected(outcome.error());
    }
    const std::string id(outcome->at("id").as_string());
    sealed.receipt = TRY(member.receipt(id));
    TRY(storage::write_file(in.file, as_bytes(write_sealed_invoice(sealed)), 0600));
    if (style().json) {
        print_json(json::object{{"file", in.file.string()},
                                {"transaction", id},
                                {"commitment", sealed.commitment().hex()},
                                {"invoice", chaincode::to_json(invoice)}});
        return {};
    }
    print_opened(invoice);
    say_done(fmt::format("{}: invoice {} of {} from {} on, sealed", in.file.string(), invoice.number, invoice.agreement,
                         invoice.from.text()));
    say(fmt::format("  next:  give the file to the other parties; each computes it again:  tally invoice agree {}",
                    in.file.string()));
    return {};
}

// The first text that differs, by its place.
std::string first_difference(const json::value& ours, const json::value& theirs, const std::string& place) {
    if (ours == theirs) return {};
    if (ours.is_object() && theirs.is_object()) {
        for (const auto& [name, value] : ours.as_object()) {
            const auto* other = theirs.as_object().if_contains(name);
            const auto at = place.empty() ? std::string(name) : fmt::format("{}.{}", place, std::string_view(name));
            if (other == nullptr) return fmt::format("{} is not in it", at);
            if (auto found = first_difference(value, *other, at); !found.empty()) return found;
        }
    }
    if (ours.is_array() && theirs.is_array()) {
        const auto& a = ours.as_array();
        const auto& b = theirs.as_array();
        for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
            if (auto found = first_difference(a[i], b[i], fmt::format("{}[{}]", place, i)); !found.empty())
                return found;
        }
        return fmt::format("{} has {} entries, and {} here", place, b.size(), a.size());
    }
    return fmt::format("{} is {}, and {} here", place, chaincode::json_text(theirs), chaincode::json_text(ours));
}

Status agree(const SealedOptions& in) {
    const auto text = TRY(storage::read_file(in.file));
    const auto sealed = read_sealed_invoice(text);
    if (!sealed) return std::unexpected(sealed.error().within(in.file.string()));
    auto member = TRY(MemberClient::open(in.profile));
    billing::OfPeriod of;
    of.agreement = sealed->invoice.agreement;
    of.day = sealed->invoice.from;
    const auto ours = TRY(ask<billing::OpenedInvoice>(member, "billing", "open_invoice", of));
    const auto our_json = chaincode::to_json(ours);
    if (const auto different = first_difference(our_json, chaincode::to_json(sealed->invoice), ""); !different.empty())
        return fail(billing::refusals::wrong_commitment, "{}: the readings give another invoice: {}", in.file.string(),
                    different);
    if (chaincode::json_text(our_json) != sealed->text)
        return fail(billing::refusals::wrong_commitment, "{}: the invoice is not written as its text must be",
                    in.file.string());
    const auto agreed = TRY(act<billing::Invoice>(member, "billing", "agree", commitment_of(*sealed)));
    if (style().json) {
        print_json(chaincode::to_json(agreed));
        return {};
    }
    print_opened(ours);
    say_done(fmt::format("{} agrees; so have {}", member.organization(), fmt::join(agreed.sealed->agreed_by, ", ")));
    return {};
}

}  // namespace

void add_sealed_invoices(CLI::App& invoice, Choice& choice) {
    const auto of_period = [&](const char* name, const char* about) {
        auto* added = invoice.add_subcommand(name, about);
        auto options = std::make_shared<SealedOptions>();
        add_profile_option(*added, options->profile);
        added->add_option("AGREEMENT", options->agreement, "Its id")->required();
        added->add_option("DAY", options->day, "Any day of its period, 2026-03-29")->required();
        return std::pair(added, options);
    };
    auto [opened, of_open] =
        of_period("open", "Compute the invoice of figures that are commitments, at a node of a keeper of the readings");
    on_chosen(*opened, choice, of_open, open_invoice);
    auto [sealing, of_seal] =
        of_period("seal", "As the OPERATOR, compute it and store the commitment to it; the parties get the file");
    sealing->add_option("--out", of_seal->file, "The file: it shows the figures to whom you give it")->required();
    on_chosen(*sealing, choice, of_seal, seal);
    auto* agreeing =
        invoice.add_subcommand("agree", "As a party, compute a sealed invoice again, and agree to its commitment");
    auto of_agree = std::make_shared<SealedOptions>();
    add_profile_option(*agreeing, of_agree->profile);
    agreeing->add_option("FILE", of_agree->file, "From the OPERATOR")->required()->check(CLI::ExistingFile);
    on_chosen(*agreeing, choice, of_agree, agree);
}

}  // namespace tally::node::cli
