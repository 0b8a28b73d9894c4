// tally agreement audit

#include "node/cli/audit_run.h"
#include "node/cli/command.h"
#include "node/cli/output.h"

namespace tally::node::cli {
namespace {

struct AuditRunOptions {
    std::filesystem::path profile;
    std::string agreement;
    std::string device;
    std::string from;
    std::string until;
    std::string id;
    std::filesystem::path evidence;
    bool readings = false;
};

// march.tally -> march.2.tally
std::filesystem::path numbered(const std::filesystem::path& file, std::size_t number) {
    auto name = file.stem();
    name += fmt::format(".{}", number);
    name += file.extension();
    return file.parent_path() / name;
}

Status audit_agreement(const AuditRunOptions& in) {
    auto member = TRY(MemberClient::open(in.profile));
    AuditRequest request;
    request.agreement = in.agreement;
    request.id = in.id;
    if (!in.device.empty()) request.device = in.device;
    request.from = TRY(chaincode::Date::parse(in.from));
    request.until = TRY(chaincode::Date::parse(in.until));
    request.readings = in.readings;
    const auto runs = TRY(runs_of(member, std::move(request)));
    const bool in_parts = runs.size() > 1;
    boost::json::array answers;
    std::vector<std::string> failed;
    for (std::size_t i = 0; i < runs.size(); ++i) {
        const auto file = in.evidence.empty() || !in_parts ? in.evidence : numbered(in.evidence, i + 1);
        const auto earlier = TRY(recorded_audit(member, runs[i]));
        const auto answer = earlier ? *earlier : TRY(run_audit(member, runs[i]));
        if (style().json)
            answers.push_back(chaincode::to_json(answer));
        else
            print_run(answer);
        const bool is_written = earlier && is_evidence_of(answer, file);
        if (!file.empty() && !is_written) TRY(write_evidence(member, answer, file));
        if (answer.run.verdict == chaincode::audit::Verdict::FAILED) failed.push_back(answer.run.id);
    }
    if (style().json) print_json(in_parts ? boost::json::value(answers) : answers.front());
    if (failed.empty()) return {};
    return fail(Code::bad_proof, "the audit {} of {} has found what does not hold", fmt::join(failed, ", "),
                in.agreement);
}

}  // namespace

void add_agreement_audit(CLI::App& agreement, Choice& choice) {
    auto* audited = agreement.add_subcommand("audit", "Check days, records and invoices again; record the verdict");
    audited->footer(
        "More than 5,000 device-days (1,000 with --readings) are audited in parts: runs RUN.1, RUN.2, ... with an "
        "evidence\n"
        "file of each and, with --json, an array of their answers. Called again with the same --run, "
        "the command goes on with the next part.\n"
        "A bill of all devices is authorized by naming all of them.");
    auto of_audit = std::make_shared<AuditRunOptions>();
    add_profile_option(*audited, of_audit->profile);
    audited->add_option("ID", of_audit->agreement, "Of the agreement")->required();
    audited->add_option("--from", of_audit->from, "The first day")->required();
    audited->add_option("--until", of_audit->until, "The end date, exclusive")->required();
    audited->add_option("--device", of_audit->device, "This device alone (default: all that are metered)");
    audited->add_option("--run", of_audit->id, "The id of the run (default: made from days and time)");
    audited->add_flag("--readings", of_audit->readings, "Check the devices' signatures and readings on the ledger too");
    audited->add_option("--evidence", of_audit->evidence, "Write everything that proves it into this file");
    on_chosen(*audited, choice, of_audit, audit_agreement);
}

}  // namespace tally::node::cli
