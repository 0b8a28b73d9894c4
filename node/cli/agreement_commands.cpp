// tally agreement new | check | deploy | amend | sign | show | list | settle; audit is in audit_run_command.cpp

#include <fstream>

#include "chaincode/contracts/agreement/answers.h"
#include "chaincode/contracts/registry/answers.h"
#include "chaincode/json/strict_json.h"
#include "node/cli/answer_table.h"
#include "node/cli/command.h"
#include "node/cli/csv_profiles.h"
#include "node/cli/invoice_preview.h"
#include "node/cli/invoice_table.h"
#include "node/cli/member_client.h"
#include "node/cli/next_step.h"

#include "node/cli/terms_file.h"
#include "node/settling/settle.h"

#include "storage/files.h"

namespace tally::node::cli {
namespace {

namespace json = boost::json;
using namespace chaincode::agreement;

struct TemplateOptions {
    std::filesystem::path file;
    TermsTemplate values;
};

struct FileOptions {
    std::filesystem::path profile;
    std::string id;
    std::filesystem::path file;
    std::filesystem::path csv;
    std::string csv_profile;
    bool dry_run = false;
    std::string of;
};

struct OneOptions {
    std::filesystem::path profile;
    std::string id;
    std::int64_t version = 0;  // 0: the newest
    bool other_zone = false;
};

struct SettleOptions {
    std::filesystem::path profile;
    std::string id;
    std::string until;
    bool no_invoice = false;
};

Status make_new(const TemplateOptions& in) {
    if (std::filesystem::exists(in.file)) return fail(Code::already_exists, "{}: it is there", in.file.string());
    auto values = in.values;
    if (values.from.empty()) {
        const auto today = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
        values.from = chaincode::Date::of(today).first_of_month().plus_months(1).text();
    }
    TRY(storage::write_file(in.file, as_bytes(terms_template(values))));
    if (style().json) {
        print_json(json::object{{"file", in.file.string()}});
        return {};
    }
    say_done(fmt::format("Terms in {}", in.file.string()));
    say(fmt::format("  next:  edit it, then  tally agreement check {}", shell_word(in.file.string())));
    return {};
}

// All problems of the terms; a node is asked, as it knows the channel's members.
Result<std::vector<Problem>> problems_at(MemberClient& member, const Terms& terms) {
    const auto answer = TRY(member.query("agreement", "check", json::object{{"terms", chaincode::to_json(terms)}}));
    return TRY(chaincode::from_json<Problems>(answer)).problems;
}

Status check(const FileOptions& in) {
    const auto terms = TRY(read_terms_file(in.file));
    auto member = TRY(MemberClient::open(in.profile));
    const auto problems = TRY(problems_at(member, terms));
    std::optional<InvoicePreview> invoice;
    if (!in.csv.empty() && problems.empty()) {
        auto profile =
            in.csv_profile.empty() ? gateway::device_sdk::CsvProfile() : TRY(find_csv_profile(in.csv_profile));
        invoice = TRY(invoice_of_csv(terms, in.csv, std::move(profile)));
    }
    if (!in.of.empty() && problems.empty()) invoice = TRY(invoice_of_last_period(member, terms, in.of));
    if (style().json) {
        json::object out{{"hash", hash_of(terms).hex()}, {"problems", chaincode::to_json(problems)}};
        if (invoice) out.emplace("invoice", chaincode::to_json(*invoice));
        print_json(out);
    } else {
        std::vector<std::vector<std::string>> rows;
        for (const auto& problem : problems) rows.push_back({problem.where, problem.what});
        if (!rows.empty()) print_table({"where", "what is wrong"}, rows);
        if (invoice) print_preview(*invoice);
    }
    if (!problems.empty())
        return fail(Code::bad_configuration, "{}: {} problem{}", in.file.string(), problems.size(),
                    problems.size() == 1 ? "" : "s");
    if (!style().json) say_done(fmt::format("The terms hold; their hash is {}", hash_of(terms).hex()));
    return {};
}

void print_version(const Version& version) {
    if (style().json) return print_json(chaincode::to_json(version));
    const auto& terms = version.terms;
    std::vector<std::pair<std::string, std::string>> facts{
        {"agreement", version.id},
        {"version", fmt::format("{}, {}", version.version, chaincode::enum_name(version.state))},
        {"title", terms.title},
        {"hash", version.hash},
        {"days", fmt::format("from {}{} in {}", terms.from.text(),
                             terms.until ? " until before " + terms.until->text() : "", terms.zone.name)},
        {"currency", fmt::format("{}, each {}", terms.currency, chaincode::enum_name(terms.period))}};
    print_facts(facts);
    std::vector<std::vector<std::string>> rows;
    for (const auto& signer : version.signers) {
        const auto signature = std::ranges::find(version.signatures, signer, &PartySignature::organization);
        rows.push_back({signer, signature == version.signatures.end() ? "not yet" : "by " + signature->name});
    }
    print_table({"party", "has signed"}, rows);
    rows.clear();
    for (const auto& line : terms.tariff) {
        std::string prices;
        for (const auto& tier : line.prices)
            prices += fmt::format("{}{}{}", prices.empty() ? "" : ", ", tier.price.text(),
                                  line.prices.size() > 1 ? " from " + tier.from.text() : "");
        rows.push_back({line.name, std::string(chaincode::enum_name(line.kind)), prices,
                        line.base ? line.base->text() : "1", line.tax.percent.text() + " %"});
    }
    print_table({"line", "kind", "price", "for", "tax"}, rows);
}

Status send_terms(const FileOptions& in, std::string_view function) {
    if (in.dry_run) return check(in);
    const auto terms = TRY(read_terms_file(in.file));
    auto member = TRY(MemberClient::open(in.profile));
    const json::object arguments{{"id", in.id}, {"terms", chaincode::to_json(terms)}};
    const auto outcome = TRY(member.transact("agreement", function, chaincode::json_text(arguments)));
    const auto version = TRY(chaincode::from_json<Version>(outcome.at("result")));
    print_version(version);
    if (style().json) return {};
    say_done(fmt::format("Version {} of {} is proposed", version.version, version.id));
    say(fmt::format("  next:  each other party:  tally agreement sign {} --version {}", shell_word(version.id),
                    version.version));
    return {};
}

Result<Version> version_of(MemberClient& member, const OneOptions& in) {
    auto number = in.version;
    if (number == 0) {
        const auto agreement = TRY(member.query("agreement", "get", json::object{{"id", in.id}}));
        number = TRY(chaincode::from_json<Agreement>(agreement)).versions;
    }
    const auto answer = TRY(member.query("agreement", "get_version", json::object{{"id", in.id}, {"version", number}}));
    return chaincode::from_json<Version>(answer);
}

// Who signs has its own word on how long days are.
Status check_zone_here(const Terms& terms) {
    const auto here = TRY(local_zone(terms));
    const auto from = chaincode::beginning_of(terms.from, terms.zone);
    const auto later = [&](const chaincode::Zone& zone) {
        std::vector<chaincode::ZoneShift> out;
        std::ranges::copy_if(zone.shifts, std::back_inserter(out),
                             [&](const chaincode::ZoneShift& shift) { return shift.at_s > from; });
        return out;
    };
    if (chaincode::offset_at(from, here) == chaincode::offset_at(from, terms.zone) && later(here) == later(terms.zone))
        return {};
    return fail(Code::bad_configuration,
                "the shifts of {} in the terms are not those of this machine's time zone database; "
                "--other-zone signs them all the same",
                terms.zone.name);
}

Status sign_agreement(const OneOptions& in) {
    auto member = TRY(MemberClient::open(in.profile));
    const auto version = TRY(version_of(member, in));
    if (hash_of(version.terms).hex() != version.hash)
        return fail(Code::bad_configuration, "the node's terms have another hash than it says; nothing is signed");
    if (!in.other_zone) TRY(check_zone_here(version.terms));
    const json::object arguments{{"id", in.id}, {"version", version.version}, {"hash", version.hash}};
    const auto outcome = TRY(member.transact("agreement", "sign", chaincode::json_text(arguments)));
    const auto now = TRY(chaincode::from_json<Version>(outcome.at("result")));
    print_version(now);
    if (style().json) return {};
    const auto missing = now.signers.size() - now.signatures.size();
    say_done(missing == 0
                 ? fmt::format("Version {} of {} is in force from {} on", now.version, now.id, now.terms.from.text())
                 : fmt::format("Signed; {} of {} parties have not", missing, now.signers.size()));
    return {};
}

Status show_agreement(const OneOptions& in) {
    auto member = TRY(MemberClient::open(in.profile));
    print_version(TRY(version_of(member, in)));
    return {};
}

Status list_agreements(const std::filesystem::path& profile) {
    auto member = TRY(MemberClient::open(profile));
    ListAgreements wanted;
    std::vector<Agreement> all;
    TRY(ask_all<AgreementPage>(member, "agreement", "list", wanted,
                               [&](auto& page) { std::ranges::move(page.agreements, std::back_inserter(all)); }));
    if (style().json) {
        print_json(chaincode::to_json(all));
        return {};
    }
    std::vector<std::vector<std::string>> rows;
    for (const auto& each : all) {
        rows.push_back({each.id, std::string(chaincode::enum_name(each.state)), std::to_string(each.versions),
                        each.billed_until ? each.billed_until->text() : "",
                        fmt::format("{}", fmt::join(each.parties, ", "))});
    }
    print_table({"agreement", "state", "versions", "billed until before", "parties"}, rows);
    return {};
}

Status settle(const SettleOptions& in) {
    auto member = TRY(MemberClient::open(in.profile));
    std::optional<chaincode::Date> until;
    if (!in.until.empty()) until = TRY(chaincode::Date::parse(in.until));
    SettleWhat what;
    what.until = until;
    what.with_invoices = !in.no_invoice;
    std::optional<Progress> bar;
    what.progress = [&bar](std::uint64_t done, std::uint64_t all) {
        if (!bar) bar.emplace("settling", all);
        bar->at(done);
    };
    const auto done = TRY(settle_due(member, in.id, what));
    bar.reset();
    if (style().json) {
        print_json(chaincode::to_json(done));
        return {};
    }
    print_facts({{"days", fmt::format("{} are FINAL now", done.finalized)},
                 {"figures that differ", std::to_string(done.mismatches)},
                 {"revisions", std::to_string(done.revised)}});
    for (const auto& invoice : done.invoices) print_invoice_line(invoice);
    for (const auto& each : done.problems) warn(each);
    if (!done.waits_for.empty()) say("  " + done.waits_for);
    return {};
}

}  // namespace

void add_agreement(CLI::App& app, Choice& choice) {
    auto* agreement = app.add_subcommand("agreement", "What parties have agreed to: devices, terms and prices");
    agreement->require_subcommand(1);

    auto* make = agreement->add_subcommand("new", "Write a commented file of terms");
    auto of_new = std::make_shared<TemplateOptions>();
    make->add_option("FILE", of_new->file, "TOML, to be made")->required();
    make->add_option("--operator", of_new->values.operator_organization, "Runs the devices")->capture_default_str();
    make->add_option("--consumer", of_new->values.consumer, "Uses what is metered, and is billed")
        ->capture_default_str();
    make->add_option("--verifier", of_new->values.verifier, "Verifies data, and attests payments")
        ->capture_default_str();
    make->add_option("--provider", of_new->values.providers, "A service provider; any number");
    make->add_option("--shard", of_new->values.shard, "The operator's group of devices")->capture_default_str();
    make->add_option("--field", of_new->values.field, "Of the devices' schema, that is billed")->capture_default_str();
    make->add_option("--unit", of_new->values.unit, "Of the field")->capture_default_str();
    make->add_option("--zone", of_new->values.zone, "In which days are counted")->capture_default_str();
    make->add_option("--currency", of_new->values.currency, "ISO 4217")->capture_default_str();
    make->add_option("--from", of_new->values.from, "The first day (default: the next month's)");
    on_chosen(*make, choice, of_new, make_new);

    const auto with_file = [&](const char* name, const char* about, bool has_id) {
        auto* command = agreement->add_subcommand(name, about);
        auto options = std::make_shared<FileOptions>();
        add_profile_option(*command, options->profile);
        if (has_id) command->add_option("ID", options->id, "Of the agreement")->required();
        command->add_option("FILE", options->file, "The terms")->required();
        auto* csv = command->add_option("--csv", options->csv, "Bill this meter's file under the terms");
        command
            ->add_option("--csv-profile", options->csv_profile,
                         "How the file is written: a shipped profile (tally device csv-profiles) or a TOML file")
            ->needs(csv);
        return std::pair(command, options);
    };
    auto [checked, of_check] = with_file("check", "Every problem of terms at once, and what they would bill", false);
    checked->add_option("--of", of_check->of, "Bill the last period of this agreement under the terms")
        ->excludes("--csv");
    on_chosen(*checked, choice, of_check, check);
    auto [deployed, of_deploy] = with_file("deploy", "Propose an agreement to its parties, and sign it", true);
    deployed->add_flag("--dry-run", of_deploy->dry_run, "Check alone; nothing is proposed");
    on_chosen(*deployed, choice, of_deploy, [](const FileOptions& in) { return send_terms(in, "propose"); });
    auto [amended, of_amend] = with_file("amend", "Propose other terms from a later day on, and sign them", true);
    amended->add_flag("--dry-run", of_amend->dry_run, "Check alone; nothing is proposed");
    on_chosen(*amended, choice, of_amend, [](const FileOptions& in) { return send_terms(in, "amend"); });

    const auto with_id = [&](const char* name, const char* about) {
        auto* command = agreement->add_subcommand(name, about);
        auto options = std::make_shared<OneOptions>();
        add_profile_option(*command, options->profile);
        command->add_option("ID", options->id, "Of the agreement")->required();
        command->add_option("--version", options->version, "From 1 on (default: the newest)")
            ->check(CLI::PositiveNumber);
        return std::pair(command, options);
    };
    auto [signing, of_sign] = with_id("sign", "Sign a version; the last signature puts it into force");
    signing->add_flag("--other-zone", of_sign->other_zone,
                      "Sign although this machine's time zone database differs from the terms");
    on_chosen(*signing, choice, of_sign, sign_agreement);
    auto [shown, of_show] = with_id("show", "A version's terms, and who has signed them");
    on_chosen(*shown, choice, of_show, show_agreement);

    auto* listed = agreement->add_subcommand("list", "The agreements of your organization");
    auto of_list = std::make_shared<std::filesystem::path>();
    add_profile_option(*listed, *of_list);
    on_chosen(*listed, choice, of_list, list_agreements);

    auto* settled = agreement->add_subcommand("settle", "Do what is due: days become FINAL, invoices are computed");
    auto of_settle = std::make_shared<SettleOptions>();
    add_profile_option(*settled, of_settle->profile);
    settled->add_option("ID", of_settle->id, "Of the agreement")->required();
    settled->add_option("--until", of_settle->until, "Only days before this one");
    settled->add_flag("--no-invoice", of_settle->no_invoice, "Compute no invoice");
    on_chosen(*settled, choice, of_settle, settle);

    add_agreement_audit(*agreement, choice);
    add_agreement_credential(*agreement, choice);
}

}  // namespace tally::node::cli
