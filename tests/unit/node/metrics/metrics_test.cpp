#include "node/metrics/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace tally::node {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Metrics, EveryFigureOfAChannelCarriesItsName) {
    Metrics metrics;
    metrics.of_channel("north");
    metrics.transaction("VALID");
    metrics.stage(Stage::apply, 0.5);
    metrics.gauge("tally_block_height", "Height", [] { return 7; });
    metrics.figure(Metrics::Kind::counter, "tally_peer_sent_bytes_total", "Sent", "peer", "node2", [] { return 3; });
    const auto text = metrics.text();
    EXPECT_THAT(text, HasSubstr("tally_transactions_total{code=\"VALID\",channel=\"north\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("tally_stage_seconds_sum{stage=\"apply\",channel=\"north\"} 0.5\n"));
    EXPECT_THAT(text, HasSubstr("tally_block_height{channel=\"north\"} 7\n"));
    EXPECT_THAT(text, HasSubstr("tally_peer_sent_bytes_total{peer=\"node2\",channel=\"north\"} 3\n"));
}

TEST(Metrics, OneTextHoldsTheFiguresOfSeveralChannelsOfOneNameTogether) {
    Metrics root, further, node;
    root.of_channel("main");
    further.of_channel("north");
    node.gauge("tally_http_connections", "Connections", [] { return 2; });
    root.gauge("tally_view", "View", [] { return 1; });
    further.gauge("tally_view", "View", [] { return 9; });
    root.include(node);
    root.include(further);
    const auto text = root.text();
    EXPECT_THAT(text, HasSubstr("# TYPE tally_view gauge\n"
                                "tally_view{channel=\"main\"} 1\n"
                                "tally_view{channel=\"north\"} 9\n"));
    EXPECT_THAT(text, HasSubstr("tally_http_connections 2\n"));
    EXPECT_THAT(further.text(), Not(HasSubstr("main"))) << "a further's members need not know of other channels";
}

TEST(Metrics, CountersAndGaugesAreTypedAsSuch) {
    Metrics metrics;
    metrics.counter("tally_evidence_total", "Proofs", [] { return 1; });
    metrics.figure(Metrics::Kind::gauge, "tally_peer_silence_seconds", "Silence", "peer", "p",
                   [] { return std::numeric_limits<double>::infinity(); });
    const auto text = metrics.text();
    EXPECT_THAT(text, HasSubstr("# TYPE tally_evidence_total counter\n"));
    EXPECT_THAT(text, HasSubstr("# TYPE tally_peer_silence_seconds gauge\n"));
    EXPECT_THAT(text, HasSubstr("tally_peer_silence_seconds{peer=\"p\"} +Inf\n"));
}

}  // namespace
}  // namespace tally::node
