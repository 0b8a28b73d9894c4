#pragma once
// The addresses of hosts that have names, by /etc/hosts and the name servers of /etc/resolv.conf (c-ares). ZeroMQ would
// look names up on its only I/O thread, and a name server that does not answer would stop every connection.
//
// Belongs to one thread, which waits for the sockets of its lookups with poll, beside its own. Nothing here blocks but
// look_up.

#include <poll.h>

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "node/addresses/host_port.h"

namespace tally::node {

class Resolver {
  public:
    // `servers`: "address:port", for tests; empty: those of /etc/resolv.conf.
    explicit Resolver(std::string servers = {});
    ~Resolver();

    // Where to connect for this address. An IP address is itself. Of a name, one of the addresses that its last lookup
    // found, each in turn (none before the first), and another lookup begins unless one is under way.
    [[nodiscard]] std::optional<HostPort> find(const HostPort& address);

    [[nodiscard]] bool is_asking() const { return under_way_ > 0; }
    // What poll shall wait for, at most kPatienceMs.
    void add_signs(std::vector<pollfd>& signs) const;
    static constexpr int kPatienceMs = 200;
    // After poll, with what add_signs added: goes on with the lookups.
    void look(std::span<const pollfd> signs);

    // All addresses of a name; waits for the name servers, a few seconds at most.
    [[nodiscard]] static std::vector<std::string> look_up(const std::string& name);

  private:
    struct Name {
        std::vector<std::string> found;
        std::size_t next = 0;      // of them, to connect to
        bool is_asked = false;     // a lookup is under way
        bool is_reported = false;  // that it is unknown
    };
    struct Channel;
    void ask(const std::string& name);
    void answered(const std::string& name, std::vector<std::string> found);

    const std::string servers_;
    std::map<std::string, Name> names_;
    std::size_t under_way_ = 0;
    std::unique_ptr<Channel> channel_;  // while a lookup is under way: the next one reads /etc/resolv.conf again
};

}  // namespace tally::node
