#include "node/channel/ocmf_evidence.h"

#include "chaincode/contracts/data/ocmf_sessions.h"
#include "chaincode/json/reflect.h"
#include "chaincode/json/strict_json.h"

namespace tally::node {

namespace data = chaincode::data;

namespace {

std::string text_of(const data::StoredSession& session) { return chaincode::json_text(chaincode::to_json(session)); }

// The verdicts of the transaction, if they follow from the record; else what would follow.
std::vector<chaincode::OcmfVerdict> verdicts_of(const chaincode::OcmfRecord& record, DeviceKeys::Epoch epoch,
                                                const data::OcmfPublished& answer) {
    auto taken = data::verdicts_on(record, epoch, true);
    return answer.verdicts == taken ? std::move(taken) : data::verdicts_on(record, epoch, false);
}

}  // namespace

Status OcmfEvidence::add(const ReceiptFacts& facts) {
    if (facts.contract != "data" || facts.function != "publish_ocmf" || facts.attachments.empty())
        return fail(Code::bad_proof, "the transaction {} carries no OCMF record", facts.id.hex());
    const auto answer = TRY(chaincode::from_json<data::OcmfPublished>(
        TRY(chaincode::parse_json(facts.result, "what publishing answered"))));
    if (answer.device != device_)
        return fail(Code::bad_proof, "the record of transaction {} is of \"{}\"", facts.id.hex(), answer.device);
    const auto read = TRY(chaincode::read_ocmf(as_text(facts.attachments.front())));
    auto record = data::content_of(read);
    record.device = device_;
    record.transaction = facts.id.hex();
    record.received_ms = facts.created_ms;
    const auto period = data::period_of(read, facts.created_ms);
    record.epoch = keys_.epoch_of(facts.created_ms, period.to_s * 1000,
                                  [&](const auto& key) { return chaincode::verify_ocmf(read, key); });
    if (record.epoch == 0)
        return fail(Code::bad_signature, "the signature of the record {} verifies under no proven key of the device",
                    record.content_id);
    record.verdicts = verdicts_of(read, record.epoch, answer);
    if (record.verdicts != answer.verdicts)
        return fail(Code::bad_proof, "the verdicts on the record {} do not follow from it", record.content_id);
    for (const auto& [place, reading] : data::fiscal_readings(record))
        fiscal_.emplace(Place(reading.time_ms, record.content_id, place), reading);
    for (std::size_t i = 0; i < answer.sessions.size(); ++i) {
        const auto& session = answer.sessions[i];
        sessions_.emplace(Place(session.end_ms, session.content_id, i), session);
    }
    const auto id = record.content_id;
    if (!records_.emplace(id, std::move(record)).second)
        return fail(Code::bad_proof, "the record {} is there twice", id);
    return {};
}

Status OcmfEvidence::check_session(const data::StoredSession& answered, std::size_t number) const {
    const auto begin = records_.find(answered.begin_content_id);
    const auto end = records_.find(answered.content_id);
    if (begin == records_.end() || end == records_.end())
        return fail(Code::bad_proof, "the record {} of a session is not in the file",
                    begin == records_.end() ? answered.begin_content_id : answered.content_id);
    const auto sessions = data::sessions_with(begin->second, end->second);
    if (number >= sessions.size())
        return fail(Code::bad_proof, "the records {} and {} give no such session", answered.begin_content_id,
                    answered.content_id);
    auto expected = sessions[number];
    expected.transaction = answered.transaction;
    expected.completed_ms = answered.completed_ms;
    if (data::may_count(expected) && !data::may_count(answered) && !answered.reasons.empty())
        data::refuse(expected, answered.reasons.back());
    if (text_of(expected) == text_of(answered)) return {};
    return fail(Code::bad_proof, "the session {} does not follow from its records, which give {}", text_of(answered),
                text_of(expected));
}

Result<data::OcmfDay> OcmfEvidence::day(std::int64_t from_s, std::int64_t to_s, std::int64_t until_ms) const {
    const Place from(from_s * 1000, "", 0), to(to_s * 1000, "", 0);
    data::OcmfDay out;
    for (auto each = sessions_.lower_bound(from); each != sessions_.lower_bound(to); ++each) {
        TRY(check_session(each->second, std::get<std::size_t>(each->first)));
        if (each->second.completed_ms <= until_ms) out.sessions.push_back(each->second);
    }
    for (auto each = fiscal_.lower_bound(from); each != fiscal_.lower_bound(to); ++each) {
        if (each->second.completed_ms <= until_ms) out.fiscal.push_back(each->second);
    }
    return out;
}

}  // namespace tally::node
