#include "node/cli/audit_run.h"

#include <algorithm>
#include <map>
#include <set>

#include "chaincode/contracts/agreement/answers.h"
#include "chaincode/contracts/audit/refusals.h"
#include "chaincode/contracts/billing/answers.h"
#include "chaincode/contracts/data/answers.h"
#include "chaincode/contracts/data/arguments.h"
#include "chaincode/contracts/data/ocmf_answers.h"
#include "chaincode/contracts/data/settle_answers.h"
#include "chaincode/contracts/paging.h"
#include "chaincode/contracts/registry/answers.h"
#include "chaincode/contracts/registry/arguments.h"
#include "chaincode/json/reflect.h"
#include "chaincode/json/strict_json.h"
#include "chaincode/proposal.h"
#include "crypto/cbor.h"
#include "node/channel/evidence_file.h"
#include "node/channel/ledger_json.h"
#include "node/cli/next_step.h"
#include "node/cli/output.h"
#include "node/settling/agreed_devices.h"
#include "node/settling/contract_calls.h"
#include "node/threads/stopwatch.h"
#include "storage/files.h"
#include "storage/model/read_transaction.h"

namespace tally::node::cli {

namespace agreement = chaincode::agreement;
namespace audit = chaincode::audit;
namespace billing = chaincode::billing;
namespace data = chaincode::data;
namespace registry = chaincode::registry;
using chaincode::Date;

namespace {

// The message that a device signed, from the transaction that published it.
Result<Bytes> message_of(MemberClient& member, const std::string& transaction) {
    const auto bytes = TRY(member.raw_transaction(transaction));
    const auto read = TRY(storage::read_transaction(bytes, "the record's transaction"));
    const auto proposal = TRY(chaincode::SignedProposal::decode(read.proposal, read.proposal.size()));
    if (proposal.proposal.attachments.empty())
        return fail(Code::not_found, "the transaction {} has no message", transaction);
    return to_bytes(proposal.proposal.attachments[0]);
}

Result<agreement::Version> version_on(MemberClient& member, const std::string& id, Date day) {
    std::optional<agreement::Version> out;
    for (auto& version : TRY(agreed_versions(member, id))) {
        if (version.terms.from <= day) out = std::move(version);
    }
    if (!out) return fail(Code::not_found, "the agreement {} is not in force on {}", id, day.text());
    return std::move(*out);
}

// Where the records of a device's days are.
Result<std::vector<data::DayProof>> proofs_of(MemberClient& member, const std::string& device, std::int64_t from,
                                              std::int64_t to) {
    data::Proofs wanted;
    wanted.device = device;
    wanted.from = from;
    wanted.to = to;
    wanted.limit = chaincode::kLargestPage;
    std::vector<data::DayProof> out;
    TRY(ask_all<data::ProofPage>(member, "data", "proofs", wanted,
                                 [&](auto& page) { std::ranges::move(page.proofs, std::back_inserter(out)); }));
    return out;
}

}  // namespace

Result<Bytes> readings_of(MemberClient& member, const AuditRequest& request) {
    const auto version = TRY(version_on(member, request.agreement, request.from));
    const auto& zone = version.terms.zone;
    std::vector<std::string> devices;
    if (request.device) {
        devices.push_back(*request.device);
    } else {
        data::OfAgreement wanted;
        wanted.agreement = request.agreement;
        wanted.limit = chaincode::kLargestPage;
        TRY(ask_all<data::SettledDevices>(member, "data", "settled_devices", wanted, [&](auto& page) {
            std::ranges::copy_if(page.devices, std::back_inserter(devices),
                                 [&](const auto& device) { return request.is_of(device); });
        }));
    }
    std::vector<Bytes> parts;
    Progress progress("records", devices.size());
    for (std::size_t i = 0; i < devices.size(); ++i) {
        for (const auto& proof : TRY(proofs_of(member, devices[i], chaincode::beginning_of(request.from, zone),
                                               chaincode::beginning_of(request.until, zone)))) {
            parts.push_back(TRY(message_of(member, proof.transaction)));
            if (proof.series_transaction && *proof.series_transaction != proof.transaction)
                parts.push_back(TRY(message_of(member, *proof.series_transaction)));
        }
        progress.at(i + 1);
    }
    crypto::CborWriter writer;
    writer.array(parts.size());
    for (const auto& each : parts) writer.bytes(each);
    return writer.take();
}

namespace {

// Gathers what an evidence file holds.
class Gathering {
  public:
    Gathering(MemberClient& member, const audit::RunAnswer& answer) : member_(member), answer_(answer) {}

    Result<EvidenceParts> run() {
        std::map<std::string, std::vector<data::ExaminedDay>> days;
        for (const auto& day : answer_.list) days[day.device].push_back(day);
        Progress progress("evidence", static_cast<std::uint64_t>(answer_.list.size()));
        parts_.run = TRY(member_.receipt(answer_.run.transaction));
        TRY(add_agreement());
        for (const auto& [device, of_device] : days) {
            DeviceProof proof;
            proof.device = device;
            TRY(add_keys(proof));
            for (const auto& day : of_device) {
                if (day.transaction) proof.records.push_back(TRY(member_.receipt(*day.transaction)));
                progress.at(++done_);
            }
            TRY(add_late_series(proof, of_device));
            if (of_device.front().readings) TRY(add_ocmf(proof, of_device));
            TRY(add_settled(proof, of_device.front().day, of_device.back().day.plus_days(1)));
            parts_.devices.push_back(std::move(proof));
        }
        for (const auto& invoice : answer_.run.invoices) TRY(add_invoice(invoice));
        return std::move(parts_);
    }

  private:
    [[nodiscard]] const std::string& id() const { return answer_.run.agreement; }

    Status add_agreement() {
        versions_ = TRY(agreed_versions(member_, id()));
        for (const auto& version : versions_) {
            for (const auto& signature : version.signatures)
                parts_.agreement.push_back(TRY(member_.receipt(signature.transaction)));
        }
        return {};
    }

    Status add_keys(DeviceProof& proof) {
        registry::Timeline wanted;
        wanted.id = proof.device;
        wanted.limit = chaincode::kLargestPage;
        std::vector<std::string> transactions;
        bool is_confirmed = false;
        TRY(ask_all<registry::TimelinePage>(member_, "registry", "timeline", wanted, [&](const auto& page) {
            for (const auto& entry : page.entries) {
                if (entry.kind == "registered" || entry.kind == "key_rotated" || entry.kind == "certificate_renewed")
                    transactions.push_back(entry.transaction);
                if (entry.kind == "registered") is_confirmed = entry.details.as_object().contains("requested_by");
            }
        }));
        for (const auto& each : transactions) proof.keys.push_back(TRY(member_.receipt(each)));
        if (!is_confirmed) return {};
        const auto device =
            TRY(ask<registry::DeviceView>(member_, "registry", "get_device", registry::OneDevice{proof.device}));
        const auto& first = device.previous_keys.empty() ? device.key : device.previous_keys.front().key;
        proof.ocmf.keys.push_back(TRY(from_base64(first)));
        return {};
    }

    // The records that the sessions and fiscal readings of the days come from, as far as the audit knew them.
    Status add_ocmf(DeviceProof& proof, const std::vector<data::ExaminedDay>& days) {
        const auto [from, to] = time_of(days);
        const auto known_ms = answer_.run.time_ms;
        std::set<std::string> transactions;
        std::set<std::string> content_ids;
        data::OcmfSessionsOf wanted;
        wanted.device = proof.device;
        wanted.from_ms = from * 1000;
        wanted.to_ms = to * 1000;
        wanted.limit = chaincode::kLargestPage;
        TRY(ask_all<data::OcmfSessions>(member_, "data", "ocmf_sessions", wanted, [&](const auto& page) {
            for (const auto& session : page.sessions) {
                if (session.completed_ms > known_ms) continue;
                transactions.insert(session.transaction);
                content_ids.insert({session.content_id, session.begin_content_id});
            }
        }));
        data::OfOcmfDevice all;
        all.device = proof.device;
        all.limit = chaincode::kLargestPage;
        const auto is_in_time = [&](const chaincode::OcmfReading& reading) {
            return reading.time_ms && *reading.time_ms >= from * 1000 && *reading.time_ms < to * 1000;
        };
        TRY(ask_all<data::OcmfRecords>(member_, "data", "ocmf_records", all, [&](const auto& page) {
            for (const auto& record : page.records) {
                const bool is_fiscal = record.page && record.page->context == 'F' && record.received_ms <= known_ms &&
                                       std::ranges::any_of(record.readings, is_in_time);
                if (is_fiscal || content_ids.contains(record.content_id)) transactions.insert(record.transaction);
            }
        }));
        for (const auto& each : transactions) proof.ocmf.records.push_back(TRY(member_.receipt(each)));
        return {};
    }

    // [from, to) of days that follow each other, in seconds.
    [[nodiscard]] std::pair<std::int64_t, std::int64_t> time_of(const std::vector<data::ExaminedDay>& days) const {
        const auto& zone = versions_.back().terms.zone;
        return {chaincode::beginning_of(days.front().day, zone),
                chaincode::beginning_of(days.back().day.plus_days(1), zone)};
    }

    // Series that came after their records.
    Status add_late_series(DeviceProof& proof, const std::vector<data::ExaminedDay>& days) {
        const auto [from, to] = time_of(days);
        for (const auto& each : TRY(proofs_of(member_, proof.device, from, to))) {
            const bool listed = std::ranges::any_of(
                days, [&](const auto& day) { return day.content_id && *day.content_id == each.content_id; });
            if (!listed || !each.series_transaction || *each.series_transaction == each.transaction) continue;
            proof.series.push_back({each.sequence, TRY(member_.receipt(*each.series_transaction))});
        }
        return {};
    }

    // With the day before, where a register goes on.
    Status add_settled(DeviceProof& proof, Date from, Date until) {
        data::Settled wanted;
        wanted.agreement = id();
        wanted.device = proof.device;
        wanted.from = from.plus_days(-1);
        wanted.to = until;
        wanted.limit = chaincode::kLargestPage;
        do {
            const auto answer = TRY(member_.ask_attested("data", "settled", chaincode::to_json(wanted).as_object()));
            const auto page = TRY(ask<data::SettledPage>(member_, "data", "settled", wanted));
            proof.settled.push_back(answer.file);
            wanted.cursor = page.next;
        } while (wanted.cursor);
        return {};
    }

    Status add_invoice(const audit::AuditedInvoice& audited) {
        billing::OfPeriod of;
        of.agreement = id();
        of.day = audited.from;
        const auto invoice = TRY(ask<billing::Invoice>(member_, "billing", "get", of));
        InvoiceProof proof;
        proof.receipt = TRY(member_.receipt(invoice.timeline.front().transaction));
        billing::ItemsOf wanted;
        wanted.agreement = id();
        wanted.day = audited.from;
        wanted.limit = chaincode::kLargestPage;
        TRY(ask_all<billing::ItemPage>(member_, "billing", "items", wanted, [&](const auto& page) {
            for (const auto& item : page.items) proof.items.push_back(chaincode::json_text(chaincode::to_json(item)));
        }));
        parts_.invoices.push_back(std::move(proof));
        return {};
    }

    MemberClient& member_;
    const audit::RunAnswer& answer_;
    EvidenceParts parts_;
    std::vector<agreement::Version> versions_;
    std::uint64_t done_ = 0;
};

}  // namespace

// A day of 1,440 rows and 7 fields takes 7 kB, and a transaction 16 MiB.
constexpr std::int64_t kMostDaysWithReadings = 1000;

Result<std::vector<AuditRequest>> runs_of(MemberClient& member, AuditRequest request) {
    if (request.id.empty()) request.id = fmt::format("{}.{}.{}", request.from.text(), request.until.text(), now_ms());
    std::vector<std::string> devices;
    if (!request.device) {
        for (auto& device : TRY(agreed_devices(member, TRY(agreed_versions(member, request.agreement)))))
            devices.push_back(std::move(device.id));
    }
    std::vector<AuditRequest> runs;
    const auto most_days = request.readings ? kMostDaysWithReadings : audit::kMostDays;
    for (auto& part : audit::parts_of(request, devices, most_days)) runs.push_back({std::move(part), request.readings});
    return runs;
}

Result<std::optional<audit::RunAnswer>> recorded_audit(MemberClient& member, const AuditRequest& request) {
    const auto known = ask<audit::Run>(member, "audit", "get", audit::OneRun{request.agreement, request.id});
    if (!known && known.error().code == audit::refusals::no_run) return std::nullopt;
    if (!known) return std::unexpected(known.error());
    const bool had_readings = known->records == 0 || std::ranges::any_of(known->checks, [](const auto& each) {
                                  return each.check == data::CheckKind::SIGNATURE && each.made > 0;
                              });
    const bool is_it = known->by == member.organization() && known->from == request.from &&
                       known->until == request.until && known->device == request.device &&
                       known->after == request.after && known->through == request.through &&
                       (!request.readings || had_readings);
    if (!is_it) return std::nullopt;
    const auto bytes = TRY(member.raw_transaction(known->transaction));
    const auto transaction = TRY(storage::read_transaction(bytes, "the run's transaction"));
    const auto simulation = TRY(storage::read_simulation(transaction.simulation, "the run's simulation"));
    return TRY(
        chaincode::from_json<audit::RunAnswer>(TRY(chaincode::parse_json(simulation.result, "the run's answer"))));
}

Result<audit::RunAnswer> run_audit(MemberClient& member, const AuditRequest& request) {
    Bytes attachment;
    std::vector<ByteView> attachments;
    if (request.readings) {
        attachment = TRY(readings_of(member, request));
        attachments.emplace_back(attachment);
    }
    return act<audit::RunAnswer>(member, "audit", "run", static_cast<const audit::RunAudit&>(request),
                                 std::move(attachments));
}

bool is_evidence_of(const audit::RunAnswer& answer, const std::filesystem::path& file) {
    const auto bytes = storage::read_file(file);
    const auto parts = bytes ? read_evidence_file(as_bytes(*bytes)) : std::unexpected(bytes.error());
    return parts && as_text(parts->run).find(answer.run.transaction) != std::string_view::npos;
}

void print_run(const audit::RunAnswer& answer) {
    const auto& run = answer.run;
    std::vector<std::vector<std::string>> rows;
    for (const auto& each : run.checks) {
        rows.push_back(
            {std::string(chaincode::enum_name(each.check)), std::to_string(each.made), std::to_string(each.failed)});
    }
    print_table({"check", "made", "failed"}, rows);
    rows.clear();
    for (const auto& each : run.findings) {
        rows.push_back({std::string(chaincode::enum_name(each.check)), each.device.value_or(""),
                        each.day ? each.day->text() : "", each.expected.substr(0, 40), each.found.substr(0, 40)});
    }
    if (!rows.empty()) print_table({"finding", "device", "day", "expected", "found"}, rows);
    print_facts({{"audit", run.id},
                 {"devices", audit::devices_text(run)},
                 {"of", fmt::format("{} days of {} devices, from {} until before {}", run.days, run.devices,
                                    run.from.text(), run.until.text())},
                 {"records", std::to_string(run.records)},
                 {"days without a record", std::to_string(run.missing)},
                 {"days that are not FINAL", std::to_string(run.open)},
                 {"verdict", std::string(chaincode::enum_name(run.verdict))}});
}

Status write_evidence(MemberClient& member, const audit::RunAnswer& answer, const std::filesystem::path& file) {
    const auto bytes = make_evidence_file(TRY(Gathering(member, answer).run()));
    TRY(storage::write_file(file, bytes));
    if (style().json) return {};
    say_done(fmt::format("{}: {} bytes", file.string(), bytes.size()));
    const auto& genesis = member.profile().genesis;
    say_next(
        {command_line({"tally", "verify", file.string(), "--config", genesis.empty() ? "channel.json" : genesis})});
    return {};
}

}  // namespace tally::node::cli
