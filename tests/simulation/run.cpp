#include "tests/simulation/run.h"

namespace tally::simulation {

namespace {

// All that was accepted by the healed becomes final at all of them, in bounded time and with bounded traffic.
std::int64_t must_converge(World& world, Cluster& cluster) {
    const auto begun = world.now_us();
    const auto blocks_before = cluster.checkers().chain.height();
    const auto& traffic = cluster.checkers().traffic;
    const auto messages_before = traffic.messages();
    const auto batches_before = traffic.batches();
    cluster.calm();
    // What waits may fill hundreds of blocks of one batch each, so each block lengthens the time.
    const auto timeout_us = cluster.scenario().nodes.core.max_timeout_ms * kMillisecond;
    const auto patience_us = [&] {
        return (60 + static_cast<std::int64_t>(cluster.checkers().chain.height() - blocks_before)) * timeout_us;
    };
    while (!cluster.converged()) {
        if (world.now_us() - begun > patience_us()) violated("no convergence in calm: {}", cluster.what_is_missing());
        world.run_until(world.now_us() + 10 * kMillisecond);
    }
    const auto took_us = world.now_us() - begun;
    const auto blocks = cluster.checkers().chain.height() - blocks_before;
    const auto batches = traffic.batches() - batches_before;
    const auto sent = traffic.messages() - messages_before - batches;
    const auto pairs = cluster.size() * cluster.size();
    const auto allowed = pairs * (30 * blocks + 40 * (static_cast<std::uint64_t>(took_us / kSecond) + 2) + 50);
    if (batches > 8 * allowed) violated("batches are sent {} times in {} ms of calm", batches, took_us / kMillisecond);
    if (sent > allowed) {
        violated("{} messages for {} blocks in {} ms of calm, where {} are allowed", sent, blocks,
                 took_us / kMillisecond, allowed);
    }
    return took_us / kMillisecond;
}

void must_fall_silent(World& world, Cluster& cluster) {
    cluster.stop_liars();
    const auto& settings = cluster.scenario().nodes.core;
    world.run_until(world.now_us() + (4 * settings.max_timeout_ms + 3000) * kMillisecond);
    if (!cluster.converged()) violated("diverged again in calm: {}", cluster.what_is_missing());
    // Batches of a liar that contradict each other may leave a few members with work that the others do not see: they
    // ask again and again. That is noise, and bounded.
    auto& traffic = cluster.checkers().traffic;
    const auto before = traffic.messages();
    const auto liars = cluster.scenario().liars.size();
    traffic.expect_silence(liars == 0);
    constexpr std::int64_t kSeconds = 10;
    world.run_until(world.now_us() + kSeconds * kSecond);
    const auto peers = cluster.healed() * cluster.size();
    const auto allowed =
        peers * kSeconds * 1000 * (liars == 0 ? 1 : 8) / std::min(settings.status_ms, settings.resend_ms);
    if (traffic.messages() - before > allowed + peers) {
        violated("{} messages in {} s though nothing is to do, where {} are allowed", traffic.messages() - before,
                 kSeconds, allowed);
    }
}

}  // namespace

Outcome run(const Shape& shape, std::uint64_t seed, bool traced) {
    World world(seed, traced);
    Outcome outcome;
    Cluster cluster(world, shape, seed);
    try {
        cluster.start();
        cluster.turbulence();
        if (shape.excess_liars == 0) {  // else only what is safe is looked at
            outcome.converged_after_ms = must_converge(world, cluster);
            must_fall_silent(world, cluster);
            cluster.checkers().chain.all_proven();
        }
    } catch (const Violation& violation) {
        outcome.violation = violation.what;
        world.note("VIOLATION: {}", violation.what);
    }
    outcome.fingerprint = world.fingerprint();
    outcome.events = world.events();
    outcome.messages = cluster.checkers().traffic.messages();
    outcome.blocks = cluster.checkers().chain.height();
    outcome.virtual_ms = world.now_us() / kMillisecond;
    outcome.coverage = world.coverage;
    return outcome;
}

}  // namespace tally::simulation
