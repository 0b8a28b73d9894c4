#include "chaincode/contracts/data/examine.h"

#include <algorithm>
#include <map>

#include "chaincode/contracts/agreement/api.h"
#include "chaincode/contracts/data/kept.h"
#include "chaincode/contracts/data/settle_figures.h"
#include "chaincode/contracts/data/settled_state.h"
#include "chaincode/contracts/registry/api.h"
#include "chaincode/records/packed_series.h"
#include "chaincode/records/series.h"
#include "crypto/cbor.h"

namespace tally::chaincode::data {
namespace {

constexpr std::size_t kMaxFindings = 100;   // that are listed
constexpr std::size_t kMaxMessages = 4096;  // in the attachment
constexpr std::size_t kDaysAtOnce = 1000;

// A record's message, and its packed series where that came later.
struct Evidence {
    ByteView message;
    std::optional<ByteView> packed;
};
using EvidenceById = std::map<std::string, Evidence>;  // by content id

// A packed series is a Zstandard frame; a signed message is a CBOR array or a tag.
bool is_packed(ByteView bytes) { return !bytes.empty() && bytes[0] == 0x28; }

Result<EvidenceById> attached(Stub& stub) {
    EvidenceById out;
    if (stub.attachments().empty()) return out;
    crypto::CborReader reader(stub.attachments()[0], "the attached records");
    const auto count = reader.array();
    if (count > kMaxMessages) reader.fault(Code::too_large, fmt::format("at most {} are taken", kMaxMessages));
    auto last = out.end();
    for (std::uint64_t i = 0; i < count && reader.ok(); ++i) {
        const auto bytes = reader.bytes();
        if (!reader.ok()) break;
        if (is_packed(bytes)) {
            if (last == out.end())
                return fail(Code::malformed, "the attached records: a series comes before its record");
            last->second.packed = bytes;
            continue;
        }
        const auto record = TRY(decode_record(bytes));
        last = out.insert_or_assign(record.content_id.hex(), Evidence{bytes, std::nullopt}).first;
    }
    TRY(reader.finish());
    return out;
}

class DataExamination {
  public:
    DataExamination(Stub& stub, const Examine& in, EvidenceById evidence)
        : stub_(stub), in_(in), evidence_(std::move(evidence)) {}

    Result<Examined> run() {
        device_ = TRY(registry::api::get_device(stub_, {in_.device}));
        TRY(read_records());
        for (auto day = in_.from; day < in_.until; day = day.plus_days(1)) TRY(examine_day(day));
        return std::move(out_);
    }

  private:
    void note(CheckKind kind, Date day, bool holds, std::string expected, std::string found) {
        auto count = std::ranges::find(out_.checks, kind, &CheckCount::check);
        if (count == out_.checks.end()) count = out_.checks.insert(out_.checks.end(), {kind, 0, 0});
        ++count->made;
        if (holds) return;
        ++count->failed;
        if (out_.findings.size() < kMaxFindings)
            out_.findings.push_back({kind, in_.device, day, std::move(expected), std::move(found)});
    }
    void note(CheckKind kind, Date day, std::string expected, const Status& holds) {
        note(kind, day, holds.has_value(), std::move(expected), holds ? std::string() : holds.error().message);
    }

    // The DAILY records of the range, by one range of keys: there are no others.
    Status read_records() {
        const auto terms = TRY(agreement::api::terms_on(stub_, {in_.agreement, in_.from}));
        const auto last = TRY(agreement::api::terms_on(stub_, {in_.agreement, in_.until.plus_days(-1)}));
        auto start = day_key(in_.device, beginning_of(in_.from, terms.terms.zone));
        const auto end = day_key(in_.device, beginning_of(in_.until, last.terms.zone));
        for (bool more = true; more;) {
            const auto page = TRY(stub_.range(start, end, {.limit = kDaysAtOnce}));
            for (const auto& entry : page.entries) {
                auto record = TRY(record_at(stub_, in_.device, entry));
                start = entry.key + '\0';
                records_.emplace(record.from, std::move(record));
            }
            more = page.more;
        }
        return {};
    }

    Status examine_day(Date date) {
        const auto in_force = TRY(agreement::api::terms_on(stub_, {in_.agreement, date}));
        const auto& zone = in_force.terms.zone;
        const auto from = beginning_of(date, zone);
        const auto to = beginning_of(date.plus_days(1), zone);
        const auto record = TRY(record_of_day(stub_, in_.device, from, to));
        const auto settled = TRY(latest_of(stub_, {{in_.device, date}, in_.agreement}));
        ExaminedDay day;
        day.device = in_.device;
        day.day = date;
        day.state = settled ? DayState::FINAL : stub_.time_ms() / 1000 < to ? DayState::OPEN : DayState::RECONCILING;
        if (settled) {
            day.match = settled->match;
            day.revision = settled->revision;
        }
        if (record) {
            day.sequence = record->sequence;
            day.content_id = record->content_id;
            day.transaction = record->transaction;
            TRY(check_chain(date, *record));
            TRY(check_evidence(date, *record));
        }
        if (const auto ocmf = TRY(ocmf_of(from, to, INT64_MAX)))
            day.readings = static_cast<std::int64_t>(ocmf->sessions.size() + ocmf->fiscal.size());
        if (settled) {
            const auto known = record ? record->content_id : TRY(readings_known(from, to, INT64_MAX));
            const auto used = record || settled->content_id ? settled->content_id.value_or("no record")
                                                            : TRY(readings_known(from, to, settled->settled_ms));
            note(CheckKind::FINAL_DAY, date, known == used, known, used + "; a revision is due (data.revise)");
            if (known == used) TRY(check_reconciliation(in_force.terms, *settled, record));
        }
        out_.days.push_back(std::move(day));
        return {};
    }

    // Of a meter that signs OCMF readings; none of others.
    Result<std::optional<OcmfDay>> ocmf_of(std::int64_t from, std::int64_t to, std::int64_t until_ms) {
        if (device_.profile != registry::kProfileOcmf) return std::nullopt;
        return TRY(ocmf_day(stub_, in_.device, from, to, until_ms));
    }

    // What there was of a day without a DAILY record: of an OCMF meter its sessions and fiscal readings.
    Result<std::string> readings_known(std::int64_t from, std::int64_t to, std::int64_t until_ms) {
        const auto ocmf = TRY(ocmf_of(from, to, until_ms));
        if (!ocmf || ocmf->empty()) return std::string("no record");
        return fmt::format("{} sessions and {} fiscal readings", ocmf->sessions.size(), ocmf->fiscal.size());
    }

    // The record names those before it. Corrections are in the chain of sequences alone.
    Status check_chain(Date date, const StoredRecord& record) {
        if (const auto text = TRY(stub_.get(sequence_key(in_.device, record.sequence - 1)))) {
            const auto before = TRY(read_document<StoredRecord>(*text, "a record"));
            if (before.format == "record") {
                note(CheckKind::CHAIN, date, record.previous == before.content_id, before.content_id,
                     record.previous.value_or("none"));
            }
        }
        if (record.previous_daily && !record.corrects) TRY(check_daily_chain(date, record));
        return {};
    }

    // No DAILY record has a sequence between that of the record and that of the one which it names.
    Status check_daily_chain(Date date, const StoredRecord& record) {
        const auto key = content_key(*record.previous_daily, in_.device);
        const auto named = TRY(get_document<ContentEntry>(stub_, key, "a content entry"));
        if (!named) return {};  // it may still come
        const auto between = TRY(stub_.range(daily_key(in_.device, named->sequence + 1),
                                             daily_key(in_.device, record.sequence), {.limit = 1}));
        note(CheckKind::CHAIN, date, between.entries.empty() && named->sequence < record.sequence,
             "the DAILY record before", fmt::format("record {}", named->sequence));
        return {};
    }

    Result<crypto::PublicKey> key_of(const StoredRecord& record) {
        if (record.epoch == device_.epoch) return registry::key_of(device_);
        const auto found = std::ranges::find(device_.previous_keys, record.epoch, &registry::PreviousKey::epoch);
        if (found == device_.previous_keys.end())
            return fail(Code::bad_key, "the device has had no key {}", record.epoch);
        return crypto::PublicKey::from_spki(TRY(from_base64(found->key)));
    }

    Status check_signature(const StoredRecord& record, ByteView message) {
        const auto key = TRY(key_of(record));
        const auto cose = TRY(crypto::Sign1::decode(message));
        return cose.verify(key, as_bytes(stub_.channel()));
    }

    Status check_evidence(Date date, const StoredRecord& record) {
        const auto found = evidence_.find(record.content_id);
        if (found == evidence_.end()) return {};
        const auto& [message, packed] = found->second;
        // A message or a series that is not what the ledger has is the caller's fault, and no finding.
        if (to_base64(TRY(decode_record(message)).signature) != record.signature)
            return fail(Code::malformed, "the attached record {} of {} has another signature than the ledger's",
                        record.sequence, in_.device);
        note(CheckKind::SIGNATURE, date, fmt::format("by key {} of {}", record.epoch, in_.device),
             check_signature(record, message));
        if (record.commitment) return {};  // the keepers have its figures and rows
        auto rows = TRY(rows_of(record, found->second));
        if (rows.empty() && record.rows > 0) return {};  // its holder keeps them
        TRY(check_series(TRY(signed_figures(record)), rows));
        note(CheckKind::SERIES, date, true, "", "");
        rows_[date] = std::move(rows);
        return {};
    }

    Result<Bytes> rows_of(const StoredRecord& record, const Evidence& evidence) {
        const auto message = TRY(decode_record(evidence.message));
        if (message.record.series) return to_bytes(*message.record.series);
        const auto figures = TRY(signed_figures(record));
        if (message.packed || evidence.packed) TRY(check_open(record));
        if (message.packed) return unpack_series(figures, *message.packed);
        if (evidence.packed) return unpack_series(figures, *evidence.packed);
        return Bytes();
    }

    // Computes the FINAL day again, from what had come when it became final.
    Status check_reconciliation(const agreement::Terms& terms, const SettledDay& settled,
                                const std::optional<StoredRecord>& record) {
        auto cloud = TRY(get_document<CloudDay>(stub_, cloud_key(in_.device, settled.from), "a cloud series"));
        if (cloud && cloud->received_ms > settled.settled_ms) cloud.reset();
        const auto before = TRY(day_before_as_known(stub_, settled));
        DayFacts facts;
        facts.record = record ? &*record : nullptr;
        facts.cloud = cloud ? &*cloud : nullptr;
        facts.before = before ? &*before : nullptr;
        const auto ocmf = TRY(ocmf_of(settled.from, settled.to, settled.settled_ms));
        facts.ocmf = ocmf ? &*ocmf : nullptr;
        const auto rows = rows_.find(settled.day);
        const bool has_windows = !terms.windows.empty();
        if (has_windows && rows != rows_.end()) facts.rows = rows->second;
        auto fields = TRY(settle_fields(terms, facts));
        auto stored = settled.fields;
        if (has_windows && !facts.rows) {  // without the readings the windows cannot be told
            for (auto& each : stored) each.windows.reset();
        }
        const auto text = [](const auto& list) { return json_text(to_json(list)); };
        if (fields != stored && before && before->settled_ms == settled.settled_ms) {
            facts.before = nullptr;  // both became FINAL in one transaction, this day first
            fields = TRY(settle_fields(terms, facts));
        }
        const auto traffic = settle_traffic(terms, facts);
        const bool holds =
            fields == stored && traffic.billed == settled.traffic && traffic.match == settled.traffic_match;
        note(CheckKind::RECONCILIATION, settled.day, holds, holds ? "" : text(fields), holds ? "" : text(stored));
        return {};
    }

    Stub& stub_;
    const Examine& in_;
    EvidenceById evidence_;
    registry::DeviceView device_;
    std::map<std::int64_t, StoredRecord> records_;  // by the beginning of their days
    std::map<Date, Bytes> rows_;
    Examined out_;
};

}  // namespace

Result<Examined> examine(Stub& stub, const Examine& in) {
    if (in.until <= in.from)
        return fail(Code::invalid_argument, "the days from {} until before {} are none", in.from.text(),
                    in.until.text());
    return DataExamination(stub, in, TRY(attached(stub))).run();
}

}  // namespace tally::chaincode::data
