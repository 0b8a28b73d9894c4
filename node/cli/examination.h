#pragma once
// What the checks of `tally doctor` write down, and what they share.

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "node/channel/membership.h"
#include "node/cli/doctor.h"
#include "node/config/node_config.h"

namespace tally::node::cli {

inline constexpr std::int64_t kExpiresSoonMs = 30LL * 86'400'000;

class Examination {
  public:
    explicit Examination(std::vector<Finding>& findings) : findings_(findings) {}

    // Findings from now on are of this channel; empty: of the node.
    void of_channel(std::string channel) { channel_ = std::move(channel); }
    void good(std::string subject, std::string what) { add(Finding::Verdict::good, subject, what, ""); }
    void warn(std::string subject, std::string what, std::string advice) {
        add(Finding::Verdict::warning, subject, what, advice);
    }
    void bad(std::string subject, std::string what, std::string advice) {
        add(Finding::Verdict::bad, subject, what, advice);
    }

  private:
    void add(Finding::Verdict verdict, std::string& subject, std::string& what, std::string advice) {
        findings_.push_back({verdict, channel_, std::move(subject), std::move(what), std::move(advice)});
    }

    std::vector<Finding>& findings_;
    std::string channel_;
};

// What keeps a file from being read is no fault in it.
[[nodiscard]] std::string advice_for(const Error& error, std::string otherwise);
// A secret key that others than its owner can read is a warning.
void examine_mode(Examination& out, const std::string& subject, const std::filesystem::path& key);
// Whether the node can listen there, or does.
void examine_port(Examination& out, const std::string& subject, const std::string& address, std::uint16_t port,
                  bool running);

// A node's part in one channel: genesis block, the configuration in force, the node's identities under it, network,
// data folder and disk. `config` names the channel's files. The membership in force; none where there is no telling.
std::shared_ptr<const Membership> examine_channel(Examination& out, const NodeConfig& config, bool running);

}  // namespace tally::node::cli
