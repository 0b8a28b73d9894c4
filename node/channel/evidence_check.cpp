// Verifying an evidence file: each part is taken out of receipts and answers that verify, and what follows from them is
// computed again.

#include <algorithm>
#include <map>
#include <set>

#include "chaincode/contracts/agreement/model.h"
#include "chaincode/contracts/data/ocmf_state.h"
#include "node/channel/answer_file.h"
#include "node/channel/evidence_day.h"
#include "node/channel/evidence_invoice.h"
#include "node/channel/ledger_json.h"

namespace tally::node {

namespace agreement = chaincode::agreement;
namespace audit = chaincode::audit;
namespace data = chaincode::data;
using chaincode::Date;
using evidence::must;
using evidence::parsed;
using evidence::status_of;
using evidence::text_of;
using evidence::verified_call;
using evidence::verified_in;

namespace {

class Verification {
  public:
    Verification(const EvidenceParts& parts, const Configurations& configurations, Checks& checks)
        : parts_(parts), configurations_(configurations), checks_(checks) {}

    Result<EvidenceFacts> run() {
        TRY(check_run());
        TRY(check_terms());
        TRY(check_bounds());
        for (const auto& [device, days] : days_) TRY(check_device(device, days));
        std::set<std::string> named;
        for (const auto& device : parts_.devices) {
            TRY(must(checks_, named.insert(device.device).second, "device " + device.device, "once", "twice"));
            TRY(checks_.judged(fmt::format("device {}", device.device), "of the audit", "of the audit",
                               days_.contains(device.device)
                                   ? Status()
                                   : fail(Code::bad_proof, "the audit is not of {}", device.device)));
        }
        TRY(checks_.judged("the records", fmt::format("{} that the audit lists", run_.records),
                           fmt::format("{}, signed by their devices", facts_.records), {}));
        TRY(checks_.judged("the readings", "that they give the signed roots and figures",
                           fmt::format("of {} records; {} more are withheld", facts_.readings, facts_.withheld), {}));
        if (facts_.ocmf_records > 0)
            TRY(checks_.judged("the OCMF records", "those of the sessions and fiscal readings that the audit has found",
                               fmt::format("{}, signed by their meters", facts_.ocmf_records), {}));
        TRY(checks_.same("the invoices", std::to_string(run_.invoices.size()), std::to_string(parts_.invoices.size())));
        std::set<std::string> seen;
        for (const auto& invoice : parts_.invoices) {
            TRY(must(checks_, seen.insert(std::string(as_text(invoice.receipt))).second, "an invoice", "once",
                     "twice"));
            auto checked = TRY(check_invoice_proof(invoice, configurations_, proven_, checks_));
            if (checked.recomputed == 0) continue;
            ++facts_.invoices;
            facts_.proven_invoices.push_back(std::move(checked.invoice));
        }
        facts_.run = run_;
        return facts_;
    }

  private:
    Status check_run() {
        auto facts = verified_call(parts_.run, configurations_, "audit.run");
        TRY(checks_.judged("the audit's receipt", "a VALID audit.run", facts ? facts->id.hex() : "", status_of(facts)));
        const auto answer = TRY(parsed<audit::RunAnswer>(checks_, facts->result, "the audit's result"));
        run_ = answer.run;
        facts_.channel = facts->channel;
        range_reads_ = std::move(facts->range_reads);
        std::ranges::sort(range_reads_, {}, &storage::RangeRead::start);
        for (const auto& day : answer.list) days_[day.device].push_back(day);
        TRY(checks_.same("the audit's list of days", run_.days_sha256,
                         crypto::sha256(to_bytes(text_of(answer.list))).hex()));
        return checks_.judged("the audit's verdict", "no check that fails",
                              std::string(chaincode::enum_name(run_.verdict)),
                              run_.verdict == audit::Verdict::FAILED
                                  ? fail(Code::bad_proof, "the audit's verdict is FAILED: {}", text_of(run_.findings))
                                  : Status());
    }

    // Each version of the terms that its signers have all signed.
    Status check_terms() {
        std::map<std::int64_t, std::set<std::string>> signed_by;
        for (const auto& receipt : parts_.agreement) {
            const auto facts = verified_in(facts_.channel, receipt, configurations_);
            TRY(checks_.judged("a signature on the terms", "a receipt that verifies",
                               facts ? fmt::format("{} by {}", facts->function, facts->creator.organization) : "",
                               status_of(facts)));
            TRY(must(checks_, facts->contract == "agreement", "a signature on the terms", "of the contract agreement",
                     fmt::format("the transaction {} is of the contract {}", facts->id.hex(), facts->contract)));
            auto version = TRY(parsed<agreement::Version>(checks_, facts->result, "a version of the terms"));
            const auto hash = agreement::hash_of(version.terms).hex();
            TRY(checks_.same(fmt::format("the hash of version {} of the terms", version.version), version.hash, hash));
            TRY(checks_.same("the agreement", run_.agreement, version.id));
            const auto known = versions_.find(version.version);
            TRY(must(checks_, known == versions_.end() || known->second.hash == hash,
                     fmt::format("version {} of the terms", version.version), "one text", "the receipts have two"));
            signed_by[version.version].insert(facts->creator.organization);
            versions_.insert_or_assign(version.version, std::move(version));
        }
        for (const auto& [number, version] : versions_) {
            for (const auto& signer : version.signers)
                TRY(checks_.judged(fmt::format("version {} of the terms", number), "signed by " + signer,
                                   "signed by " + signer,
                                   signed_by[number].contains(signer)
                                       ? Status()
                                       : fail(Code::bad_proof, "the signature of {} is not in the file", signer)));
        }
        return {};
    }

    // Whether the transaction has read every key from `covered` on and before `end`.
    [[nodiscard]] bool has_read(std::string covered, const std::string& end) const {
        for (const auto& read : range_reads_) {
            if (read.space == "data" && read.start <= covered && read.end > covered) covered = read.end;
        }
        return covered >= end;
    }

    // The list has every day, and the transaction has read every record of them.
    Status check_bounds() {
        for (const auto& [device, days] : days_) {
            for (std::size_t i = 1; i < days.size(); ++i)
                TRY(must(checks_, days[i].day == days[i - 1].day.plus_days(1), fmt::format("the days of {}", device),
                         days[i - 1].day.plus_days(1).text(), days[i].day.text()));
            const auto from = days.front().day;
            const auto until = days.back().day.plus_days(1);
            if (run_.device)
                TRY(checks_.same(fmt::format("the days of {}", device),
                                 fmt::format("from {} until before {}", run_.from.text(), run_.until.text()),
                                 fmt::format("from {} until before {}", from.text(), until.text())));
            const auto* first = proven_.terms_on(from);
            const auto* last = proven_.terms_on(days.back().day);
            TRY(must(checks_, first != nullptr && last != nullptr, "the terms in force on " + from.text(),
                     "in the file", "they are not"));
            TRY(checks_.judged(fmt::format("the records of {}", device), "the audit has read all of the range",
                               "it has",
                               has_read(data::day_key(device, chaincode::beginning_of(from, first->zone)),
                                        data::day_key(device, chaincode::beginning_of(until, last->zone)))
                                   ? Status()
                                   : fail(Code::bad_proof, "the ranges that it read end before {}", until.text())));
            for (const auto& day : days) TRY(check_readings_bounds(day));
        }
        return {};
    }

    // Of a meter that signs OCMF the transaction has read every session and fiscal reading of the day.
    Status check_readings_bounds(const data::ExaminedDay& day) {
        if (!day.readings) return {};
        const auto& zone = proven_.terms_on(day.day)->zone;
        const auto from = chaincode::beginning_of(day.day, zone),
                   to = chaincode::beginning_of(day.day.plus_days(1), zone);
        for (const auto kind : {data::kOcmfSession, data::kOcmfFiscal}) {
            const auto [start, end] = data::ocmf_keys(kind, day.device, from, to);
            TRY(must(checks_, has_read(start, end), fmt::format("{} on {}", day.device, day.day.text()),
                     "the audit has read all of its sessions and fiscal readings", "it has not"));
        }
        return {};
    }

    Status check_device(const std::string& device, const std::vector<data::ExaminedDay>& days) {
        const auto proof = std::ranges::find(parts_.devices, device, &DeviceProof::device);
        const bool there = proof != parts_.devices.end();
        TRY(checks_.judged(fmt::format("device {}", device), "its records in the file", "they are",
                           there ? Status() : fail(Code::bad_proof, "there is nothing of {} in the file", device)));
        DeviceEvidence evidence(device, configurations_, proof->ocmf.keys);
        for (const auto& key : proof->keys) {
            const auto added = evidence.add_key(key);
            TRY(checks_.judged(fmt::format("a key of {}", device), "a receipt that gives it", "it does", added));
        }
        std::set<std::string> listed;
        for (const auto& day : days) {
            if (day.content_id) listed.insert(*day.content_id);
        }
        std::map<std::string, const DeviceEvidence::Record*> records;  // by content id
        for (const auto& receipt : proof->records) {
            const auto record = evidence.add_record(receipt);
            TRY(must(checks_, fmt::format("a record of {}", device), "a receipt that verifies", status_of(record)));
            TRY(must(checks_, (*record)->facts.channel == facts_.channel, fmt::format("a record of {}", device),
                     "of the channel " + facts_.channel, (*record)->facts.channel));
            const auto id = (*record)->message.content_id.hex();
            const auto name = fmt::format("record {} of {}", (*record)->message.record.sequence, device);
            TRY(must(checks_, listed.contains(id), name, "a record that the audit lists", "content id " + id));
            records[id] = *record;
        }
        for (const auto& late : proof->series)
            TRY(must(checks_, fmt::format("the readings of record {} of {}", late.sequence, device),
                     "a receipt that carries them", evidence.add_series(late.receipt, late.sequence)));
        OcmfEvidence ocmf(device, evidence.keys());
        for (const auto& receipt : proof->ocmf.records) TRY(add_ocmf(device, receipt, ocmf));
        facts_.ocmf_records += static_cast<std::int64_t>(ocmf.size());
        TRY(check_settled(device, *proof, days));
        TRY(check_chain(device, evidence));
        for (const auto& day : days) {
            const auto name = fmt::format("{} on {}", device, day.day.text());
            const DeviceEvidence::Record* record = nullptr;
            if (day.content_id) {
                const auto found = records.find(*day.content_id);
                TRY(must(checks_, found != records.end(), name, "record " + *day.content_id,
                         "no such record in the file"));
                record = found->second;
                TRY(check_record(name, day, *record));
            }
            if (day.readings) TRY(check_readings(name, day, ocmf, proven_, checks_));
            TRY(check_final_day(name, day, {record, day.readings ? &ocmf : nullptr}, proven_, checks_));
        }
        return {};
    }

    Status add_ocmf(const std::string& device, ByteView receipt, OcmfEvidence& ocmf) {
        const auto facts = verified_in(facts_.channel, receipt, configurations_);
        return must(checks_, fmt::format("an OCMF record of {}", device),
                    "a receipt that verifies, signed by the meter", facts ? ocmf.add(*facts) : status_of(facts));
    }

    // Records name those before them: of two whose sequences follow each other, the later one names the earlier one;
    // and no DAILY record lies between one and the DAILY record that it names.
    Status check_chain(const std::string& device, const DeviceEvidence& evidence) {
        const chaincode::SignedRecord* before = nullptr;
        for (const auto& [sequence, each] : evidence.records()) {
            const auto& record = each.message;
            const auto name = fmt::format("record {} of {}, the one before", sequence, device);
            if (before != nullptr) {
                const auto expected = before->content_id;
                if (before->record.sequence + 1 == sequence)
                    TRY(must(checks_, record.record.previous == expected, name, expected.hex(),
                             record.record.previous ? record.record.previous->hex() : "none"));
                const auto& daily = record.record.previous_daily;
                const bool names_an_earlier_one =
                    daily && *daily != expected && std::ranges::any_of(evidence.records(), [&](const auto& known) {
                        return known.second.message.content_id == *daily && !before->record.corrects;
                    });
                TRY(must(checks_, !names_an_earlier_one, name, expected.hex(), daily ? daily->hex() : "none"));
            }
            before = &record;
        }
        return {};
    }

    Status check_record(const std::string& name, const data::ExaminedDay& day, const DeviceEvidence::Record& record) {
        const auto& content = record.message.record;
        TRY(must(checks_, day.sequence == content.sequence, name, fmt::format("sequence {}", day.sequence.value_or(0)),
                 fmt::format("sequence {}", content.sequence)));
        TRY(must(checks_, name, "the device's signature",
                 record.key_epoch > 0
                     ? Status()
                     : fail(Code::bad_signature, "{}: no proven key of the device verifies its signature", name)));
        const auto from = chaincode::beginning_of(day.day, proven_.terms_on(day.day)->zone);
        TRY(must(checks_, content.start_s == from, name, "a record from " + iso_time(from * 1000),
                 "one from " + iso_time(content.start_s * 1000)));
        ++facts_.records;
        if (content.commitment || (record.series.empty() && content.rows() > 0)) {
            ++facts_.withheld;
            return {};
        }
        TRY(must(checks_, name, "readings as signed", record.series_holds));
        ++facts_.readings;
        return {};
    }

    // The FINAL days of the device, by attested answers. The answer with the first one is of the day before too: if
    // that is not there, it was not FINAL, and a register did not go on from it.
    Status check_settled(const std::string& device, const DeviceProof& proof,
                         const std::vector<data::ExaminedDay>& days) {
        const auto first = std::ranges::find_if(
            days, [](const auto& day) { return day.state == data::DayState::FINAL && !day.revision; });
        bool has_before = first == days.end();
        for (const auto& file : proof.settled) {
            Result<AnswerFacts> answer = fail(Code::bad_proof, "there is no configuration to verify it with");
            for (const auto& each : configurations_) {
                Checks own;
                answer = verify_answer_file(file, *each, own);
                if (answer) break;
            }
            TRY(checks_.judged(fmt::format("the FINAL days of {}", device), "an attested answer",
                               answer ? fmt::format("after block {}", answer->statement.block) : "",
                               status_of(answer)));
            const auto asked = TRY(parsed<data::Settled>(checks_, answer->statement.arguments, "the question"));
            const bool is_about_them = answer->statement.contract == "data" &&
                                       answer->statement.function == "settled" && asked.agreement == run_.agreement &&
                                       asked.device == device && !asked.revised.value_or(false) &&
                                       answer->statement.channel == facts_.channel;
            TRY(must(checks_, is_about_them, fmt::format("the FINAL days of {}", device), "an answer about them",
                     fmt::format("an attested answer is not about the FINAL days of {}", device)));
            const auto page = TRY(parsed<data::SettledPage>(checks_, answer->result, "the answer"));
            for (const auto& day : page.days) settled_[device].insert_or_assign(day.day, day);
            if (has_before || asked.cursor || (asked.from && *asked.from >= first->day)) continue;
            has_before = std::ranges::find(page.days, first->day, &data::SettledDay::day) != page.days.end();
        }
        const bool is_there = first != days.end() && settled_[device].contains(first->day);
        return must(checks_, has_before || !is_there, fmt::format("the FINAL days of {}", device),
                    "an answer that begins before the first of them", "none");
    }

    const EvidenceParts& parts_;
    const Configurations& configurations_;
    Checks& checks_;
    audit::Run run_;
    std::vector<storage::RangeRead> range_reads_;
    std::map<std::string, std::vector<data::ExaminedDay>> days_;  // by device
    std::map<std::int64_t, agreement::Version> versions_;
    std::map<std::string, std::map<Date, data::SettledDay>> settled_;
    EvidenceFacts facts_;
    const ProvenFigures proven_{facts_.channel, run_, versions_, settled_};
};

}  // namespace

Result<EvidenceFacts> verify_evidence_file(ByteView file, const Configurations& configurations, Checks& checks) {
    const auto parts = TRY(checks.need("the file", "an evidence file", read_evidence_file(file)));
    return Verification(parts, configurations, checks).run();
}

}  // namespace tally::node
