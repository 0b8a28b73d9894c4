#include "node/cli/device_ocmf.h"

#include <algorithm>
#include <map>

#include "chaincode/json/reflect.h"
#include "chaincode/records/ocmf_check.h"
#include "node/channel/ledger_json.h"
#include "node/cli/command.h"

namespace tally::node::cli {
namespace {

namespace json = boost::json;
using chaincode::OcmfRecord;
using chaincode::OcmfResult;
using chaincode::OcmfVerdict;

struct OcmfCheckOptions {
    std::vector<std::filesystem::path> files;
    std::string key;  // a file, or the key itself
};

// A record of a file, with what was found. `text` holds what the record borrows, so a Checked stays where it is.
struct Checked {
    std::string place;  // file, and where in it
    std::string text;
    OcmfRecord record;
    std::vector<OcmfVerdict> verdicts;
    std::vector<chaincode::OcmfSession> sessions;
    bool billable =
        true;  // the sessions: every check but identity allows it, in this record and in that of the beginning
};

bool allows_billing(const Checked& checked) {
    return std::ranges::all_of(checked.verdicts, [](const OcmfVerdict& verdict) {
        return verdict.check == "identity" || verdict.result == OcmfResult::PASSED ||
               verdict.result == OcmfResult::NOTED;
    });
}

// The record before in each meter's counters, and the one whose transaction has not ended.
struct Before {
    std::map<char, const Checked*> pages;
    const Checked* open = nullptr;
};

class OcmfExamination {
  public:
    explicit OcmfExamination(std::string key) : key_(std::move(key)) {}

    void examine(gateway::ocmf::Entry entry) {
        auto checked = std::make_unique<Checked>();
        checked->place = std::move(entry.place);
        checked->text = std::move(entry.record);
        auto record = chaincode::read_ocmf(checked->text);
        if (record) {
            checked->record = std::move(*record);
            judge(*checked, key_.empty() ? entry.public_key : key_);
        } else {
            checked->verdicts.push_back({"format", OcmfResult::FAILED, record.error().message});
        }
        all_.push_back(std::move(checked));
    }

    [[nodiscard]] const std::vector<std::unique_ptr<Checked>>& all() const { return all_; }

  private:
    void judge(Checked& checked, const std::string& key) {
        const auto& record = checked.record;
        checked.verdicts.push_back(chaincode::judge_signature(record, key));
        for (auto& verdict : chaincode::judge_content(record)) checked.verdicts.push_back(std::move(verdict));
        auto& before = before_[record.meter()];
        if (record.pagination) place_after(checked, before.pages[record.pagination->context]);
        checked.sessions = chaincode::sessions_of(record.readings);
        checked.billable = allows_billing(checked);
        if (checked.sessions.empty() && before.open != nullptr) {
            checked.sessions = chaincode::sessions_between(before.open->record, record);
            checked.billable = checked.billable && before.open->billable;
        }
        for (const auto& session : checked.sessions)
            checked.billable = checked.billable && session.quantity >= chaincode::Decimal();
        const bool begins = std::ranges::any_of(record.readings, chaincode::begins_transaction);
        before.open = begins && checked.sessions.empty() ? &checked : nullptr;
    }

    static void place_after(Checked& checked, const Checked*& before) {
        if (before != nullptr && before->record.content_id != checked.record.content_id) {
            const auto at = std::ranges::find(checked.verdicts, "pagination", &OcmfVerdict::check);
            *at = chaincode::judge_succession(*checked.record.pagination, before->record.pagination);
        }
        before = &checked;
    }

    std::string key_;
    std::vector<std::unique_ptr<Checked>> all_;
    std::map<std::string, Before> before_;  // by meter
};

bool is_proven(const Checked& checked) {
    const auto result = checked.verdicts.front().result;
    return result == OcmfResult::PASSED || result == OcmfResult::NOT_CHECKED;
}

json::object json_of(const Checked& checked) {
    json::object verdicts;
    for (const auto& verdict : checked.verdicts)
        verdicts[verdict.check] =
            json::object{{"result", chaincode::enum_name(verdict.result)}, {"detail", verdict.detail}};
    json::object out{{"place", checked.place}, {"verdicts", std::move(verdicts)}};
    if (checked.record.readings.empty()) return out;
    const auto& record = checked.record;
    out["content_id"] = record.content_id.hex();
    out["meter"] = record.meter();
    out["page"] = record.pagination ? json::value(record.pagination->text()) : json::value(nullptr);
    json::array readings, sessions;
    for (const auto& reading : record.readings) readings.push_back(chaincode::to_json(reading));
    for (const auto& session : checked.sessions) sessions.push_back(chaincode::to_json(session));
    out["readings"] = std::move(readings);
    out["sessions"] = std::move(sessions);
    out["billable"] = checked.billable;
    return out;
}

std::string coloured(const OcmfVerdict& verdict) {
    const auto name = chaincode::enum_name(verdict.result);
    switch (verdict.result) {
        case OcmfResult::PASSED: return paint(Colour::green, name);
        case OcmfResult::FAILED: return paint(Colour::red, name);
        case OcmfResult::NOTED:
        case OcmfResult::UNSUPPORTED:
        case OcmfResult::NOT_CHECKED: break;
    }
    return paint(Colour::yellow, name);
}

void print_checked(const Checked& checked) {
    const auto& record = checked.record;
    say(paint(Colour::bold, checked.place));
    if (!record.readings.empty())
        print_facts({{"meter", record.meter()},
                     {"page", record.pagination ? record.pagination->text() : "none"},
                     {"content id", record.content_id.hex()}});
    std::vector<std::vector<std::string>> rows;
    for (const auto& verdict : checked.verdicts) rows.push_back({verdict.check, coloured(verdict), verdict.detail});
    print_table({"check", "result", "what was found"}, rows);
    for (const auto& session : checked.sessions)
        say(fmt::format("  {} {} of {}, from {} to {}{}", session.quantity.text(), session.unit, session.register_id,
                        iso_time(session.begin_ms), iso_time(session.end_ms),
                        checked.billable ? "" : "; not billable"));
}

Result<Exit> check(const OcmfCheckOptions& options) {
    auto key = ocmf_key_text(options.key);
    if (!options.key.empty() && !key) return std::unexpected(key.error().within("--key"));
    OcmfExamination examination(options.key.empty() ? std::string() : std::move(*key));
    for (const auto& path : options.files) {
        const auto files = TRY(ocmf_files(path));
        for (const auto& file : files) {
            auto entries = TRY(read_ocmf_file(file));
            for (auto& entry : entries) examination.examine(std::move(entry));
        }
    }
    json::array out;
    for (const auto& checked : examination.all()) {
        if (style().json)
            out.push_back(json_of(*checked));
        else
            print_checked(*checked);
    }
    if (style().json) print_json(out);
    const auto proven = [](const auto& checked) { return is_proven(*checked); };
    return std::ranges::all_of(examination.all(), proven) ? Exit::ok : Exit::not_proven;
}

}  // namespace

void add_device_ocmf(CLI::App& device, Choice& choice) {
    auto* command = device.add_subcommand("ocmf-check",
                                          "Check signed OCMF records offline: one verdict for each check; exit code 5 "
                                          "if a signature does not verify");
    auto options = std::make_shared<OcmfCheckOptions>();
    command
        ->add_option(
            "files", options->files,
            "Files with OCMF records, XML containers of transparency software, or folders of these, in their order")
        ->required();
    command->add_option("--key", options->key,
                        "The meter's public key, instead of the one in the container: a file, or its text (PEM, hex "
                        "or base64)");
    command->callback([&choice, options] { choice.run = [options] { return check(*options); }; });
}

}  // namespace tally::node::cli
