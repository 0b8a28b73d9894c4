#include "node/backend/submissions.h"

#include "chaincode/contracts/data/refusals.h"
#include "chaincode/json/strict_json.h"
#include "chaincode/records/device_record.h"
#include "chaincode/records/ocmf_record.h"
#include "chaincode/records/vitro_block.h"
#include "node/backend/transaction_status.h"
#include "node/channel/config_contract.h"
#include "node/channel/config_update.h"
#include "node/threads/stopwatch.h"
#include "storage/model/read_transaction.h"

namespace tally::node {

namespace json = boost::json;

namespace {

constexpr std::int64_t kDuplicatePatienceMs = 5000;
constexpr std::int64_t kApplyPatienceMs = 60'000;

// What the ledger knows a record by.
struct RecordName {
    std::string device;
    std::string content_id;
};

// What a content type stands for: the function that stores it, and the query that finds it again.
struct Form {
    std::string_view content_type;
    std::string_view function;
    std::string_view arguments;
    std::string_view query;
};
constexpr Form kRecord{"application/cose", "publish", R"({"format":"record"})", "find"};
constexpr Form kVitro{"application/vnd.vitro.iot-block", "publish", R"({"format":"vitro"})", "find"};
constexpr Form kOcmf{"application/vnd.tally.ocmf", "publish_ocmf", "{}", "ocmf_record"};

const Form& form_of(std::string_view content_type) {
    for (const auto* const form : {&kVitro, &kOcmf}) {
        if (form->content_type == content_type) return *form;
    }
    return kRecord;
}

Result<RecordName> name_of(ByteView record, const Form& form) {
    if (&form == &kRecord) {
        const auto decoded = TRY(chaincode::decode_record(record));
        return RecordName{decoded.record.device, decoded.content_id.hex()};
    }
    if (&form == &kOcmf) {
        const auto decoded = TRY(chaincode::read_ocmf(as_text(record)));
        return RecordName{decoded.meter(), decoded.content_id.hex()};
    }
    // The digest holds in one of the field orders alone.
    auto block = chaincode::decode_vitro(record, chaincode::VitroProfile::vitro1);
    if (!block) block = chaincode::decode_vitro(record, chaincode::VitroProfile::vitro2);
    const auto decoded = TRY(std::move(block));
    return RecordName{decoded.node_hex(), decoded.digest.hex()};
}

}  // namespace

// A device record on its way.
struct NodeSubmissions::Publication {
    Bytes record;
    const Form* form = nullptr;
    chaincode::Caller caller;
    gateway::Wait wait;
    gateway::Done<gateway::RecordOutcome> done;
    std::optional<ConfidentialRecord> confidential;  // then `record` has no readings
};

NodeSubmissions::NodeSubmissions(SubmissionParts parts)
    : parts_(std::move(parts)), duplicates_("records", kWaitingOfOne, kWaiting) {}

void NodeSubmissions::publish(Bytes record, std::string content_type, chaincode::Caller caller, gateway::Wait wait,
                              gateway::Done<gateway::RecordOutcome> done) {
    const auto publication = std::make_shared<Publication>(
        Publication{std::move(record), &form_of(content_type), std::move(caller), wait, std::move(done), {}});
    auto sign = [this, publication]() -> Result<Submitter::OwnProposal> {
        const auto& form = *publication->form;
        if (&form == &kRecord && !publication->confidential) {
            publication->confidential = TRY(parts_.keeper.take_readings(publication->record));
            if (publication->confidential) publication->record = publication->confidential->record;
        }
        chaincode::Proposal proposal{parts_.membership.get()->config().channel,
                                     "data",
                                     std::string(form.function),
                                     std::string(form.arguments),
                                     {ByteView(publication->record)},
                                     {},
                                     now_ms()};
        return Submitter::OwnProposal{
            chaincode::sign_proposal(parts_.client.key, parts_.client.chain(), std::move(proposal)),
            publication->confidential.has_value()};
    };
    auto finish = [this, publication](Result<Submission> submission) {
        if (!submission) {
            if (submission.error().code == chaincode::data::refusals::duplicate_record)
                return answer_duplicate({publication, submission.error(), steady_ms() + kDuplicatePatienceMs});
            return publication->done(std::unexpected(submission.error()));
        }
        gateway::RecordOutcome outcome{status_of(*submission), {}, false};
        if (const auto* result = outcome.transaction.result.if_object()) {
            if (const auto* id = result->if_contains("content_id"); id != nullptr && id->is_string()) {
                outcome.content_id = id->get_string();
            }
        }
        answer(publication, std::move(outcome));
    };
    parts_.submitter.submit_own(publication->caller.organization, publication->record.size(), std::move(sign),
                                parts_.client.key.public_key(), publication->wait == gateway::Wait::committed,
                                std::move(finish));
}

void NodeSubmissions::answer(const std::shared_ptr<Publication>& publication, gateway::RecordOutcome outcome) {
    // Its device may have been released from its collection since the record was published.
    if (outcome.duplicate && !publication->confidential && publication->form == &kRecord) {
        auto kept = parts_.keeper.kept_readings(publication->record);
        if (!kept) return publication->done(std::unexpected(kept.error()));
        publication->confidential = std::move(*kept);
    }
    if (!publication->confidential || outcome.transaction.state != gateway::TransactionStatus::State::committed ||
        outcome.transaction.code != storage::ValidationCode::VALID)
        return publication->done(std::move(outcome));
    const auto bytes = publication->confidential->readings.size();
    const auto posted = parts_.tasks.post(publication->caller.organization, bytes, [this, publication, outcome] {
        const auto& [record, readings, device, content_id] = *publication->confidential;
        const auto handed = parts_.keeper.hand_over(device, content_id, readings);
        // What its keepers may not hold any more is published all the same.
        if (!handed && handed.error().code != Code::not_kept) return publication->done(std::unexpected(handed.error()));
        publication->done(outcome);
    });
    if (!posted) publication->done(std::unexpected(posted.error()));
}

// As the first was. An endorser may have its block already when this node does not: then it is waited for.
void NodeSubmissions::answer_duplicate(Duplicate duplicate) {
    if (is_answered(duplicate)) return;
    const auto& publication = *duplicate.publication;
    const auto waits = duplicates_.add(publication.caller.organization, publication.record.size(), duplicate);
    if (!waits) publication.done(std::unexpected(std::move(duplicate.refusal)));
}

bool NodeSubmissions::is_answered(Duplicate& duplicate) {
    auto first = earlier(*duplicate.publication);
    const bool known = first && *first;
    if (first && !known && steady_ms() < duplicate.deadline_ms) return false;
    if (known)
        answer(duplicate.publication, std::move(**first));
    else
        duplicate.publication->done(std::unexpected(std::move(duplicate.refusal)));
    return true;
}

void NodeSubmissions::look_for_duplicates() {
    duplicates_.look([this](Duplicate& duplicate) { return is_answered(duplicate); });
}

Result<std::optional<gateway::RecordOutcome>> NodeSubmissions::earlier(const Publication& publication) {
    const auto& form = *publication.form;
    const auto name = TRY(name_of(publication.record, form));
    const json::object arguments{{"content_id", name.content_id}, {"device", name.device}};
    const auto found = TRY(parts_.evaluator.query(publication.caller, "data", std::string(form.query),
                                                  chaincode::json_text(arguments), now_ms()));
    const auto* record = found.if_object();
    const auto* transaction = record == nullptr ? nullptr : record->if_contains("transaction");
    if (transaction == nullptr || !transaction->is_string()) return std::nullopt;
    const auto id = TRY(crypto::Hash::from_hex(std::string_view(transaction->get_string())));
    gateway::RecordOutcome outcome{TRY(find_status(parts_.ledger, parts_.waiting, id)), name.content_id, true};
    return outcome;
}

void NodeSubmissions::submit(chaincode::Caller caller, Bytes proposal, gateway::Wait wait,
                             gateway::Done<gateway::TransactionStatus> done) {
    parts_.submitter.submit(caller.organization, std::move(proposal), wait == gateway::Wait::committed,
                            [done = std::move(done)](Result<Submission> submission) {
                                if (!submission) return done(std::unexpected(submission.error()));
                                done(status_of(*submission));
                            });
}

// The proposals that approve it are on the ledger, as their signers sent them.
Result<Bytes> NodeSubmissions::configuration_update(const crypto::Hash& config) const {
    const auto state = parts_.ledger.state();
    const auto proposed = TRY(read_config_proposal(*state, config));
    const auto current = parts_.membership.get();
    if (config == current->config_hash()) return fail(Code::already_exists, "it is in force already");
    std::vector<Bytes> approvals;
    for (const auto& id : proposed.approvals) {
        const auto bytes = TRY(state->transaction_bytes(id));
        approvals.push_back(TRY(storage::read_transaction(bytes, "an approval")).proposal);
    }
    // As the next block will judge them; its time is not before the last one's.
    const auto time_ms = std::max(now_ms(), parts_.ledger.tip()->time_ms);
    auto chosen = TRY(choose_approvals(proposed.config, approvals, *current, time_ms));
    TRY(next_channel_config(proposed.config, current->config()));
    return encode_config_update({current->config().channel, proposed.config, std::move(chosen)});
}

void NodeSubmissions::apply_configuration(const chaincode::Caller& caller, const crypto::Hash& config,
                                          gateway::Done<gateway::TransactionStatus> done) {
    auto shared = std::make_shared<gateway::Done<gateway::TransactionStatus>>(std::move(done));
    const auto posted = parts_.tasks.post(caller.organization, 0, [this, config, shared] {
        const auto update = configuration_update(config);
        if (!update) return (*shared)(std::unexpected(update.error()));
        const auto id = config_update_id(*storage::read_transaction(*update, "an update"));
        const auto committed = [shared, id](Result<Outcome> outcome) {
            if (!outcome) return (*shared)(std::unexpected(outcome.error()));
            (*shared)(status_of({id, std::move(*outcome), true}));
        };
        if (!parts_.waiting.add(id, committed, steady_ms() + kApplyPatienceMs)) return;
        if (const auto status = parts_.order_configuration(*update); !status)
            parts_.waiting.resolve(id, std::unexpected(status.error()));
    });
    if (!posted) (*shared)(std::unexpected(posted.error()));
}

}  // namespace tally::node
