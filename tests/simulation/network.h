#pragma once
// Links between places that lose, delay, repeat and reorder messages, and partitions that cut them, in both directions
// or in one. A message that is under way may still arrive after its sender or its receiver has restarted.

#include <functional>
#include <memory>
#include <vector>

#include "consensus/messages.h"
#include "tests/simulation/world.h"

namespace tally::simulation {

using Place = std::uint32_t;  // an end of the network: two places may hold one key
using MessagePtr = std::shared_ptr<const consensus::Message>;

struct Weather {
    std::uint64_t loss_percent = 0;
    std::uint64_t repeat_percent = 0;
    std::int64_t delay_min_us = kMillisecond;
    std::int64_t delay_max_us = 5 * kMillisecond;
    std::uint64_t straggler_percent = 0;  // of the messages, which take up to straggler_us
    std::int64_t straggler_us = 2 * kSecond;
};

class Network {
  public:
    using Receive = std::function<void(Place from, Place to, const MessagePtr& message)>;
    Network(World& world, std::size_t places, Receive receive);

    void send(Place from, Place to, MessagePtr message);

    void set_weather(Weather weather) { weather_ = weather; }
    void cut(Place from, Place to) { open_[from * places_ + to] = false; }
    // Places of different sides hear nothing of each other.
    void partition(const std::vector<bool>& side);
    void heal() { open_.assign(places_ * places_, true); }
    [[nodiscard]] bool connected(Place from, Place to) const { return open_[from * places_ + to]; }

  private:
    void arrive_later(Place from, Place to, const MessagePtr& message);

    World& world_;
    std::size_t places_;
    Receive receive_;
    Weather weather_;
    std::vector<bool> open_;
};

}  // namespace tally::simulation
