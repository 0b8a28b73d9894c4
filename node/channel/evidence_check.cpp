// Verifying an evidence file: each part is taken out of receipts and answers that verify, and what follows from them is
// computed again.

#include <algorithm>
#include <map>
#include <set>

#include "chaincode/contracts/agreement/model.h"
#include "chaincode/contracts/data/settle_figures.h"
#include "node/channel/answer_file.h"
#include "node/channel/device_evidence.h"
#include "node/channel/evidence_invoice.h"
#include "node/channel/ledger_json.h"

namespace tally::node {

namespace agreement = chaincode::agreement;
namespace audit = chaincode::audit;
namespace data = chaincode::data;
using chaincode::Date;
using evidence::must;
using evidence::parsed;
using evidence::text_of;
using evidence::verified;
using evidence::verified_call;
using evidence::verified_in;

namespace evidence {

Result<ReceiptFacts> verified(ByteView receipt, const Configurations& configurations) {
    Result<ReceiptFacts> facts = fail(Code::bad_proof, "there is no configuration to verify it with");
    for (const auto& each : configurations) {
        facts = verify_receipt_file(receipt, *each);
        if (facts) break;
    }
    if (facts && facts->code != storage::ValidationCode::VALID)
        return fail(Code::bad_proof, "the transaction {} is {}", facts->id.hex(), code_name(facts->code));
    return facts;
}

Result<ReceiptFacts> verified_in(std::string_view channel, ByteView receipt, const Configurations& configurations) {
    auto facts = TRY(verified(receipt, configurations));
    if (facts.channel != channel)
        return fail(Code::wrong_channel, "the transaction {} is of the channel \"{}\"", facts.id.hex(), facts.channel);
    return facts;
}

Result<ReceiptFacts> verified_call(ByteView receipt, const Configurations& configurations, std::string_view function) {
    auto facts = TRY(verified(receipt, configurations));
    if (const auto found = facts.contract + "." + facts.function; found != function)
        return fail(Code::bad_proof, "the transaction {} calls {}, not {}", facts.id.hex(), found, function);
    return facts;
}

Status must(Checks& checks, bool holds, const std::string& what, std::string expected, std::string found) {
    return holds ? Status() : checks.same(what, std::move(expected), std::move(found));
}

Status must(Checks& checks, const std::string& what, std::string expected, const Status& holds) {
    return holds ? Status() : checks.judged(what, std::move(expected), "", holds);
}

}  // namespace evidence

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
        TRY(checks_.same("the invoices", std::to_string(run_.invoices.size()), std::to_string(parts_.invoices.size())));
        std::set<std::string> seen;
        for (const auto& invoice : parts_.invoices) {
            TRY(must(checks_, seen.insert(std::string(as_text(invoice.receipt))).second, "an invoice", "once",
                     "twice"));
            auto checked = TRY(
                check_invoice_proof(invoice, configurations_, {facts_.channel, run_, versions_, settled_}, checks_));
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
        TRY(checks_.judged("the audit's receipt", "a VALID audit.run", facts ? facts->id.hex() : "",
                           facts ? Status() : Status(std::unexpected(facts.error()))));
        const auto answer = TRY(parsed<audit::RunAnswer>(facts->result, "the audit's result"));
        run_ = answer.run;
        facts_.channel = facts->channel;
        range_reads_ = std::move(facts->range_reads);
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
                               facts ? Status() : Status(std::unexpected(facts.error()))));
            if (facts->contract != "agreement")
                return fail(Code::bad_proof, "the transaction {} is of the contract {}", facts->id.hex(),
                            facts->contract);
            auto version = TRY(parsed<agreement::Version>(facts->result, "a version of the terms"));
            const auto hash = agreement::hash_of(version.terms).hex();
            TRY(checks_.same(fmt::format("the hash of version {} of the terms", version.version), version.hash, hash));
            TRY(checks_.same("the agreement", run_.agreement, version.id));
            const auto known = versions_.find(version.version);
            if (known != versions_.end() && known->second.hash != hash)
                return fail(Code::bad_proof, "the receipts have two texts of version {}", version.version);
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

    [[nodiscard]] const agreement::Terms* terms_on(Date day) const {
        const agreement::Terms* out = nullptr;
        for (const auto& [number, version] : versions_) {
            if (version.terms.from > day) continue;
            if (out == nullptr || version.terms.from >= out->from) out = &version.terms;
        }
        return out;
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
            const auto* first = terms_on(from);
            const auto* last = terms_on(days.back().day);
            if (first == nullptr || last == nullptr)
                return fail(Code::bad_proof, "the terms that are in force on {} are not in the file", from.text());
            auto covered = data::day_key(device, chaincode::beginning_of(from, first->zone));
            const auto end = data::day_key(device, chaincode::beginning_of(until, last->zone));
            auto reads = range_reads_;
            std::ranges::sort(reads, {}, &storage::RangeRead::start);
            for (const auto& read : reads) {
                if (read.space == "data" && read.start <= covered && read.end > covered) covered = read.end;
            }
            TRY(checks_.judged(
                fmt::format("the records of {}", device), "the audit has read all of the range", "it has",
                covered >= end ? Status()
                               : fail(Code::bad_proof, "the ranges that it read end before {}", until.text())));
        }
        return {};
    }

    Status check_device(const std::string& device, const std::vector<data::ExaminedDay>& days) {
        const auto proof = std::ranges::find(parts_.devices, device, &DeviceProof::device);
        const bool there = proof != parts_.devices.end();
        TRY(checks_.judged(fmt::format("device {}", device), "its records in the file", "they are",
                           there ? Status() : fail(Code::bad_proof, "there is nothing of {} in the file", device)));
        DeviceEvidence evidence(device, configurations_);
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
            TRY(must(checks_, fmt::format("a record of {}", device), "a receipt that verifies",
                     record ? Status() : Status(std::unexpected(record.error()))));
            TRY(must(checks_, (*record)->facts.channel == facts_.channel, fmt::format("a record of {}", device),
                     "of the channel " + facts_.channel, (*record)->facts.channel));
            const auto id = (*record)->message.content_id.hex();
            const auto name = fmt::format("record {} of {}", (*record)->message.record.sequence, device);
            TRY(must(checks_, listed.contains(id), name, "a record that the audit lists", "content id " + id));
            records[id] = *record;
        }
        for (const auto& late : proof->series) TRY(evidence.add_series(late.receipt, late.sequence));
        TRY(check_settled(device, *proof));
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
            TRY(check_day(name, day, record));
        }
        return {};
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
        const auto* terms = terms_on(day.day);
        const auto from = chaincode::beginning_of(day.day, terms->zone);
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

    // The FINAL days of the device, by attested answers.
    Status check_settled(const std::string& device, const DeviceProof& proof) {
        for (const auto& file : proof.settled) {
            Result<AnswerFacts> answer = fail(Code::bad_proof, "there is no configuration to verify it with");
            for (const auto& each : configurations_) {
                Checks own;
                answer = verify_answer_file(file, *each, own);
                if (answer) break;
            }
            TRY(checks_.judged(fmt::format("the FINAL days of {}", device), "an attested answer",
                               answer ? fmt::format("after block {}", answer->statement.block) : "",
                               answer ? Status() : Status(std::unexpected(answer.error()))));
            const auto asked = TRY(parsed<data::Settled>(answer->statement.arguments, "the question"));
            if (answer->statement.contract != "data" || answer->statement.function != "settled" ||
                asked.agreement != run_.agreement || asked.device != device ||
                answer->statement.channel != facts_.channel)
                return fail(Code::bad_proof, "an attested answer is not about the FINAL days of {}", device);
            const auto page = TRY(parsed<data::SettledPage>(answer->result, "the answer"));
            for (const auto& day : page.days) settled_[device].insert_or_assign(day.day, day);
        }
        return {};
    }

    // The FINAL day has the record's figures.
    Status check_day(const std::string& name, const data::ExaminedDay& day, const DeviceEvidence::Record* record) {
        const auto& settled = settled_[day.device];
        const auto found = settled.find(day.day);
        if (day.state != data::DayState::FINAL || day.revision) return {};
        if (found == settled.end()) return must(checks_, false, name, "its FINAL figures", "not in the file");
        const auto& final_day = found->second;
        const auto* terms = terms_on(day.day);
        const auto version = versions_.find(final_day.version);
        TRY(must(checks_, version != versions_.end() && &version->second.terms == terms, name + ", its terms",
                 fmt::format("version {}, in force then", final_day.version), "another version, or none, in the file"));
        TRY(must(checks_, final_day.content_id == day.content_id, name + ", its record",
                 day.content_id.value_or("none"), final_day.content_id.value_or("none")));
        if (record == nullptr || final_day.fields.empty()) return {};
        data::StoredRecord figures;
        figures.from = record->message.record.start_s;
        figures.fields = record->message.record.fields;
        figures.summary = record->message.record.summary;
        if (const auto& commitment = record->message.record.commitment) figures.commitment = commitment->hex();
        data::DayFacts facts;
        facts.record = &figures;
        const auto before = settled.find(day.day.plus_days(-1));
        if (before != settled.end()) facts.before = &before->second;
        const auto again = TRY(data::settle_fields(*terms_on(day.day), facts));
        for (const auto& field : again) {
            const auto stored = std::ranges::find(final_day.fields, field.field, &data::SettledField::field);
            const auto figure = [](const std::optional<chaincode::Decimal>& value) {
                return value ? value->text() : std::string("none");
            };
            const bool same = stored != final_day.fields.end() && stored->device == field.device;
            const bool first_known = before == settled.end() && stored != final_day.fields.end() &&
                                     stored->first == field.first && stored->last == field.last;
            if (same || first_known) continue;  // a register's day before the first one is not in the file
            TRY(checks_.same(fmt::format("{}, {}", name, field.field), figure(field.device),
                             stored == final_day.fields.end() ? "none" : figure(stored->device)));
        }
        return {};
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
};

}  // namespace

Result<EvidenceFacts> verify_evidence_file(ByteView file, const Configurations& configurations, Checks& checks) {
    const auto parts = TRY(read_evidence_file(file));
    return Verification(parts, configurations, checks).run();
}

}  // namespace tally::node
