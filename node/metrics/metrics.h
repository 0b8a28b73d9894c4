#pragma once
// What the node measures, for Prometheus. Safe from any thread; names are documented in docs/operations.md.

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

    void transaction(std::string_view validation_code);
    void refused(std::string_view error_code);
    void stage(Stage stage, double seconds);
    void block(const storage::Block& block);  // the newest
    void consensus_message(std::string_view direction, std::string_view kind, std::size_t count);
    void request(std::string_view route, int status, double seconds);
    // Read whenever the metrics are asked for.
    void gauge(const std::string& name, const std::string& help, std::string label, std::string label_value,
               std::function<double()> read);
    // The same for a label whose values come and go: each with its figure, as they are at that moment.
    using Figures = std::vector<std::pair<std::string, double>>;
    void gauges(const std::string& name, const std::string& help, std::string label, std::function<Figures()> read);

    [[nodiscard]] std::string text() const;  // Prometheus text format 0.0.4

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

// Seconds until a certificate of this node expires.
void add_certificate_gauge(Metrics& metrics, const std::string& name, std::function<std::int64_t()> not_after_ms);

}  // namespace tally::node
