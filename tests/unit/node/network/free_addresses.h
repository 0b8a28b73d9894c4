#pragma once
// Addresses on loopback that nobody listens at.

#include <arpa/inet.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <random>
#include <string>
#include <vector>

namespace tally::node {

// host:port each, below the ports that the kernel gives to connections, above those of tests/e2e/ports.py. Tests run
// beside each other: what is free now is most likely free when it is used.
inline std::vector<std::string> free_addresses(std::size_t count) {
    std::random_device chance;
    std::vector<int> held;
    std::vector<std::string> addresses;
    while (addresses.size() < count) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin_port = htons(static_cast<std::uint16_t>(22'000 + chance() % 8'000));
        held.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        if (::bind(held.back(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
            addresses.push_back(fmt::format("127.0.0.1:{}", ntohs(address.sin_port)));
    }
    for (const int socket : held) ::close(socket);
    return addresses;
}

}  // namespace tally::node
