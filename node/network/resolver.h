#pragma once
// Addresses host:port where the host may be a name. ZeroMQ would look names up on its only I/O thread, and a name
// server that does not answer would stop every connection.

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace tally::node {

// Whether it is an IPv4 address, in dotted form.
[[nodiscard]] bool is_ipv4(const std::string& host);
// Where a node listens that is found at host:port: there, or at every address of its machine when the host is a name.
[[nodiscard]] std::string listening_address(const std::string& address);

// Never blocks; safe from any thread. Lookups run on threads of their own, one at a time for a name, and may outlive
// this.
class Resolver {
  public:
    using Lookup = std::function<std::optional<std::string>(const std::string& name)>;
    explicit Resolver(Lookup lookup = system_lookup);

    // As IPv4:port. Of a name, what its last lookup found (none before that), and another lookup begins.
    [[nodiscard]] std::optional<std::string> find(const std::string& address);
    static std::optional<std::string> system_lookup(const std::string& name);

  private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace tally::node
