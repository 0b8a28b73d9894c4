#include "node/network/resolver.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <set>

#include "crypto/bytes.h"

namespace tally::node {
namespace {

// A name server on loopback (RFC 1035), on the test's own thread: it answers when it is told to.
class NameServer {
  public:
    NameServer() : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
        sockaddr_in at{};
        at.sin_family = AF_INET;
        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        EXPECT_EQ(::bind(socket_, reinterpret_cast<const sockaddr*>(&at), sizeof at), 0);
        socklen_t size = sizeof at;
        ::getsockname(socket_, reinterpret_cast<sockaddr*>(&at), &size);
        address = "127.0.0.1:" + std::to_string(ntohs(at.sin_port));
    }
    ~NameServer() { ::close(socket_); }

    std::string address;
    std::map<std::string, std::vector<std::string>> hosts;  // IPv4 and IPv6 addresses by name
    std::size_t questions = 0;

    void answer() {
        std::array<std::uint8_t, 512> question{};
        sockaddr_storage from{};
        socklen_t size = sizeof from;
        const auto length =
            ::recvfrom(socket_, question.data(), question.size(), 0, reinterpret_cast<sockaddr*>(&from), &size);
        if (length < 17) return;
        ++questions;
        std::string name;
        std::size_t at = 12;
        for (; question[at] != 0; at += question[at] + 1U)
            name += (name.empty() ? "" : ".") +
                    std::string(question.begin() + at + 1, question.begin() + at + 1 + question[at]);
        const bool six = question[at + 2] == 28;  // AAAA, else A
        Bytes out(question.begin(), question.begin() + at + 5);
        out[2] = 0x81, out[3] = 0x80;
        std::fill(out.begin() + 6, out.begin() + 12, 0);
        const auto known = hosts.find(name);
        if (known == hosts.end()) out[3] = 0x83;  // no such name
        for (const auto& host : known == hosts.end() ? std::vector<std::string>() : known->second) {
            if (is_ipv6(host) != six) continue;
            Bytes data(six ? 16 : 4);
            ::inet_pton(six ? AF_INET6 : AF_INET, host.c_str(), data.data());
            append(out, Bytes{0xc0, 12, 0, static_cast<std::uint8_t>(six ? 28 : 1), 0, 1, 0, 0, 0, 0, 0,
                              static_cast<std::uint8_t>(data.size())});
            append(out, data);
            ++out[7];
        }
        ::sendto(socket_, out.data(), out.size(), 0, reinterpret_cast<const sockaddr*>(&from), size);
    }

  private:
    int socket_;
};

class HostNames : public testing::Test {
  protected:
    // Both work until no lookup is under way.
    void settle() {
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (resolver.is_asking() && std::chrono::steady_clock::now() < end) {
            server.answer();
            std::vector<pollfd> signs;
            resolver.add_signs(signs);
            (void)::poll(signs.data(), signs.size(), 1);
            resolver.look(signs);
        }
        EXPECT_FALSE(resolver.is_asking());
    }
    [[nodiscard]] std::string find(const std::string& host) {
        const auto found = resolver.find({host, 7000});
        return found ? found->text() : "";
    }

    NameServer server;
    Resolver resolver{server.address};
};

TEST_F(HostNames, AnAddressIsItself) {
    EXPECT_EQ(find("10.0.0.11"), "10.0.0.11:7000");
    EXPECT_EQ(find("2001:db8::11"), "[2001:db8::11]:7000");
    EXPECT_FALSE(resolver.is_asking());
}

TEST_F(HostNames, AreLookedUpWithoutWaiting) {
    server.hosts["node1.example.org"] = {"10.0.0.11"};
    EXPECT_EQ(find("node1.example.org"), "");
    EXPECT_EQ(find("node1.example.org"), "") << "the server has not answered";
    settle();
    EXPECT_EQ(server.questions, 2U) << "one lookup at a time asks for IPv4 and IPv6";
    EXPECT_EQ(find("node1.example.org"), "10.0.0.11:7000");
}

TEST_F(HostNames, AddressesOfBothFamiliesAreGivenInTurn) {
    server.hosts["node1.example.org"] = {"10.0.0.11", "10.0.0.12", "2001:db8::11"};
    (void)find("node1.example.org");
    settle();
    std::set<std::string> found;
    for (int i = 0; i < 3; ++i) found.insert(find("node1.example.org"));
    EXPECT_EQ(found, (std::set<std::string>{"10.0.0.11:7000", "10.0.0.12:7000", "[2001:db8::11]:7000"}));
}

TEST_F(HostNames, KeepTheirLastAddressWhileTheyAreLookedUpAgainAndWhenThatFails) {
    server.hosts["node1.example.org"] = {"10.0.0.1"};
    (void)find("node1.example.org");
    settle();
    server.hosts.clear();
    EXPECT_EQ(find("node1.example.org"), "10.0.0.1:7000");
    settle();
    server.hosts["node1.example.org"] = {"10.0.0.2"};
    EXPECT_EQ(find("node1.example.org"), "10.0.0.1:7000");
    settle();
    EXPECT_EQ(find("node1.example.org"), "10.0.0.2:7000");
}

TEST_F(HostNames, ALookupUnderWayEndsWithItsResolver) {
    Resolver other(server.address);
    EXPECT_EQ(other.find({"node1.example.org", 7000}), std::nullopt);
    EXPECT_TRUE(other.is_asking());  // and it may be destroyed so
}

TEST_F(HostNames, OfTheSystemAreFound) {
    const auto found = Resolver::look_up("localhost");
    EXPECT_TRUE(std::ranges::count(found, "127.0.0.1") + std::ranges::count(found, "::1") > 0);
}

}  // namespace
}  // namespace tally::node
