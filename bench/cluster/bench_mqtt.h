#pragma once
// Records by MQTT in a benchmark: a broker of its own (mosquitto, with TLS), and one connection to it that all
// requesters share, as a concentrator of many devices would.

#include <sys/types.h>

#include <memory>

#include "bench/cluster/bench_work.h"
#include "node/consortium/consortium.h"

namespace tally::node::cli {

// Ends with its process. Failures: not_found (no mosquitto), unavailable.
class BenchBroker {
  public:
    // In `folder`, with the TLS identity of the consortium's first node. Adds [mqtt] to every node.toml, so it comes
    // before the nodes are started. Several nodes share the records.
    [[nodiscard]] static Result<std::unique_ptr<BenchBroker>> start(const Consortium& consortium,
                                                                    const std::filesystem::path& folder);
    ~BenchBroker();
    BenchBroker(const BenchBroker&) = delete;
    BenchBroker& operator=(const BenchBroker&) = delete;

    [[nodiscard]] std::uint16_t port() const { return port_; }
    [[nodiscard]] const std::filesystem::path& authorities() const { return authorities_; }

  private:
    BenchBroker() = default;
    pid_t process_ = -1;
    std::uint16_t port_ = 0;
    std::filesystem::path authorities_;
};

// The records `first` and following of `messages`; both must outlive it.
[[nodiscard]] Result<std::unique_ptr<BenchWork>> make_mqtt_work(const BenchBroker& broker, std::string channel,
                                                                const std::vector<Bytes>& messages, std::size_t first);

}  // namespace tally::node::cli
