#include "node/network/resolver.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <spdlog/spdlog.h>

#include <map>
#include <mutex>
#include <thread>

namespace tally::node {

struct Resolver::State {
    struct Name {
        std::optional<std::string> found;
        bool asked = false;  // a lookup is under way
        bool told = false;   // that it is unknown
    };
    Lookup lookup;
    std::mutex mutex;
    std::map<std::string, Name> names;

    void ask(const std::string& name) {
        auto found = lookup(name);
        const std::lock_guard lock(mutex);
        auto& known = names[name];
        known.asked = false;
        if (!found && !std::exchange(known.told, true)) spdlog::warn("event=unknown_host name={}", name);
        if (!found) return;
        known.told = false;
        if (known.found != found) spdlog::info("event=host name={} address={}", name, *found);
        known.found = std::move(found);
    }
};

Resolver::Resolver(Lookup lookup) : state_(std::make_shared<State>()) { state_->lookup = std::move(lookup); }

std::optional<std::string> Resolver::find(const std::string& address) {
    const auto colon = address.rfind(':');
    const auto host = address.substr(0, colon);
    if (is_ipv4(host) || colon == std::string::npos) return address;
    const std::lock_guard lock(state_->mutex);
    auto& name = state_->names[host];
    if (!std::exchange(name.asked, true)) std::thread([state = state_, host] { state->ask(host); }).detach();
    if (!name.found) return std::nullopt;
    return *name.found + address.substr(colon);
}

std::optional<std::string> Resolver::system_lookup(const std::string& name) {
    addrinfo wanted{};
    wanted.ai_family = AF_INET;
    wanted.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (::getaddrinfo(name.c_str(), nullptr, &wanted, &found) != 0) return std::nullopt;
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned(found, ::freeaddrinfo);
    char text[INET_ADDRSTRLEN] = {};
    const auto& address = reinterpret_cast<const sockaddr_in*>(owned->ai_addr)->sin_addr;
    if (::inet_ntop(AF_INET, &address, text, sizeof text) == nullptr) return std::nullopt;
    return text;
}

bool is_ipv4(const std::string& host) {
    in_addr address{};
    return ::inet_pton(AF_INET, host.c_str(), &address) == 1;
}

std::string listening_address(const std::string& address) {
    const auto colon = address.rfind(':');
    if (colon == std::string::npos || is_ipv4(address.substr(0, colon))) return address;
    return "0.0.0.0" + address.substr(colon);
}

}  // namespace tally::node
