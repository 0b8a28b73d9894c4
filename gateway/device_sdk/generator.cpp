#include "gateway/device_sdk/generator.h"

#include <algorithm>
#include <array>

namespace tally::gateway::device_sdk {
namespace {

// SplitMix64 (Steele, Lea, Flood, 2014).
class Dice {
  public:
    explicit Dice(std::uint64_t seed) : state_(seed) {}

    std::uint64_t next() {
        auto z = state_ += 0x9e3779b97f4a7c15;
        z = (z ^ z >> 30U) * 0xbf58476d1ce4e5b9;
        z = (z ^ z >> 27U) * 0x94d049bb133111eb;
        return z ^ z >> 31U;
    }
    std::int64_t below(std::int64_t bound) {
        return static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(bound));
    }
    std::int64_t around(std::int64_t spread) { return below(2 * spread + 1) - spread; }
    bool happens(unsigned per_million) { return below(1'000'000) < per_million; }

  private:
    std::uint64_t state_;
};

// What the named fields are computed from: the house at one moment.
struct House {
    std::int64_t base_W = 0;
    std::int64_t kitchen_W = 0;
    std::int64_t laundry_W = 0;
    std::int64_t heating_W = 0;
    std::int64_t solar_W = 0;
    std::int64_t voltage_mV = 0;
    std::int64_t temperature_mC = 0;

    [[nodiscard]] std::int64_t consumption_W() const { return base_W + kitchen_W + laundry_W + heating_W; }
};

// A parabola over the hours [6, 20), 1000 at its top; 0 outside.
std::int64_t daylight(std::int64_t second) {
    constexpr std::int64_t kRise = 6 * 3600, kSet = 20 * 3600;
    if (second < kRise || second >= kSet) return 0;
    constexpr std::int64_t kHalf = (kSet - kRise) / 2;
    return 1000 * (second - kRise) * (kSet - second) / (kHalf * kHalf);
}

class Simulation {
  public:
    explicit Simulation(std::uint64_t seed) : dice_(seed) {}

    void step(std::int64_t second_of_day) {
        if (second_of_day < last_) clouds_ = 500 + dice_.below(501);
        last_ = second_of_day;
        const auto hour = second_of_day / 3600;
        house_.base_W = 180 + (hour >= 7 && hour < 23 ? 120 : 0) + dice_.below(60);
        const bool mealtime = hour == 7 || hour == 12 || hour == 19;
        run(house_.kitchen_W, kitchen_left_, mealtime ? 40'000 : 1'000, 1200 + dice_.below(900), 8);
        run(house_.laundry_W, laundry_left_, hour >= 9 && hour < 18 ? 3'000 : 100, 400 + dice_.below(1700), 75);
        run(house_.heating_W, heating_left_, hour < 7 || hour > 20 ? 30'000 : 10'000, 1800 + dice_.below(300), 15);
        clouds_ = std::clamp<std::int64_t>(clouds_ + dice_.around(20), 150, 1000);
        house_.solar_W = 4500 * daylight(second_of_day) / 1000 * clouds_ / 1000;
        house_.voltage_mV = 239'500 - house_.consumption_W() / 2 + house_.solar_W / 3 + dice_.around(900);
        house_.temperature_mC = 6'000 + 9 * daylight(second_of_day) + dice_.around(80);
    }

    [[nodiscard]] const House& house() const { return house_; }
    Dice& dice() { return dice_; }

  private:
    // An appliance that starts now and then and runs for some steps.
    void run(std::int64_t& power, std::int64_t& left, unsigned start_per_million, std::int64_t running_W,
             std::int64_t steps) {
        if (left == 0 && dice_.happens(start_per_million)) left = steps + dice_.below(steps);
        power = left > 0 ? running_W : 0;
        left = std::max<std::int64_t>(left - 1, 0);
    }

    Dice dice_;
    House house_;
    std::int64_t last_ = 86'400;
    std::int64_t clouds_ = 1000;
    std::int64_t kitchen_left_ = 0, laundry_left_ = 0, heating_left_ = 0;
};

struct NamedField {
    std::string_view name;
    std::string_view unit;
    std::int64_t scale;
    std::int64_t (*value)(const House&);
};

constexpr auto kFields = std::to_array<NamedField>({
    {"active_power", "W", 0, [](const House& h) { return h.consumption_W(); }},
    {"reactive_power", "var", 0, [](const House& h) { return h.laundry_W / 5 + h.base_W / 3; }},
    {"voltage", "V", -2, [](const House& h) { return h.voltage_mV / 10; }},
    {"current", "A", -1, [](const House& h) { return h.consumption_W() * 10'000 / h.voltage_mV; }},
    {"kitchen", "Wh", -3, [](const House& h) { return h.kitchen_W * 1000 / 60; }},
    {"laundry", "Wh", -3, [](const House& h) { return h.laundry_W * 1000 / 60; }},
    {"heating", "Wh", -3, [](const House& h) { return h.heating_W * 1000 / 60; }},
    {"solar_power", "W", 0, [](const House& h) { return h.solar_W; }},
    {"irradiance", "W/m2", -1, [](const House& h) { return h.solar_W * 10 / 5; }},
    {"export", "W", 0, [](const House& h) { return std::max<std::int64_t>(h.solar_W - h.consumption_W(), 0); }},
    {"temperature", "Cel", -3, [](const House& h) { return h.temperature_mC; }},
    {"net_power", "W", 0, [](const House& h) { return h.consumption_W() - h.solar_W; }},
});

}  // namespace

Measurements generate(const GeneratorOptions& options) {
    Measurements out;
    for (std::size_t i = 0; i < options.fields; ++i) {
        if (i < kFields.size()) {
            out.fields.push_back({std::string(kFields[i].name), std::string(kFields[i].unit), kFields[i].scale});
        } else {
            out.fields.push_back({fmt::format("channel_{}", i + 1), "W", -1});
        }
    }
    Simulation simulation(options.seed);
    const auto length = static_cast<std::int64_t>(options.days) * kDay_s;
    for (std::int64_t offset = 0; offset < length; offset += std::max<std::int64_t>(options.interval_s, 1)) {
        simulation.step(offset % kDay_s);
        if (simulation.dice().happens(options.absent_per_million)) continue;
        out.times_s.push_back(options.start_s + offset);
        for (std::size_t i = 0; i < options.fields; ++i) {
            auto value = i < kFields.size() ? kFields[i].value(simulation.house())
                                            : simulation.house().base_W * 10 + simulation.dice().below(1000);
            const bool missing = simulation.dice().happens(options.missing_per_million);
            out.values.push_back(missing ? std::nullopt : std::optional(value));
        }
    }
    return out;
}

}  // namespace tally::gateway::device_sdk
