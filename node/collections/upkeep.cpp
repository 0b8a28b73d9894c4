#include "node/collections/upkeep.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>

#include "chaincode/calendar.h"
#include "chaincode/contracts/paging.h"
#include "chaincode/contracts/registry/answers.h"
#include "crypto/thread_name.h"
#include "gateway/http/log_value.h"
#include "node/threads/stopwatch.h"

namespace tally::node {

namespace data = chaincode::data;
namespace registry = chaincode::registry;

namespace {

constexpr std::int64_t kFirstWait_ms = 2000, kLongestWait_ms = 10 * 60'000;
constexpr std::int64_t kBetweenExpiries_ms = 3'600'000;
constexpr std::int64_t kLongestLook_ms = 10'000;
constexpr std::int64_t kGivenUpAfter_ms = 7LL * 86'400'000;  // until the node starts again
constexpr std::size_t kExpiredInOneReport = 100'000;
constexpr std::int64_t kAfterFailure_ms = 60'000;
constexpr auto kBetweenLooks = std::chrono::seconds(1), kLookAfterFailure = std::chrono::seconds(10);

std::string digest_of(const std::vector<storage::KeptEntry>& entries) {
    std::vector<crypto::Hash> ids;
    for (const auto& each : entries) ids.push_back(each.content_id);
    std::ranges::sort(ids);
    crypto::Sha256 digest;
    for (const auto& id : ids) digest.update(id.view());
    return digest.finish().hex();
}

}  // namespace

// What fails for one collection or erasure keeps none of the others back; the first error is the answer.
Status CollectionUpkeep::look(bool changed) {
    Status first;
    const auto note = [&first](Status status) {
        if (first && !status) first = std::move(status);
    };
    if (changed) {
        TRY(ask_all<registry::CollectionPage>(calls_, "registry", "list_collections",
                                              chaincode::PageArguments{chaincode::kLargestPage, {}},
                                              [this](auto& page) {
                                                  for (auto& each : page.collections)
                                                      if (keeper_.is_keeper(each)) collections_.emplace(each.id, each);
                                              }));
        if (collections_.empty()) return {};
        note(erase_ordered());
        for (const auto& [id, collection] : collections_) note(find_missing(collection));
    }
    note(fetch_missing());
    if (collections_.empty() || now_ms() < expiry_due_ms_) return first;
    for (const auto& [id, collection] : collections_) note(expire(collection));
    expiry_due_ms_ = now_ms() + (first ? kBetweenExpiries_ms : kAfterFailure_ms);
    return first;
}

template <class Report>
Status CollectionUpkeep::purge(const std::string& mark, std::string_view function, Report report,
                               const std::vector<storage::KeptEntry>& entries) {
    report.series = static_cast<std::int64_t>(entries.size());
    report.digest = digest_of(entries);
    TRY(keeper_.store().set_mark(mark, chaincode::json_text(chaincode::to_json(report))));
    return finish(mark, function, report, entries);
}

template <class Report>
Status CollectionUpkeep::finish(const std::string& mark, std::string_view function, const Report& report,
                                const std::vector<storage::KeptEntry>& entries) {
    TRY(keeper_.store().remove(entries));
    const auto made = calls_.run("data", function, chaincode::json_text(chaincode::to_json(report)), {});
    // An earlier attempt may have been committed after this node had stopped to wait for it.
    if (!made && made.error().code != Code::already_exists) return std::unexpected(made.error());
    spdlog::info("event=series_removed collection={} series={} digest={}", gateway::log_value(report.collection),
                 report.series, report.digest);
    return keeper_.store().set_mark(mark, "");
}

Status CollectionUpkeep::find_missing(const Collection& collection) {
    auto& seen_ms = seen_ms_[collection.id];
    const auto mark = "seen/" + collection.id;
    if (seen_ms == 0) {
        if (const auto stored = TRY(keeper_.store().mark(mark)); stored && !stored->empty())
            seen_ms = std::stoll(*stored);
    }
    Status looked;
    auto newest_ms = seen_ms;
    data::KeptRecords question{
        {chaincode::kLargestPage, {}}, collection.id, std::max<std::int64_t>(seen_ms - keeper_.longest_delay_ms(), 0)};
    TRY(ask_all<data::KeptPage>(calls_, "data", "kept_records", question, [&](const data::KeptPage& page) {
        for (const auto& each : page.records) {
            if (!looked) return;
            newest_ms = std::max(newest_ms, each.received_ms);
            const auto id = crypto::Hash::from_hex(each.content_id);
            const auto has = id ? keeper_.store().has(each.device, *id) : std::unexpected(id.error());
            if (!has) {
                looked = std::unexpected(has.error());
            } else if (!*has) {
                missing_.try_emplace({each.device, *id}, collection.id, now_ms(), kFirstWait_ms, now_ms());
            }
        }
    }));
    TRY(looked);
    seen_ms = newest_ms;
    // After a restart the node reads on from here; what it still lacks by then, it finds again.
    const bool lacks =
        std::ranges::any_of(missing_, [&](const auto& each) { return each.second.collection == collection.id; });
    auto& marked_ms = marked_ms_[collection.id];
    if (lacks || marked_ms == seen_ms) return {};
    TRY(keeper_.store().set_mark(mark, fmt::format("{}", seen_ms)));
    marked_ms = seen_ms;
    return {};
}

// Each look goes on after the last one that was tried, and has a limited time: a keeper that does not answer delays
// what it does not have, and nothing else for ever.
Status CollectionUpkeep::fetch_missing() {
    const auto begun_ms = now_ms();
    for (std::size_t looked = 0, most = missing_.size(); looked < most && !missing_.empty(); ++looked) {
        if (now_ms() > begun_ms + kLongestLook_ms) break;
        auto at = missing_.upper_bound(last_tried_);
        if (at == missing_.end()) at = missing_.begin();
        last_tried_ = at->first;
        auto& missing = at->second;
        if (now_ms() < missing.next_ms) continue;
        const auto is_settled = TRY(settle_missing(at->first, collections_.at(missing.collection)));
        if (is_settled || now_ms() > missing.since_ms + kGivenUpAfter_ms) {
            missing_.erase(at);
            continue;
        }
        missing.next_ms = now_ms() + missing.wait_ms;
        missing.wait_ms = std::min(missing.wait_ms * 2, kLongestWait_ms);
    }
    return {};
}

// Whether there is nothing more to be done: a gateway of this organization has brought the rows meanwhile, they need
// not be kept any more, or another keeper had them.
Result<bool> CollectionUpkeep::settle_missing(const RecordName& name, const Collection& collection) {
    const auto& [device, content_id] = name;
    if (TRY(keeper_.store().has(device, content_id))) return true;
    const auto kept = TRY(ask<data::Keeping>(calls_, "data", "keeping", data::KeepingOf{device, content_id.hex()}));
    if (kept.erased_by || (kept.keep_until && *kept.keep_until * 1000 <= now_ms())) return true;
    return keeper_.fetch(device, content_id, collection).has_value();
}

Status CollectionUpkeep::erase_ordered() {
    data::Erasures question{
        {chaincode::kLargestPage, {}}, {}, std::max<std::int64_t>(erasures_seen_ms_ - keeper_.longest_delay_ms(), 0)};
    std::vector<data::ErasureView> orders;
    TRY(ask_all<data::ErasurePage>(calls_, "data", "erasures", question, [&](data::ErasurePage& page) {
        for (auto& each : page.erasures) orders.push_back(std::move(each));
    }));
    Status first;
    for (const auto& order : orders) {
        auto erased = erase(order);
        if (first && !erased) first = std::move(erased);
        if (first) erasures_seen_ms_ = std::max(erasures_seen_ms_, order.ordered_ms);
    }
    return first;
}

// Reports for every collection of which it may have held something, also that it held nothing.
Status CollectionUpkeep::erase(const data::ErasureView& order) {
    std::map<std::string, std::vector<storage::KeptEntry>> by_collection;
    for (auto& each : TRY(keeper_.store().of_device(order.device))) {
        if (order.from <= each.from_s && each.to_s <= order.to && each.received_ms <= order.ordered_ms)
            by_collection[each.collection].push_back(std::move(each));
    }
    const auto all =
        TRY(ask<registry::CollectionsOf>(calls_, "registry", "collections_of", registry::OneDevice{order.device}));
    for (const auto& collection : all.collections) {
        if (collections_.contains(collection)) by_collection.try_emplace(collection);
    }
    for (const auto& [collection, entries] : by_collection) {
        const auto mark = fmt::format("erasing/{}/{}", order.order, collection);
        const bool is_reported = std::ranges::any_of(order.reports, [&](const data::ErasureReport& report) {
            return report.organization == calls_.organization() && report.node == keeper_.node() &&
                   report.collection == collection;
        });
        if (is_reported || reported_.contains(mark)) {
            TRY(keeper_.store().remove(entries));  // what came late
            continue;
        }
        if (const auto begun = TRY(keeper_.store().mark(mark)); begun && !begun->empty()) {
            const auto report = TRY(chaincode::from_json<data::ReportErased>(
                TRY(chaincode::parse_json(*begun, "a report that was begun"))));
            TRY(keeper_.store().finish_removals());
            TRY(finish(mark, "report_erased", report, entries));
        } else {
            TRY(purge(mark, "report_erased",
                      data::ReportErased{order.device, order.order, collection, keeper_.node(), 0, {}}, entries));
        }
        reported_.insert(mark);
    }
    return {};
}

Status CollectionUpkeep::expire(const Collection& collection) {
    if (!collection.keep_days) return {};
    const auto mark = "expiring/" + collection.id;
    if (const auto begun = TRY(keeper_.store().mark(mark)); begun && !begun->empty()) {
        const auto report = TRY(
            chaincode::from_json<data::ReportExpired>(TRY(chaincode::parse_json(*begun, "a report that was begun"))));
        const auto entries = TRY(keeper_.store().ended_before(collection.id, report.before, kExpiredInOneReport));
        TRY(keeper_.store().finish_removals());
        TRY(finish(mark, "report_expired", report, entries));
    }
    const auto before = now_ms() / 1000 - *collection.keep_days * chaincode::kDay_s;
    const auto entries = TRY(keeper_.store().ended_before(collection.id, before, kExpiredInOneReport));
    if (entries.empty()) return {};
    const auto last = entries.size() < kExpiredInOneReport ? before : entries.back().to_s;
    return purge(mark, "report_expired", data::ReportExpired{collection.id, keeper_.node(), last, 0, {}}, entries);
}

void keep_collections(const Keeper& keeper, ContractCalls& calls, const std::function<std::uint64_t()>& height,
                      const std::stop_token& stop) {
    name_thread("collections");
    CollectionUpkeep upkeep(keeper, calls);
    std::mutex mutex;
    std::condition_variable_any wake;
    std::optional<std::uint64_t> last;
    while (!stop.stop_requested()) {
        const auto now = height();
        auto pause = kBetweenLooks;
        if (const auto status = upkeep.look(last != now); !status) {
            spdlog::warn("event=collections_not_kept what={}", gateway::log_value(status.error().message));
            pause = kLookAfterFailure;
        } else {
            last = now;
        }
        std::unique_lock lock(mutex);
        wake.wait_for(lock, stop, pause, [] { return false; });
    }
}

}  // namespace tally::node
