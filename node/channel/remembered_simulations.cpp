#include "node/channel/remembered_simulations.h"

namespace tally::node {
namespace {

crypto::Hash key_of(const crypto::Hash& config, ByteView simulation) {
    return crypto::sha256({config.view(), simulation});
}

}  // namespace

void RememberedSimulations::add(const std::string& organization, const crypto::Hash& config, ByteView simulation) {
    const auto key = key_of(config, simulation);
    const std::lock_guard lock(mutex_);
    shares_.try_emplace(organization, share_).first->second.insert(key, {});
}

bool RememberedSimulations::contains(const std::string& organization, const crypto::Hash& config,
                                     ByteView simulation) const {
    const auto key = key_of(config, simulation);
    const std::lock_guard lock(mutex_);
    const auto found = shares_.find(organization);
    return found != shares_.end() && found->second.contains(key);
}

}  // namespace tally::node
