#include "node/network/resolver.h"

#include <ares.h>
#include <arpa/inet.h>
#include <netdb.h>
#include <spdlog/spdlog.h>

#include <array>
#include <map>

namespace tally::node {
namespace {

constexpr int kServerPatienceMs = 2000;
constexpr int kTries = 2;  // of each name server

int library() {
    static const int status = ares_library_init(ARES_LIB_INIT_ALL);
    return status;
}

std::vector<std::string> texts_of(const ares_addrinfo& found) {
    std::vector<std::string> texts;
    for (const auto* node = found.nodes; node != nullptr; node = node->ai_next) {
        std::array<char, INET6_ADDRSTRLEN> text{};
        const void* address =
            node->ai_family == AF_INET6
                ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in6*>(node->ai_addr)->sin6_addr)
                : static_cast<const void*>(&reinterpret_cast<const sockaddr_in*>(node->ai_addr)->sin_addr);
        if (::inet_ntop(node->ai_family, address, text.data(), text.size()) != nullptr) texts.emplace_back(text.data());
    }
    return texts;
}

}  // namespace

struct Resolver::Channel {
    ares_channel handle = nullptr;
    std::map<ares_socket_t, short> wanted;  // what c-ares waits for at each of its sockets, as poll names it

    Channel() = default;
    Channel(const Channel&) = delete;
    Channel& operator=(const Channel&) = delete;
    ~Channel() {
        if (handle != nullptr) ares_destroy(handle);
    }
    [[nodiscard]] bool open(const std::string& servers) {
        ares_options options{};
        options.timeout = kServerPatienceMs;
        options.tries = kTries;
        options.sock_state_cb_data = &wanted;
        options.sock_state_cb = [](void* sockets, ares_socket_t socket, int reads, int writes) {
            auto& waiting = *static_cast<std::map<ares_socket_t, short>*>(sockets);
            const int events = (reads != 0 ? POLLIN : 0) | (writes != 0 ? POLLOUT : 0);
            if (events == 0) {
                waiting.erase(socket);
            } else {
                waiting[socket] = static_cast<short>(events);
            }
        };
        return library() == ARES_SUCCESS &&
               ares_init_options(&handle, &options, ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB) ==
                   ARES_SUCCESS &&
               (servers.empty() || ares_set_servers_ports_csv(handle, servers.c_str()) == ARES_SUCCESS);
    }
};

Resolver::Resolver(std::string servers) : servers_(std::move(servers)) {}
Resolver::~Resolver() { channel_.reset(); }  // its callbacks need the rest

std::optional<HostPort> Resolver::find(const HostPort& address) {
    if (is_ip(address.host)) return address;
    auto& name = names_[address.host];
    if (!name.is_asked) ask(address.host);
    if (name.found.empty()) return std::nullopt;
    return HostPort{name.found[name.next++ % name.found.size()], address.port};
}

void Resolver::ask(const std::string& name) {
    if (!channel_) {
        channel_ = std::make_unique<Channel>();
        if (!channel_->open(servers_)) {
            channel_.reset();
            return answered(name, {});
        }
    }
    struct Question {
        Resolver& resolver;
        std::string name;
    };
    names_[name].is_asked = true;
    ++under_way_;
    ares_addrinfo_hints hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    const auto done = [](void* argument, int status, int, ares_addrinfo* found) {
        const std::unique_ptr<Question> question(static_cast<Question*>(argument));
        const std::unique_ptr<ares_addrinfo, decltype(&ares_freeaddrinfo)> owned(found, ares_freeaddrinfo);
        --question->resolver.under_way_;
        if (status == ARES_EDESTRUCTION) return;
        question->resolver.answered(question->name,
                                    status == ARES_SUCCESS ? texts_of(*found) : std::vector<std::string>());
    };
    ares_getaddrinfo(channel_->handle, name.c_str(), nullptr, &hints, done, new Question{*this, name});
}

// A name that is not found any more keeps its last addresses.
void Resolver::answered(const std::string& name, std::vector<std::string> found) {
    auto& known = names_[name];
    known.is_asked = false;
    if (found.empty()) {
        if (!std::exchange(known.is_reported, true)) spdlog::warn("event=unknown_host name={}", name);
        return;
    }
    known.is_reported = false;
    if (known.found != found) spdlog::info("event=host name={} addresses={}", name, fmt::join(found, ","));
    known.found = std::move(found);
}

void Resolver::add_signs(std::vector<pollfd>& signs) const {
    if (!channel_) return;
    for (const auto& [socket, events] : channel_->wanted) signs.push_back({socket, events, 0});
}

void Resolver::look(std::span<const pollfd> signs) {
    if (!channel_) return;
    for (const auto& sign : signs) {
        if (sign.revents == 0) continue;
        const bool writes = (sign.revents & POLLOUT) != 0;
        const bool reads = (sign.revents & ~POLLOUT) != 0;  // an error is read
        ares_process_fd(channel_->handle, reads ? sign.fd : ARES_SOCKET_BAD, writes ? sign.fd : ARES_SOCKET_BAD);
    }
    ares_process_fd(channel_->handle, ARES_SOCKET_BAD, ARES_SOCKET_BAD);  // what is late
    if (under_way_ == 0) channel_.reset();
}

std::vector<std::string> Resolver::look_up(const std::string& name) {
    Resolver resolver;
    resolver.ask(name);
    while (resolver.is_asking()) {
        std::vector<pollfd> signs;
        resolver.add_signs(signs);
        (void)::poll(signs.data(), signs.size(), kPatienceMs);
        resolver.look(signs);
    }
    return resolver.names_[name].found;
}

}  // namespace tally::node
