#include "node/addresses/host_port.h"

#include <arpa/inet.h>

#include <charconv>

namespace tally::node {
namespace {

bool is_address(int family, const std::string& host) {
    in6_addr address{};  // large enough for both families
    return ::inet_pton(family, host.c_str(), &address) == 1;
}

}  // namespace

bool is_ipv4(const std::string& host) { return is_address(AF_INET, host); }
bool is_ipv6(const std::string& host) { return is_address(AF_INET6, host); }

Result<HostPort> HostPort::parse(std::string_view text) {
    const auto wrong = [&] {
        return fail(Code::invalid_argument, "\"{}\" is not host:port, as 10.0.0.11:7000 or [2001:db8::11]:7000",
                    text.substr(0, 64));
    };
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos) return wrong();
    const auto digits = text.substr(colon + 1);
    HostPort parsed;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), parsed.port);
    if (error != std::errc() || end != digits.data() + digits.size() || parsed.port == 0) return wrong();
    parsed.host = text.substr(0, colon);
    if (parsed.host.starts_with('[') && parsed.host.ends_with(']')) {
        parsed.host = parsed.host.substr(1, parsed.host.size() - 2);
        if (!is_ipv6(parsed.host)) return wrong();
    } else if (parsed.host.empty() || parsed.host.find_first_of("[]:") != std::string::npos) {
        return wrong();
    }
    return parsed;
}

std::string HostPort::text() const {
    return is_ipv6(host) ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
}

HostPort HostPort::listening() const { return {is_ip(host) ? host : std::string(kEveryAddress), port}; }

}  // namespace tally::node
