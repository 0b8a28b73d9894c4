#include "node/metrics/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/metric_family.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <mutex>

#include "node/threads/stopwatch.h"

namespace tally::node {
namespace {

const prometheus::Histogram::BucketBoundaries kSeconds{0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                                                       0.05,   0.1,     0.25,   0.5,   1,      2.5,   5,    10};
const prometheus::Histogram::BucketBoundaries kBytes{1e3, 1e4, 1e5, 1e6, 4e6, 1.6e7, 6.4e7};
const prometheus::Histogram::BucketBoundaries kCounts{1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000};
constexpr std::array<const char*, 5> kStages{"endorse", "sync", "validate", "apply", "total"};

}  // namespace

struct Metrics::Impl {
    prometheus::Registry registry;
    prometheus::Family<prometheus::Counter>& transactions =
        prometheus::BuildCounter()
            .Name("tally_transactions_total")
            .Help("Transactions in committed blocks, by validation code")
            .Register(registry);
    prometheus::Family<prometheus::Counter>& refusals = prometheus::BuildCounter()
                                                            .Name("tally_refusals_total")
                                                            .Help("Submissions refused before ordering, by error code")
                                                            .Register(registry);
    prometheus::Family<prometheus::Histogram>& stages = prometheus::BuildHistogram()
                                                            .Name("tally_stage_seconds")
                                                            .Help("Time per stage of a transaction or block")
                                                            .Register(registry);
    prometheus::Family<prometheus::Histogram>& block_bytes =
        prometheus::BuildHistogram().Name("tally_block_bytes").Help("Transaction bytes per block").Register(registry);
    prometheus::Family<prometheus::Histogram>& block_transactions =
        prometheus::BuildHistogram().Name("tally_block_transactions").Help("Transactions per block").Register(registry);
    prometheus::Family<prometheus::Counter>& requests = prometheus::BuildCounter()
                                                            .Name("tally_http_requests_total")
                                                            .Help("HTTP requests by route and status")
                                                            .Register(registry);
    prometheus::Family<prometheus::Histogram>& request_seconds = prometheus::BuildHistogram()
                                                                     .Name("tally_http_request_seconds")
                                                                     .Help("HTTP request latency by route")
                                                                     .Register(registry);
    prometheus::Family<prometheus::Counter>& consensus_messages = prometheus::BuildCounter()
                                                                      .Name("tally_consensus_messages_total")
                                                                      .Help("Messages of the agreement, by kind")
                                                                      .Register(registry);

    struct Reading {
        Kind kind = Kind::gauge;
        std::string name;
        std::string help;
        std::string label;  // empty: none
        std::function<Figures()> read;
    };
    mutable std::mutex mutex;
    std::vector<Reading> readings;

    [[nodiscard]] std::vector<prometheus::MetricFamily> read() const;
};

Metrics::Metrics() : impl_(std::make_unique<Impl>()) {}
Metrics::~Metrics() = default;

void Metrics::transaction(std::string_view code) { impl_->transactions.Add({{"code", std::string(code)}}).Increment(); }
void Metrics::refused(std::string_view code) { impl_->refusals.Add({{"code", std::string(code)}}).Increment(); }
void Metrics::stage(Stage stage, double seconds) {
    impl_->stages.Add({{"stage", kStages[static_cast<std::size_t>(stage)]}}, kSeconds).Observe(seconds);
}

void Metrics::block(const storage::Block& block) {
    std::size_t bytes = 0;
    for (const auto transaction : transactions_of(block)) bytes += transaction.size();
    impl_->block_transactions.Add({}, kCounts).Observe(static_cast<double>(block.transaction_count()));
    impl_->block_bytes.Add({}, kBytes).Observe(static_cast<double>(bytes));
}

void Metrics::consensus_message(std::string_view direction, std::string_view kind, std::size_t count) {
    impl_->consensus_messages.Add({{"direction", std::string(direction)}, {"kind", std::string(kind)}})
        .Increment(static_cast<double>(count));
}

void Metrics::request(std::string_view route, int status, double seconds) {
    impl_->requests.Add({{"route", std::string(route)}, {"status", std::to_string(status)}}).Increment();
    impl_->request_seconds.Add({{"route", std::string(route)}}, kSeconds).Observe(seconds);
}

void Metrics::figure(Kind kind, const std::string& name, const std::string& help, std::string label,
                     std::string label_value, std::function<double()> read) {
    figures(kind, name, help, std::move(label),
            [value = std::move(label_value), read = std::move(read)] { return Figures{{value, read()}}; });
}

void Metrics::figures(Kind kind, const std::string& name, const std::string& help, std::string label,
                      std::function<Figures()> read) {
    const std::lock_guard lock(impl_->mutex);
    impl_->readings.push_back({kind, name, help, std::move(label), std::move(read)});
}

std::vector<prometheus::MetricFamily> Metrics::Impl::read() const {
    const std::lock_guard lock(mutex);
    std::vector<prometheus::MetricFamily> families;
    for (const auto& reading : readings) {
        const bool counts = reading.kind == Kind::counter;
        prometheus::MetricFamily family{
            reading.name, reading.help, counts ? prometheus::MetricType::Counter : prometheus::MetricType::Gauge, {}};
        for (auto& [value, figure] : reading.read()) {
            prometheus::ClientMetric metric;
            if (!reading.label.empty()) metric.label.push_back({reading.label, value});
            (counts ? metric.counter.value : metric.gauge.value) = figure;
            family.metric.push_back(std::move(metric));
        }
        families.push_back(std::move(family));
    }
    return families;
}

void Metrics::include(const Metrics& other) { included_.push_back(&other); }

// The format wants all lines of a name together, whichever channel they are of.
std::string Metrics::text() const {
    std::map<std::string, prometheus::MetricFamily> by_name;
    const auto add = [&](const Metrics& part) {
        auto families = part.impl_->registry.Collect();
        std::ranges::move(part.impl_->read(), std::back_inserter(families));
        for (auto& family : families) {
            auto& whole = by_name.try_emplace(family.name, family.name, family.help, family.type).first->second;
            for (auto& metric : family.metric) {
                if (!part.channel_.empty()) metric.label.push_back({"channel", part.channel_});
                whole.metric.push_back(std::move(metric));
            }
        }
    };
    add(*this);
    for (const auto* other : included_) add(*other);
    std::vector<prometheus::MetricFamily> families;
    for (auto& [name, family] : by_name) families.push_back(std::move(family));
    return prometheus::TextSerializer().Serialize(families);
}

void add_certificate_gauge(Metrics& metrics, const std::string& name, std::function<std::int64_t()> not_after_ms) {
    metrics.figure(Metrics::Kind::gauge, "tally_certificate_expiry_seconds",
                   "Seconds until a certificate of this node expires", "certificate", name,
                   [until = std::move(not_after_ms)] { return static_cast<double>(until() - now_ms()) / 1000; });
}

}  // namespace tally::node
