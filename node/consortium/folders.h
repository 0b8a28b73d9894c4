#pragma once
// The folders of a node, an organization and its first members. Internal to consortium.h.

#include "node/consortium/authority.h"
#include "node/consortium/consortium.h"

namespace tally::node {

// A node's port between nodes is its HTTPS port and this, unless another is chosen.
inline constexpr std::uint16_t kNetworkPorts = 1000;
// What ports are counted up to: 1 to 65535, or invalid_argument.
[[nodiscard]] Result<std::uint16_t> port_from(std::size_t number);

struct Place {  // of one node in the consortium
    std::string name;
    std::string organization;
    std::string host;
    std::uint16_t gateway_port = 0;
    std::uint16_t network_port = 0;
    std::filesystem::path folder;
    std::vector<std::string> roles;
    bool joins = false;  // later: the genesis block does not say where it listens
};

// What others dial, and a URL holds as it is: an address, or a name (RFC 1123) that has letters at its end.
[[nodiscard]] Status check_host(const std::string& host);
// Writes the node's folder and adds it to the channel.
[[nodiscard]] Status write_node(const Place& place, const Authority& authority, const ConsortiumOptions& options,
                                ChannelConfig& config);
// The keys of a node that is a program of its own: drivers/NAME/transport.key.
[[nodiscard]] Status write_driver(const std::string& name, std::uint16_t port, const ConsortiumOptions& options,
                                  ChannelConfig& config);
// The organization's authorities, and what the channel must know of it.
[[nodiscard]] Result<OrganizationConfig> write_organization(const std::string& organization,
                                                            const ConsortiumOptions& options);
// Its first members; their profiles.
[[nodiscard]] Result<std::vector<std::filesystem::path>> write_members(const std::string& organization,
                                                                       const Place& home, const std::string& roots,
                                                                       const ConsortiumOptions& options);

// Runs `fill`, which writes into the folder. When it fails the folder is as it was: absent, or empty. already_exists
// when something is in it.
template <class Fill>
[[nodiscard]] auto fill_whole(const std::filesystem::path& directory, Fill fill) -> decltype(fill()) {
    const bool there = std::filesystem::exists(directory);
    if (there && !std::filesystem::is_empty(directory))
        return fail(Code::already_exists, "{} is not empty", directory.string());
    auto made = fill();
    if (made) return made;
    std::error_code ignored;
    if (!there) std::filesystem::remove_all(directory, ignored);
    if (there) {
        for (const auto& entry : std::filesystem::directory_iterator(directory, ignored))
            std::filesystem::remove_all(entry.path(), ignored);
    }
    return made;
}

// Replaces the TLS roots that a member's profile names.
[[nodiscard]] Status write_member_roots(const std::filesystem::path& organization, const std::string& roots);

}  // namespace tally::node
