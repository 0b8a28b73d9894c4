#pragma once
// Addresses on loopback that nobody listens at.

#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <random>
#include <string>
#include <vector>

namespace tally::node {

// host:port each, below the ports that the kernel gives to connections. Tests run beside each other: what is free now
// is most likely free when it is used.
inline std::vector<std::string> free_addresses(std::size_t count) {
    using boost::asio::ip::tcp;
    std::random_device chance;
    boost::asio::io_context context;
    std::vector<tcp::acceptor> held;
    std::vector<std::string> addresses;
    while (held.size() < count) {
        const tcp::endpoint endpoint(boost::asio::ip::address_v4::loopback(),
                                     static_cast<std::uint16_t>(20'000 + chance() % 10'000));
        tcp::acceptor acceptor(context, endpoint.protocol());
        boost::system::error_code taken;
        acceptor.bind(endpoint, taken);
        if (taken) continue;
        addresses.push_back(fmt::format("127.0.0.1:{}", endpoint.port()));
        held.push_back(std::move(acceptor));
    }
    return addresses;
}

}  // namespace tally::node
