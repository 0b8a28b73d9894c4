#pragma once
// What a node measures, for Prometheus: one object for the node and one for each of its channels, whose figures carry
// the label `channel`. Safe from any thread. Names follow Prometheus: counters end in _total, nothing else does, units
// are seconds and bytes. They are documented in docs/operations.md.

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/model/block.h"

namespace tally::node {

enum class Stage { endorse, sync, validate, apply, commit_total };

class Metrics {
  public:
    Metrics();
    ~Metrics();

    // Every figure carries the label channel="NAME". Called before another thread uses the object.
    void of_channel(std::string channel) { channel_ = std::move(channel); }
    // `text` contains the figures of `other` as well, which must outlive this object's last `text`.
    void include(const Metrics& other);

    void transaction(std::string_view validation_code);
    void refused(std::string_view error_code);
    void stage(Stage stage, double seconds);
    void block(const storage::Block& block);  // the newest
    void consensus_message(std::string_view direction, std::string_view kind, std::size_t count);
    void request(std::string_view route, int status, double seconds);
    // A counter only grows while the process runs; a gauge goes up and down.
    enum class Kind { gauge, counter };
    // Read whenever the metrics are asked for.
    void figure(Kind kind, const std::string& name, const std::string& help, std::string label, std::string label_value,
                std::function<double()> read);
    // The same for a label whose values come and go: each with its figure, as they are at that moment.
    using Figures = std::vector<std::pair<std::string, double>>;
    void figures(Kind kind, const std::string& name, const std::string& help, std::string label,
                 std::function<Figures()> read);
    void gauge(const std::string& name, const std::string& help, std::function<double()> read) {
        figure(Kind::gauge, name, help, "", "", std::move(read));
    }
    void counter(const std::string& name, const std::string& help, std::function<double()> read) {
        figure(Kind::counter, name, help, "", "", std::move(read));
    }

    [[nodiscard]] std::string text() const;  // Prometheus text format 0.0.4

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
    std::string channel_;  // empty: of the node
    std::vector<const Metrics*> included_;
};

// Seconds until a certificate of this node expires.
void add_certificate_gauge(Metrics& metrics, const std::string& name, std::function<std::int64_t()> not_after_ms);

}  // namespace tally::node
