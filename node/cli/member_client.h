#pragma once
// The member on whose behalf the command line asks: its profile, and a connection to its node.
//
// A profile is a TOML file beside the member's key:
//   channel = "main"
//   url = "https://127.0.0.1:7443"
//   authorities = "tls-roots.pem"       trusted for the node's TLS certificate
//   certificate = "certificate.pem"     the member's chain, leaf first
//   key = "key.pem"
//   genesis = "genesis.block"           optional: the channel, as its founders gave it; receipts are checked against it

#include <filesystem>
#include <string>

#include "gateway/http/client.h"
#include "node/channel/identity.h"
#include "node/cli/commands.h"
#include "node/settling/contract_calls.h"

namespace tally::node::cli {

struct Profile {
    std::filesystem::path file;
    std::string channel;
    std::string url;
    std::filesystem::path authorities;
    std::filesystem::path certificate;
    std::filesystem::path key;
    std::filesystem::path genesis;  // empty: not named
};

// --profile FILE of a command; else $TALLY_PROFILE; else profile.toml in the current folder.
void add_profile_option(CLI::App& command, std::filesystem::path& file);
[[nodiscard]] Result<Profile> load_profile(const std::filesystem::path& file);

class MemberClient : public ContractCalls {
  public:
    // At the profile's URL, or at another node of the consortium.
    [[nodiscard]] static Result<MemberClient> open(const std::filesystem::path& profile, const std::string& url = {},
                                                   std::chrono::milliseconds timeout = std::chrono::seconds(75));

    [[nodiscard]] const Profile& profile() const { return profile_; }
    [[nodiscard]] const Identity& identity() const { return identity_; }

    // The answer's JSON; a problem document becomes the Error that the node had.
    [[nodiscard]] Result<boost::json::value> get(std::string_view path);
    [[nodiscard]] Result<boost::json::value> post(std::string_view path, ByteView body, std::string_view content_type);
    [[nodiscard]] Result<Bytes> get_bytes(std::string_view path);
    // Sends a device's record; the answer as it came, for device_sdk::judge.
    [[nodiscard]] Result<gateway::ClientResponse> publish(ByteView record);
    // A query of a contract as this member.
    [[nodiscard]] Result<boost::json::value> query(std::string_view contract, std::string_view function,
                                                   const boost::json::object& arguments) override;
    [[nodiscard]] const std::string& organization() const override;
    [[nodiscard]] Result<boost::json::value> run(std::string_view contract, std::string_view function,
                                                 std::string arguments, std::vector<ByteView> attachments) override;
    [[nodiscard]] Result<Bytes> raw_transaction(const std::string& id) override;
    // The receipt file of a transaction; the node waits until enough committers have signed.
    [[nodiscard]] Result<Bytes> receipt(std::string_view id);
    // The signed question of a query, and the answer file that enough organizations have signed for it.
    struct AttestedAnswer {
        Bytes question;
        Bytes file;
    };
    [[nodiscard]] Result<AttestedAnswer> ask_attested(std::string_view contract, std::string_view function,
                                                      const boost::json::object& arguments);
    // Signs a proposal, sends it and waits for its block; again with a new one, `attempts` times in all, when another
    // transaction came between.
    [[nodiscard]] Result<boost::json::value> transact(std::string_view contract, std::string_view function,
                                                      std::string arguments, std::vector<ByteView> attachments = {},
                                                      bool wait = true, unsigned attempts = 1);

  private:
    MemberClient(Profile profile, Identity identity, gateway::HttpClient client)
        : profile_(std::move(profile)), identity_(std::move(identity)), client_(std::move(client)) {}

    Profile profile_;
    Identity identity_;
    gateway::HttpClient client_;
};

}  // namespace tally::node::cli
