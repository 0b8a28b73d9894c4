#include "chaincode/contracts/audit/run.h"

#include <algorithm>
#include <map>

#include "chaincode/contracts/agreement/api.h"
#include "chaincode/contracts/audit/refusals.h"
#include "chaincode/contracts/billing/api.h"
#include "chaincode/contracts/billing/pricing.h"
#include "chaincode/contracts/data/api.h"
#include "chaincode/contracts/document.h"

namespace tally::chaincode::audit {
namespace {

constexpr std::size_t kMaxFindings = 100;

std::string run_key(const std::string& agreement, const std::string& id) {
    return composite_key({"run", agreement, id});
}

void add_checks(std::vector<CheckCount>& to, const std::vector<CheckCount>& more) {
    for (const auto& each : more) {
        auto found = std::ranges::find(to, each.check, &CheckCount::check);
        if (found == to.end()) found = to.insert(to.end(), {each.check, 0, 0});
        found->made += each.made;
        found->failed += each.failed;
    }
}

void add_findings(std::vector<Finding>& to, const std::vector<Finding>& more) {
    for (const auto& each : more) {
        if (to.size() < kMaxFindings) to.push_back(each);
    }
}

// The devices that are metered on one of the days, and the days on which they are.
struct Span {
    Date from;
    Date until;
};

class Auditor {
  public:
    Auditor(Stub& stub, const RunAudit& in) : stub_(stub), in_(in) { static_cast<RunAudit&>(answer_.run) = in; }

    Result<RunAnswer> run() {
        if (days_between(in_.from, in_.until) > kMostDays)
            return fail(Code::too_large, "{} days; one run takes {}", days_between(in_.from, in_.until), kMostDays);
        TRY(examine_invoices());
        const auto all_days = static_cast<std::int64_t>(devices_.size()) * days_between(in_.from, in_.until);
        if (all_days > kMostDays)
            return fail(Code::too_large,
                        "{} devices and {} days; one run takes {} days of devices: audit them in parts (after, "
                        "through)",
                        devices_.size(), days_between(in_.from, in_.until), kMostDays);
        for (const auto& [device, span] : devices_) TRY(examine_device(device, span));
        judge();
        return std::move(answer_);
    }

  private:
    // Of each billing period that the days lie in: its devices, and its invoice, or the items of a part of them.
    Status examine_invoices() {
        const auto terms = TRY(agreement::api::terms_on(stub_, {in_.agreement, in_.from}));
        for (auto day = in_.from; day < in_.until;) {
            const auto calendar = billing::period_of(terms.terms.period, day);
            const auto examined =
                TRY(billing::api::examine(stub_, {{in_.agreement, day}, in_.device, in_.after, in_.through}));
            add_checks(answer_.run.checks, examined.checks);
            add_findings(answer_.run.findings, examined.findings);
            if (examined.items) answer_.run.invoices.push_back({std::max(calendar.from, day), *examined.items});
            for (const auto& device : examined.devices) {
                const Span span{std::max(device.from, day), std::min(device.until, in_.until)};
                if (span.from >= span.until) continue;
                auto& known = devices_.try_emplace(device.device, span).first->second;
                known.until = span.until;
            }
            day = calendar.until;
        }
        return {};
    }

    Status examine_device(const std::string& device, const Span& span) {
        auto examined = TRY(data::api::examine(stub_, {in_.agreement, device, span.from, span.until}));
        auto& run = answer_.run;
        add_checks(run.checks, examined.checks);
        add_findings(run.findings, examined.findings);
        for (auto& day : examined.days) {
            ++run.days;
            if (day.content_id) ++run.records;
            if (!day.content_id && day.readings.value_or(0) == 0) ++run.missing;
            if (day.state != data::DayState::FINAL) ++run.open;
            answer_.list.push_back(std::move(day));
        }
        return {};
    }

    void judge() {
        auto& run = answer_.run;
        const bool failed = std::ranges::any_of(run.checks, [](const auto& each) { return each.failed > 0; });
        run.verdict = failed            ? Verdict::FAILED
                      : run.days == 0   ? Verdict::EMPTY
                      : run.open > 0    ? Verdict::OPEN
                      : run.missing > 0 ? Verdict::GAPS
                                        : Verdict::PASSED;
        run.devices = static_cast<std::int64_t>(devices_.size());
        run.days_sha256 = crypto::sha256(to_bytes(json_text(to_json(answer_.list)))).hex();
        run.by = stub_.caller().organization;
        run.name = stub_.caller().name;
        run.transaction = stub_.transaction_id().hex();
        run.time_ms = stub_.time_ms();
    }

    Stub& stub_;
    const RunAudit& in_;
    std::map<std::string, Span> devices_;
    RunAnswer answer_;
};

}  // namespace

std::vector<RunAudit> parts_of(const RunAudit& whole, std::span<const std::string> devices, std::int64_t most_days) {
    const auto days = std::max<std::int64_t>(1, days_between(whole.from, whole.until));
    const auto at_once = static_cast<std::size_t>(std::max<std::int64_t>(1, most_days / days));
    if (whole.device || devices.size() <= at_once) return {whole};
    std::vector<RunAudit> parts;
    for (std::size_t first = 0; first < devices.size(); first += at_once) {
        auto& part = parts.emplace_back(whole);
        part.id = fmt::format("{}.{}", whole.id, parts.size());
        if (first > 0) part.after = devices[first - 1];
        if (first + at_once < devices.size()) part.through = devices[first + at_once - 1];
    }
    return parts;
}

std::string devices_text(const RunAudit& run) {
    if (run.device) return *run.device;
    if (!run.after && !run.through) return "all devices";
    if (!run.after) return "devices up to " + *run.through;
    if (!run.through) return "devices after " + *run.after;
    return fmt::format("devices after {} up to {}", *run.after, *run.through);
}

bool leave_no_device_out(std::vector<const RunAudit*> runs) {
    std::erase_if(runs, [](const auto* run) { return run->device.has_value(); });
    std::ranges::sort(runs, {}, [](const auto* run) { return run->after.value_or(""); });
    std::string reached;
    for (const auto* run : runs) {
        if (run->after.value_or("") > reached) return false;
        if (!run->through) return true;
        reached = std::max(reached, *run->through);
    }
    return false;
}

Result<RunAnswer> run(Stub& stub, const RunAudit& in) {
    TRY(agreement::api::get(stub, {in.agreement}));
    if (in.until <= in.from)
        return fail(Code::invalid_argument, "the days from {} until before {} are none", in.from.text(),
                    in.until.text());
    if (in.device && (in.after || in.through))
        return fail(Code::invalid_argument, "\"device\" goes neither with \"after\" nor with \"through\"");
    if (in.after && in.through && *in.through <= *in.after)
        return fail(Code::invalid_argument, "\"through\", {}, must come after \"after\", {}", *in.through, *in.after);
    const auto terms = TRY(agreement::api::terms_on(stub, {in.agreement, in.from}));
    if (const auto today = date_at(stub.time_ms() / 1000, terms.terms.zone); in.until > today.plus_days(1))
        return fail(Code::invalid_argument, "the days until before {} have not come; today is {}", in.until.text(),
                    today.text());
    const auto key = run_key(in.agreement, in.id);
    if (TRY(stub.get(key))) return fail(Code::already_exists, "{} has an audit run {}", in.agreement, in.id);
    auto answer = TRY(Auditor(stub, in).run());
    TRY(put_document(stub, key, answer.run));
    emit(stub, "audit_recorded", AuditEvent{in.agreement, in.id, answer.run.verdict, answer.run.by});
    return answer;
}

Result<Run> get(Stub& stub, const OneRun& in) {
    TRY(agreement::api::get(stub, {in.agreement}));
    auto run = TRY(get_document<Run>(stub, run_key(in.agreement, in.id), "an audit run"));
    if (run) return std::move(*run);
    return fail(refusals::no_run, "{} has no audit run {}", in.agreement, in.id);
}

Result<RunPage> list(Stub& stub, const ListRuns& in) {
    TRY(agreement::api::get(stub, {in.agreement}));
    RunPage page;
    page.next = TRY(Pager({"run", in.agreement}).read(stub, in, [&](const KeyValue& entry) -> Result<bool> {
        page.runs.push_back(TRY(read_document<Run>(entry.value, "an audit run")));
        return true;
    }));
    return page;
}

}  // namespace tally::chaincode::audit
