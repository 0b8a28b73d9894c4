#include "node/cli/device_csv.h"

#include "node/channel/ledger_json.h"
#include "node/cli/command.h"
#include "node/cli/csv_profiles.h"
#include "node/cli/device_source.h"
#include "storage/files.h"

namespace tally::node::cli {

namespace json = boost::json;
namespace sdk = gateway::device_sdk;

namespace {

constexpr std::size_t kShownGaps = 10;

struct CsvCheckOptions {
    std::filesystem::path file;
    CsvChoices choices;
};

// An integer v of a field means v * 10^scale: "12.5" for 125 at -1.
std::string decimal_text(std::int64_t value, std::int64_t scale) {
    auto digits = std::to_string(value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value));
    if (scale > 0 && value != 0) digits.append(static_cast<std::size_t>(scale), '0');
    if (scale < 0) {
        const auto decimals = static_cast<std::size_t>(-scale);
        if (digits.size() <= decimals) digits.insert(0, decimals + 1 - digits.size(), '0');
        digits.insert(digits.size() - decimals, ".");
    }
    return (value < 0 ? "-" : "") + digits;
}

std::string time_text(std::int64_t time_s) { return iso_time(time_s * 1000); }

json::object json_of(const sdk::CsvCheck& check) {
    const auto& findings = check.findings;
    json::array decisions, doubts, problems;
    for (const auto& [subject, decision, reason] : findings.decisions())
        decisions.push_back(json::object{{"subject", subject}, {"decision", decision}, {"reason", reason}});
    for (const auto& [line, text] : findings.doubts()) doubts.push_back(json::object{{"line", line}, {"doubt", text}});
    for (const auto& problem : findings.problems())
        problems.push_back(json::object{{"code", problem.code.name()}, {"detail", problem.message}});
    json::object out{{"readable", findings.problem_count() == 0},
                     {"decisions", std::move(decisions)},
                     {"problems", std::move(problems)},
                     {"problem_count", findings.problem_count()},
                     {"doubts", std::move(doubts)},
                     {"doubt_count", findings.doubt_count()}};
    if (!check.csv) return out;
    const auto& [measurements, report] = *check.csv;
    json::array fields, gaps;
    for (const auto& [name, unit, scale] : measurements.fields)
        fields.push_back(json::object{{"name", name}, {"unit", unit}, {"scale", scale}});
    for (const auto& gap : report.gaps) {
        if (gaps.size() == sdk::CsvFindings::kMaxListed) break;
        gaps.push_back(json::object{{"after", time_text(gap.after_s)}, {"before", time_text(gap.before_s)}});
    }
    out["fields"] = std::move(fields);
    out["report"] = report_json({measurements, report, {}});
    out["gaps"] = std::move(gaps);
    if (measurements.rows() != 0) {
        out["first"] = time_text(measurements.times_s.front());
        out["last"] = time_text(measurements.times_s.back());
    }
    return out;
}

void say_measurements(const sdk::MeterCsv& csv) {
    const auto& [measurements, report] = csv;
    if (measurements.rows() == 0) return;
    std::vector<std::vector<std::string>> rows;
    for (std::size_t k = 0; k < measurements.fields.size(); ++k) {
        const auto& field = measurements.fields[k];
        const auto shown = [&](std::size_t row) {
            const auto value = measurements.row(row)[k];
            return value ? decimal_text(*value, field.scale) : std::string("none");
        };
        rows.push_back({field.name, field.unit, std::to_string(field.scale), shown(0), shown(measurements.rows() - 1),
                        std::to_string(report.missing[k])});
    }
    print_table({"field", "unit", "scale", "first", "last", "missing"}, rows);
    say(fmt::format("  {} to {}", time_text(measurements.times_s.front()), time_text(measurements.times_s.back())));
    say_report({measurements, report, {}});
    for (std::size_t i = 0; i < report.gaps.size() && i < kShownGaps; ++i)
        say(fmt::format("  gap: nothing between {} and {}", time_text(report.gaps[i].after_s),
                        time_text(report.gaps[i].before_s)));
    if (report.gaps.size() > kShownGaps) say(fmt::format("  and {} gaps more", report.gaps.size() - kShownGaps));
}

void say_check(const sdk::CsvCheck& check) {
    const auto& findings = check.findings;
    std::vector<std::vector<std::string>> rows;
    for (const auto& [subject, decision, reason] : findings.decisions()) rows.push_back({subject, decision, reason});
    if (!rows.empty()) print_table({"what", "found", "because"}, rows);
    if (check.csv) say_measurements(*check.csv);
    for (const auto& [line, text] : findings.doubts())
        say(fmt::format("  {} {}{}", paint(Colour::yellow, "doubt"), line == 0 ? "" : fmt::format("line {}: ", line),
                        text));
    if (findings.doubt_count() > findings.doubts().size())
        say(fmt::format("  and {} doubts more", findings.doubt_count() - findings.doubts().size()));
    for (const auto& problem : findings.problems())
        say(fmt::format("  {} {} [{}]", paint(Colour::red, "refused"), problem.message, problem.code.name()));
    if (findings.problem_count() > findings.problems().size())
        say(fmt::format("  and {} refusals more", findings.problem_count() - findings.problems().size()));
    if (findings.problem_count() == 0) say_done("the file can be read");
}

Result<Exit> run_check(const CsvCheckOptions& options) {
    const auto profile = TRY(profile_of(options.choices));
    const auto bytes = TRY(storage::read_file(options.file, profile.max_bytes));
    const auto check = sdk::check_meter_csv(bytes, profile);
    if (style().json)
        print_json(json_of(check));
    else
        say_check(check);
    return check.findings.problem_count() == 0 ? Exit::ok : Exit::failed;
}

struct ProfilesOptions {
    std::string name;
};

Status list_profiles(const ProfilesOptions& options) {
    json::array list;
    std::vector<std::vector<std::string>> rows;
    for (const auto& [name, text] : shipped_profiles()) {
        if (!options.name.empty() && options.name != name) continue;
        const auto profile = TRY(parse_csv_profile(text, std::string(name)));
        list.push_back(json::object{{"name", name}, {"description", profile.description}, {"toml", text}});
        rows.push_back({std::string(name), profile.description});
    }
    if (list.empty()) return fail(Code::not_found, "no CSV profile \"{}\" is shipped", options.name);
    if (style().json)
        print_json(list);
    else if (!options.name.empty())
        say(list.front().at("toml").as_string());
    else
        print_table({"profile", "for"}, rows);
    return {};
}

}  // namespace

void add_device_csv_check(CLI::App& device, Choice& choice) {
    auto* command = device.add_subcommand(
        "csv-check", "Show how a CSV file would be read, and everything in it that would be refused (exit code 1)");
    auto options = std::make_shared<CsvCheckOptions>();
    command->add_option("file", options->file, "The file")->required();
    add_csv_choices(*command, options->choices);
    command->callback([&choice, options] { choice.run = [options] { return run_check(*options); }; });
}

void add_device_csv_profiles(CLI::App& device, Choice& choice) {
    auto* command = device.add_subcommand("csv-profiles", "List the CSV profiles that are shipped, or print one");
    auto options = std::make_shared<ProfilesOptions>();
    command->add_option("name", options->name, "Print this one, to start a profile of your own from");
    on_chosen(*command, choice, options, list_profiles);
}

}  // namespace tally::node::cli
