#include "node/network/resolver.h"

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <thread>

namespace tally::node {
namespace {

// Asks until a lookup has found it.
std::optional<std::string> find_soon(Resolver& resolver, const std::string& address,
                                     const std::optional<std::string>& wanted) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    for (;;) {
        auto found = resolver.find(address);
        if (found == wanted || std::chrono::steady_clock::now() > end) return found;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
}

TEST(HostNames, AnAddressIsItself) {
    Resolver resolver([](const std::string&) -> std::optional<std::string> {
        ADD_FAILURE() << "nothing is looked up";
        return {};
    });
    EXPECT_EQ(resolver.find("10.0.0.11:8443"), "10.0.0.11:8443");
}

TEST(HostNames, AreLookedUpWithoutWaiting) {
    std::promise<void> go;
    const auto may_go = go.get_future().share();
    Resolver resolver([may_go](const std::string& name) -> std::optional<std::string> {
        EXPECT_EQ(name, "node1.example.org");
        may_go.wait();
        return "10.0.0.11";
    });
    EXPECT_EQ(resolver.find("node1.example.org:8443"), std::nullopt);
    EXPECT_EQ(resolver.find("node1.example.org:8443"), std::nullopt);
    go.set_value();
    EXPECT_EQ(find_soon(resolver, "node1.example.org:8443", "10.0.0.11:8443"), "10.0.0.11:8443");
}

TEST(HostNames, KeepTheirLastAddressWhileTheyAreLookedUpAgainAndWhenThatFails) {
    auto answers = std::make_shared<std::atomic<int>>(0);
    Resolver resolver([answers](const std::string&) -> std::optional<std::string> {
        switch ((*answers)++) {
            case 0: return "10.0.0.1";
            case 1: return std::nullopt;
            default: return "10.0.0.2";
        }
    });
    EXPECT_EQ(find_soon(resolver, "a:1", "10.0.0.1:1"), "10.0.0.1:1");
    while (*answers < 2) EXPECT_EQ(find_soon(resolver, "a:1", "10.0.0.1:1"), "10.0.0.1:1");
    EXPECT_EQ(find_soon(resolver, "a:2", "10.0.0.2:2"), "10.0.0.2:2");
}

TEST(HostNames, OfTheSystemAreFound) {
    EXPECT_EQ(Resolver::system_lookup("localhost"), "127.0.0.1");
    EXPECT_EQ(Resolver::system_lookup(""), std::nullopt);
}

TEST(HostNames, AreNotWhereOneListens) {
    EXPECT_EQ(listening_address("10.0.0.11:8443"), "10.0.0.11:8443");
    EXPECT_EQ(listening_address("node1.example.org:8443"), "0.0.0.0:8443");
}

}  // namespace
}  // namespace tally::node
