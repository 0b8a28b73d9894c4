#include "bench/cluster/bench_audit.h"

#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "bench/cluster/bench_fleet.h"
#include "chaincode/json/strict_json.h"
#include "chaincode/proposal.h"
#include "gateway/http/target.h"
#include "node/channel/evidence_file.h"
#include "node/channel/membership.h"
#include "node/cli/audit_run.h"
#include "node/settling/settle.h"
#include "node/threads/stopwatch.h"
#include "storage/files.h"

namespace tally::node::cli {

namespace json = boost::json;

namespace {

constexpr double kGoalAnswerMs = 150;        // every reading, at the node
constexpr double kGoalAuditMs = 150;         // the run that checks them, at the node
constexpr double kGoalVerifyMs = 100;        // the evidence file, offline
constexpr std::size_t kGoalBytes = 1 << 20;  // of the evidence file
constexpr std::size_t kRecordsOfPage = 31;   // records of one page
constexpr std::chrono::minutes kAuditPatience{10};
constexpr std::size_t kLargestPage = 1 << 30;  // bytes

// One thing that is measured several times.
struct Timed {
    std::vector<double> ms;
    std::vector<double> servers_ms;  // of CPU, of all servers
    std::vector<double> client_ms;   // of CPU, of this program
    std::size_t bytes = 0;           // of the answer, or of the file
    std::optional<double> goal_ms = {};
};

double median(std::vector<double> values) {
    std::ranges::sort(values);
    return values.empty() ? 0 : values[values.size() / 2];
}

double own_cpu_ms() {
    timespec used{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return static_cast<double>(used.tv_sec) * 1e3 + static_cast<double>(used.tv_nsec) / 1e6;
}

// What the audit is of, and what was found.
struct Found {
    std::int64_t records = 0;
    std::int64_t readings = 0;  // samples of all fields
    Timed summary, raw, audit, recorded, gather, verify;
    EvidenceFacts facts;
};

class AuditMeasurement {
  public:
    AuditMeasurement(Ground& ground, const AuditBench& options, const std::atomic<bool>& interrupted, FleetPlan plan)
        : ground_(ground), options_(options), interrupted_(interrupted), plan_(std::move(plan)) {}

    Result<Found> run() {
        const auto devices = TRY(register_fleet(ground_, plan_));
        device_ = devices.front().id;
        TRY(agree_on(ground_, plan_));
        TRY(publish_days(ground_, plan_, devices, 1, interrupted_));
        auto member = TRY(ground_.cluster().connect(*ground_.nodes().front(), "client1", kAuditPatience));
        TRY(settle_due(member, plan_.name, SettleWhat{.until = plan_.until}));
        TRY(ground_.settle());
        found_.records = static_cast<std::int64_t>(plan_.days());
        TRY(query_raw(member));  // counts the readings
        for (std::size_t i = 0; i < options_.times && !interrupted_; ++i) {
            TRY(timed(found_.summary, [&] { return query_summary(member); }));
            TRY(timed(found_.raw, [&] { return query_raw(member); }));
        }
        TRY(measure_audit(member));
        if (interrupted_) return fail(Code::unavailable, "interrupted");
        found_.raw.goal_ms = kGoalAnswerMs;
        found_.audit.goal_ms = kGoalAuditMs;
        found_.verify.goal_ms = kGoalVerifyMs;
        return std::move(found_);
    }

  private:
    template <class Work>
    Status timed(Timed& out, Work&& work) {
        const auto servers = TRY(servers_cpu(ground_));
        const auto client = own_cpu_ms();
        const Stopwatch watch;
        out.bytes = TRY(work());
        out.ms.push_back(watch.seconds() * 1e3);
        out.client_ms.push_back(own_cpu_ms() - client);
        out.servers_ms.push_back((TRY(servers_cpu(ground_)) - servers) * 1e3);
        return {};
    }

    [[nodiscard]] std::string range() const {
        const auto seconds = [](chaincode::Date day) { return chaincode::beginning_of(day, {"UTC", 0, {}}); };
        return fmt::format("?from={}&to={}", seconds(plan_.from), seconds(plan_.until));
    }

    Result<std::size_t> query_summary(MemberClient& member) const {
        const auto answer = TRY(member.get_bytes("/v1/devices/" + device_ + "/days" + range() + "&limit=1000"));
        return answer.size();
    }

    // The pages' bytes; the first call counts the readings on them.
    Result<std::size_t> query_raw(MemberClient& member) {
        const bool first = found_.readings == 0;
        std::size_t bytes = 0;
        std::string cursor;
        do {
            const auto answer = TRY(member.get_bytes(
                fmt::format("/v1/devices/{}/series{}&limit={}{}", device_, range(), kRecordsOfPage, cursor)));
            bytes += answer.size();
            if (first) TRY(count_readings(answer));
            cursor = next_of(as_text(answer));
        } while (!cursor.empty());
        return bytes;
    }

    // Of a page, whose last member it is; reading the whole page would be the client's work.
    static std::string next_of(std::string_view page) {
        constexpr std::string_view kNext = R"("next":")";
        const auto at = page.rfind(kNext);
        if (at == std::string_view::npos || page.size() - at > 200) return {};
        const auto value = page.substr(at + kNext.size());
        return "&cursor=" + gateway::percent_encode(value.substr(0, value.find('"')));
    }

    Status count_readings(const Bytes& answer) {
        const auto page =
            TRY(chaincode::parse_json(as_text(answer), "a page of readings", {.max_bytes = kLargestPage}));
        for (const auto& field : page.at("fields").as_array())
            found_.readings += static_cast<std::int64_t>(field.at("samples").as_array().size());
        return {};
    }

    Status measure_audit(MemberClient& member) {
        AuditRequest request;
        request.agreement = plan_.name;
        request.device = device_;
        request.from = plan_.from;
        request.until = plan_.until;
        request.id = "bench";
        request.readings = true;
        const auto attachment = TRY(readings_of(member, request));
        const auto arguments =
            chaincode::json_text(chaincode::to_json(static_cast<const chaincode::audit::RunAudit&>(request)));
        const auto& identity = member.identity();
        for (std::size_t i = 0; i < options_.times && !interrupted_; ++i) {
            const auto proposal = chaincode::sign_proposal(
                identity.key, identity.chain,
                {member.profile().channel, "audit", "run", arguments, {attachment}, {}, now_ms()});
            TRY(timed(found_.audit, [&]() -> Result<std::size_t> {
                TRY(member.post("/v1/queries", proposal, "application/cose"));
                return proposal.size();
            }));
        }
        std::optional<chaincode::audit::RunAnswer> answer;
        TRY(timed(found_.recorded, [&]() -> Result<std::size_t> {
            answer = TRY(run_audit(member, request));
            return attachment.size();
        }));
        if (answer->run.verdict != chaincode::audit::Verdict::PASSED)
            return fail(Code::corrupt, "the audit's verdict is {}", chaincode::enum_name(answer->run.verdict));
        TRY(ground_.settle());
        const auto file = std::filesystem::temp_directory_path() / fmt::format("tally-bench-{}.evidence", ::getpid());
        const auto written = timed(found_.gather, [&]() -> Result<std::size_t> {
            const bool quiet = std::exchange(style().quiet, true);  // the file is removed again
            const auto done = write_evidence(member, *answer, file);
            style().quiet = quiet;
            TRY(done);
            return static_cast<std::size_t>(std::filesystem::file_size(file));
        });
        const auto bytes = written ? storage::read_file(file) : Result<std::string>(std::unexpected(written.error()));
        std::error_code none;
        std::filesystem::remove(file, none);
        return verify(to_bytes(TRY(bytes)));
    }

    // As a program does that has just begun: nothing is remembered from before.
    Status verify(const Bytes& file) {
        for (std::size_t i = 0; i < options_.times && !interrupted_; ++i) {
            TRY(timed(found_.verify, [&]() -> Result<std::size_t> {
                Checks checks;
                found_.facts =
                    TRY(verify_evidence_file(file, {TRY(Membership::from(ground_.cluster().channel()))}, checks));
                return file.size();
            }));
        }
        if (found_.facts.records == found_.records && found_.facts.readings == found_.records) return {};
        return fail(Code::corrupt, "the evidence file proves {} records, {} with readings, not {}",
                    found_.facts.records, found_.facts.readings, found_.records);
    }

    Ground& ground_;
    const AuditBench& options_;
    const std::atomic<bool>& interrupted_;
    FleetPlan plan_;
    std::string device_;
    Found found_;
};

std::vector<std::tuple<const char*, const char*, const Timed*>> rows_of(const Found& found) {
    return {{"summary", "data.days over HTTPS", &found.summary},
            {"raw", "data.series over HTTPS, every reading", &found.raw},
            {"audit", "audit.run with readings, evaluated by one node", &found.audit},
            {"recorded", "audit.run: fetch records, endorse, order, commit", &found.recorded},
            {"gather", "make the evidence file", &found.gather},
            {"verify", "verify the evidence file offline", &found.verify}};
}

void print(const Found& found, const AuditBench& options) {
    say(paint(Colour::bold, fmt::format("{} days of one device", options.days)) +
        fmt::format("  ({} rows of {} fields each: {} readings; medians of {})", options.rows, options.fields,
                    found.readings, options.times));
    std::vector<std::vector<std::string>> rows;
    for (const auto& [name, about, timed] : rows_of(found)) {
        rows.push_back({name, fmt::format("{:.1f}", median(timed->ms)),
                        timed->goal_ms ? fmt::format("{:.0f}", *timed->goal_ms) : "",
                        fmt::format("{:.1f}", median(timed->servers_ms)),
                        fmt::format("{:.1f}", median(timed->client_ms)), std::to_string(timed->bytes), about});
    }
    print_table({"step", "ms", "goal", "CPU ms of servers", "of the client", "bytes", "what it is"}, rows);
    print_facts({{"evidence file", fmt::format("{} bytes (goal: less than {})", found.gather.bytes, kGoalBytes)},
                 {"proven", fmt::format("{} records, {} with every reading, {} invoices", found.facts.records,
                                        found.facts.readings, found.facts.invoices)}});
}

json::object json_of(const Found& found) {
    json::object out{{"work", "audit"},
                     {"records", found.records},
                     {"readings", found.readings},
                     {"proven_records", found.facts.records},
                     {"proven_readings", found.facts.readings},
                     {"invoices", found.facts.invoices},
                     {"evidence_bytes", found.gather.bytes},
                     {"goal_evidence_bytes", kGoalBytes}};
    for (const auto& [name, about, timed] : rows_of(found)) {
        json::object row{{"ms", median(timed->ms)},
                         {"servers_cpu_ms", median(timed->servers_ms)},
                         {"client_cpu_ms", median(timed->client_ms)},
                         {"bytes", timed->bytes}};
        if (timed->goal_ms) row.emplace("goal_ms", *timed->goal_ms);
        out.emplace(name, std::move(row));
    }
    return out;
}

}  // namespace

Status bench_audit(const AuditBench& options, const std::atomic<bool>& interrupted) {
    constexpr std::size_t kSecondsOfDay = 86'400;
    if (kSecondsOfDay % options.rows != 0)
        return fail(Code::invalid_argument, "a day of 86400 seconds has no {} equal intervals", options.rows);
    auto ground = TRY(Ground::prepare(options.ground));
    const auto start = TRY(ground.settle()).height;
    FleetPlan plan{.name = fmt::format("bench-{:x}", now_ms()),
                   .devices = 1,
                   .fields = options.fields,
                   .interval_s = static_cast<std::int64_t>(kSecondsOfDay / options.rows),
                   .from = {},
                   .until = chaincode::date_at(now_ms() / 1000, {"UTC", 0, {}})};
    plan.from = plan.until.plus_days(-static_cast<std::int64_t>(options.days));
    const auto found = TRY(AuditMeasurement(ground, options, interrupted, std::move(plan)).run());
    TRY(ground.holdings_since(start));
    if (style().json)
        print_json(json_of(found));
    else
        print(found, options);
    return {};
}

}  // namespace tally::node::cli
