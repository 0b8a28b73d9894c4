#pragma once
// Where a node is found: host:port, the host a name, an IPv4 address, or an IPv6 address in brackets. Pure.

#include <cstdint>
#include <string>
#include <string_view>

#include "crypto/error.h"

namespace tally::node {

// Whether it is an address in its usual text form, without brackets.
[[nodiscard]] bool is_ipv4(const std::string& host);
[[nodiscard]] bool is_ipv6(const std::string& host);
[[nodiscard]] inline bool is_ip(const std::string& host) { return is_ipv4(host) || is_ipv6(host); }

struct HostPort {
    std::string host;  // an IPv6 address without its brackets
    std::uint16_t port = 0;

    // invalid_argument: anything else than host:port, and the port 0.
    [[nodiscard]] static Result<HostPort> parse(std::string_view text);
    [[nodiscard]] std::string text() const;
    // Where a node listens that is found here: here, or when the host is a name, at every address of its machine.
    [[nodiscard]] HostPort listening() const;

    friend bool operator==(const HostPort&, const HostPort&) = default;
};

inline constexpr std::string_view kEveryAddress = "*";  // IPv6 and IPv4

}  // namespace tally::node
