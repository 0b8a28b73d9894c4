#include "node/collections/keeper.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "chaincode/contracts/data/settle_figures.h"
#include "chaincode/contracts/registry/answers.h"
#include "chaincode/contracts/registry/refusals.h"
#include "chaincode/json/strict_json.h"
#include "chaincode/records/opening.h"
#include "chaincode/records/packed_series.h"
#include "chaincode/records/series.h"
#include "gateway/http/log_value.h"
#include "node/threads/stopwatch.h"
#include "storage/model/archive.h"

namespace tally::node {

namespace data = chaincode::data;
namespace registry = chaincode::registry;

namespace {

constexpr unsigned kFetchThreads = 2;
constexpr std::size_t kFetchQueue = 1024;
constexpr Share kOfOneNode{kFetchQueue / 4, 64U << 20};
constexpr auto kFetchPatience = std::chrono::seconds(3);
constexpr unsigned kFetchAttempts = 10;
constexpr auto kBetweenAttempts = std::chrono::milliseconds(200);

constexpr std::int64_t kClocksDiffer_ms = 5 * 60'000;

// Whether the rows may be kept still.
Status check_term(const data::Keeping& kept) {
    const auto& record = kept.record;
    if (kept.erased_by) {
        return fail(Code::not_kept, "the readings of record {} of \"{}\" were erased by {}", record.sequence,
                    record.device, *kept.erased_by);
    }
    if (kept.keep_until && *kept.keep_until * 1000 <= now_ms()) {
        return fail(Code::not_kept, "the collection \"{}\" keeps the readings of record {} of \"{}\" no longer",
                    kept.collection.id, record.sequence, record.device);
    }
    return {};
}

}  // namespace

Keeper::Keeper(Parts parts)
    : parts_(std::move(parts)), pool_(kFetchThreads, kFetchQueue, "collections"), tasks_(pool_, kOfOneNode) {
    if (parts_.network == nullptr) return;
    parts_.network->on_question(
        FrameKind::series, [this](const std::string& peer, FrameBody body, const NodeNetwork::Answer& answered) {
            const auto bytes = body.size();
            const auto posted = tasks_.post(peer, bytes, [this, peer, body = std::move(body), answered]() mutable {
                const auto opened = std::move(body).open();
                const auto question = opened ? storage::decode<SeriesQuestion>(*opened, "a question for a series")
                                             : std::unexpected(opened.error());
                if (question) return answered(answer(peer, *question));
                parts_.network->blame(peer, question.error());
                answered(std::unexpected(question.error()));
            });
            if (!posted) answered(std::unexpected(posted.error()));
        });
}

void Keeper::stop() { pool_.stop(); }

template <class Answer, class Arguments>
Result<Answer> Keeper::query(std::string_view contract, std::string_view function, const Arguments& arguments) const {
    const chaincode::Caller self{parts_.organization, "peer", parts_.node, {}};
    return chaincode::from_json<Answer>(
        TRY(parts_.evaluator.query(self, std::string(contract), std::string(function),
                                   chaincode::json_text(chaincode::to_json(arguments)), now_ms())));
}

bool Keeper::is_keeper(const registry::Collection& collection) const {
    return std::ranges::find(collection.keepers, parts_.organization) != collection.keepers.end();
}

Result<data::Keeping> Keeper::keeping(const std::string& device, const crypto::Hash& content_id) const {
    return query<data::Keeping>("data", "keeping", data::KeepingOf{device, content_id.hex()});
}

namespace {

Result<ConfidentialRecord> parted(ByteView message, const chaincode::SignedRecord& in) {
    return ConfidentialRecord{TRY(chaincode::without_readings(message)),
                              chaincode::kept_form(in.opening, in.packed.value_or(Bytes())), in.record.device,
                              in.content_id};
}

// Whether the readings are the record's; gives them back as this node packs them: a frame of the sender's own making
// may be far larger than the rows in it.
Result<Bytes> checked_readings(const chaincode::DeviceRecord& record, ByteView readings) {
    const auto kept = TRY(chaincode::read_kept_form(record, readings));
    if (!kept.rows) return chaincode::kept_form(kept.opening, {});
    TRY(chaincode::check_series(kept.record, *kept.rows));
    return chaincode::kept_form(kept.opening, TRY(chaincode::pack_series(kept.record, *kept.rows)));
}

}  // namespace

Result<std::optional<ConfidentialRecord>> Keeper::take_readings(ByteView record) const {
    const auto in = TRY(chaincode::decode_record(record));
    if (in.record.commitment && !in.opening)
        return fail(Code::malformed, "the record has a commitment (key 16), and its opening is not beside it");
    if (!in.packed && !in.opening) return std::nullopt;
    const auto of = query<registry::CollectionOf>("registry", "collection_of", registry::OneDevice{in.record.device});
    if (!of && of.error().code == registry::refusals::unknown_device) return std::nullopt;  // the contract refuses it
    if (!TRY(of).collection) return std::nullopt;
    auto out = TRY(parted(record, in));
    TRY(checked_readings(in.record, out.readings));
    return out;
}

Result<std::optional<ConfidentialRecord>> Keeper::kept_readings(ByteView record) const {
    const auto in = TRY(chaincode::decode_record(record));
    if (!in.packed && !in.opening) return std::nullopt;
    const auto kept = keeping(in.record.device, in.content_id);
    if (!kept && kept.error().code == Code::not_found) return std::nullopt;
    if (!kept) return std::unexpected(kept.error());
    return TRY(parted(record, in));
}

std::int64_t Keeper::longest_delay_ms() const {
    return parts_.membership.get()->config().proposal_lifetime_ms + kClocksDiffer_ms;
}

std::vector<std::string> Keeper::others(const registry::Collection& collection) const {
    std::vector<std::string> nodes;
    if (parts_.network == nullptr) return nodes;
    const auto membership = parts_.membership.get();
    for (const auto& node : membership->config().nodes) {
        if (node.id == parts_.node || !parts_.network->is_there(node.id)) continue;
        if (std::ranges::find(node.roles, "gateway") == node.roles.end()) continue;
        if (std::ranges::find(collection.keepers, node.organization) != collection.keepers.end())
            nodes.push_back(node.id);
    }
    return nodes;
}

Status Keeper::accept(const std::string& device, const crypto::Hash& content_id, ByteView readings) const {
    const auto kept = TRY(keeping(device, content_id));
    const auto& record = kept.record;
    if (!is_keeper(kept.collection)) {
        return fail(Code::permission_denied, "{} is no keeper of the collection \"{}\"", parts_.organization,
                    kept.collection.id);
    }
    TRY(check_term(kept));
    if (TRY(parts_.store.has(device, content_id))) return {};
    return parts_.store.put({device, content_id, kept.collection.id, record.from, record.to, record.received_ms},
                            TRY(checked_readings(TRY(data::signed_figures(record)), readings)));
}

Status Keeper::hand_over(const std::string& device, const crypto::Hash& content_id, ByteView readings) const {
    const auto kept = TRY(keeping(device, content_id));
    TRY(check_term(kept));
    if (is_keeper(kept.collection)) return accept(device, content_id, readings);
    const auto question = storage::encode(SeriesQuestion{device, content_id, to_bytes(readings)});
    std::string refusals;
    const auto members = parts_.membership.get()->config().organization_ids();
    if (std::ranges::none_of(kept.collection.keepers,
                             [&](const auto& keeper) { return std::ranges::find(members, keeper) != members.end(); })) {
        return fail(Code::not_kept, "no keeper of the collection \"{}\" is a member of the channel any more",
                    kept.collection.id);
    }
    for (const auto& node : others(kept.collection)) {
        auto taken = parts_.network->ask(node, FrameKind::series, question, kFetchPatience).wait();
        // Its ledger may lag by some blocks and not have the record yet.
        for (unsigned attempt = 0; !taken && taken.error().code == Code::not_found && attempt < kFetchAttempts;
             ++attempt) {
            std::this_thread::sleep_for(kBetweenAttempts);
            taken = parts_.network->ask(node, FrameKind::series, question, kFetchPatience).wait();
        }
        if (taken) return {};
        refusals += fmt::format("; {}: {}", node, taken.error().message);
    }
    return fail(Code::unavailable,
                "record {} of \"{}\" is on the ledger, but no keeper of the collection \"{}\" has taken its "
                "readings{}; send the record again",
                kept.record.sequence, device, kept.collection.id, refusals);
}

Status Keeper::fetch(const std::string& device, const crypto::Hash& content_id,
                     const registry::Collection& collection) const {
    const auto question = storage::encode(SeriesQuestion{device, content_id, {}});
    for (const auto& node : others(collection)) {
        auto asked = parts_.network->ask(node, FrameKind::series, question, kFetchPatience);
        const auto readings = asked.wait();
        if (!readings) continue;
        const auto accepted = accept(device, content_id, *readings);
        if (accepted) return {};
        // What a keeper has was checked by it: rows that do not fit the root are its lie or its damage.
        spdlog::warn("event=series_refused node={} device={} record={} what={}", node, gateway::log_value(device),
                     content_id.hex(), gateway::log_value(accepted.error().message));
    }
    return fail(Code::unavailable, "no other keeper has the readings of \"{}\" in record {}", device, content_id.hex());
}

Result<Bytes> Keeper::answer(const std::string& peer, const SeriesQuestion& question) const {
    if (!question.readings.empty()) {
        TRY(accept(question.device, question.content_id, question.readings));
        return Bytes();
    }
    const auto kept = TRY(keeping(question.device, question.content_id));
    const auto membership = parts_.membership.get();
    const auto* node = membership->config().node(peer);
    const auto& keepers = kept.collection.keepers;
    if (node == nullptr || std::ranges::find(keepers, node->organization) == keepers.end()) {
        return fail(Code::permission_denied, "{} is no node of a keeper of the collection \"{}\"", peer,
                    kept.collection.id);
    }
    TRY(check_term(kept));
    auto readings = TRY(parts_.store.series(question.device, question.content_id));
    if (!readings) return fail(Code::not_found, "this node does not have them");
    return std::move(*readings);
}

}  // namespace tally::node
