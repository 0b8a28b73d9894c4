#pragma once
// What one stolen node does again and again. Each attack is a class named by what it does; `once` is called until the
// time is over, `answer` for each frame that comes (on the network's thread), `standing` for each hello.

#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>

#include "node/channel/identity.h"
#include "tests/adversary/voice.h"

namespace tally::node {

struct Means {
    Bytes proposal;                // of a member of the channel
    std::optional<Identity> peer;  // the node's own, that signs checkpoints
    std::uint64_t seed = 0;
};

class Attack {
  public:
    explicit Attack(const Means& means) : means_(means), random_(means.seed) {}
    virtual ~Attack() = default;
    virtual void once(Voice& voice) = 0;
    virtual void answer(Voice&, const std::string& /*from*/, const Frame&) {}
    [[nodiscard]] virtual Standing standing() { return {}; }

  protected:
    [[nodiscard]] crypto::Hash any_hash();
    static void pause(int ms);

    const Means& means_;
    std::mt19937_64 random_;
};

[[nodiscard]] std::map<std::string, std::unique_ptr<Attack> (*)(const Means&)> attacks();

}  // namespace tally::node
