#include "tests/simulation/scenario.h"

namespace tally::simulation {

std::string_view faults_name(Faults faults) {
    switch (faults) {
        case Faults::none: return "none";
        case Faults::network: return "network";
        case Faults::crash: return "crash";
        case Faults::byzantine: return "byzantine";
        case Faults::members: return "members";
        case Faults::all: return "all";
    }
    return "?";
}

std::optional<Faults> faults_named(std::string_view name) {
    for (const auto faults :
         {Faults::none, Faults::network, Faults::crash, Faults::byzantine, Faults::members, Faults::all}) {
        if (faults_name(faults) == name) return faults;
    }
    return std::nullopt;
}

std::string replay_command(const Shape& shape, std::uint64_t seed) {
    return fmt::format("scripts/simulate --nodes {}{} --faults {}{} --seed {} --trace", shape.members,
                       shape.model == consensus::FaultModel::crash ? " --crash-model" : "", faults_name(shape.faults),
                       shape.excess_liars > 0 ? fmt::format(" --liars-too-many {}", shape.excess_liars) : "", seed);
}

std::size_t tolerated(consensus::FaultModel model, std::size_t members) {
    return model == consensus::FaultModel::byzantine ? (members - 1) / 3 : 0;
}

namespace {

Weather draw_weather(Random& random) {
    Weather weather;
    if (random.chance(60)) weather.loss_percent = random.below(random.chance(30) ? 41 : 11);
    if (random.chance(40)) weather.repeat_percent = random.below(20);
    weather.delay_min_us = random.between(100, 5 * kMillisecond);
    weather.delay_max_us = weather.delay_min_us + random.between(1, random.chance(20) ? 300 : 30) * kMillisecond;
    if (random.chance(30)) weather.straggler_percent = random.below(10);
    return weather;
}

consensus::Settings draw_settings(Random& random) {
    consensus::Settings settings;
    settings.timeout_ms = random.between(100, 500);
    settings.max_timeout_ms = settings.timeout_ms * random.between(2, 6);
    settings.resend_ms = random.between(50, 250);
    settings.status_ms = random.between(200, 1000);
    settings.fetch_ms = random.between(10, 50);
    settings.max_messages = static_cast<std::uint32_t>(random.chance(30) ? random.between(1, 5) : 1000);
    settings.preferred_bytes = random.chance(30) ? 500 : 4U << 20;
    settings.block_timeout_ms = random.between(20, 250);
    return settings;
}

}  // namespace

Scenario draw(const Shape& shape, Random& random) {
    Scenario scenario;
    scenario.nodes.core = draw_settings(random);
    scenario.nodes.ledger_sync_us = random.chance(50) ? 20 * kMillisecond : 2 * kSecond;
    scenario.nodes.log_part_records = random.chance(30) ? random.below(100) + 20 : 400;
    if (shape.bad_network()) scenario.weather = draw_weather(random);
    scenario.turbulence_us = random.between(1500, 6000) * kMillisecond;
    scenario.fault_every_us = random.between(100, 1000) * kMillisecond;
    scenario.submit_every_us = random.between(20, 300) * kMillisecond;
    if (shape.crashes()) {
        scenario.slow_disks = random.chance(30);
        scenario.whole_cluster = random.chance(40);
    }
    if (shape.membership()) scenario.spares = 2;

    auto faulty = tolerated(shape.model, shape.members);
    std::vector<NodeId> order;
    for (NodeId node = 0; node < shape.members; ++node) order.push_back(node);
    random.shuffle(order);
    if (shape.crashes() && shape.members >= 3 && random.chance(25)) {
        scenario.disk_loss = shape.model == consensus::FaultModel::crash || faulty > 0;
        scenario.status_liars = scenario.disk_loss && shape.byzantine() && random.chance(60);
        if (scenario.disk_loss && faulty > 0 && !scenario.status_liars) --faulty;
    }
    if (shape.byzantine()) {
        auto liars = faulty > 1 ? 1 + random.below(faulty) : faulty;
        if (shape.excess_liars > 0) liars = tolerated(shape.model, shape.members) + shape.excess_liars;
        scenario.liars.insert(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(liars));
    }
    return scenario;
}

}  // namespace tally::simulation
