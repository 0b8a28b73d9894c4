#include "node/channel_gateway.h"

#include <spdlog/spdlog.h>

#include "gateway/http/log_value.h"
#include "node/threads/stopwatch.h"

namespace tally::node {
namespace {

constexpr std::size_t kGatewayQueue = 4096;  // tasks, of each pool
constexpr unsigned kSubmitThreads = 32;      // they wait for other nodes' answers most of the time
// Of one organization among the gateway's callers.
constexpr Share kQueryShare{kGatewayQueue / 4, 64U << 20};
constexpr Share kGatewayShare{kGatewayQueue / 4, 256U << 20};

}  // namespace

ChannelGateway::ChannelGateway(ChannelGatewayParts parts)
    : parts_(std::move(parts)),
      query_pool_(parts_.config.workers, kGatewayQueue, "query"),
      query_tasks_(query_pool_, kQueryShare),
      asking_pool_(parts_.others.are_there() ? std::make_unique<WorkerPool>(kSubmitThreads, kGatewayQueue, "submit")
                                             : nullptr),
      asking_tasks_(asking_pool_ ? *asking_pool_ : parts_.pool, kGatewayShare),
      submitter_(
          parts_.store.ledger(), parts_.store.membership(), asking_pool_ ? *asking_pool_ : parts_.pool, kGatewayShare,
          parts_.waiting, parts_.memo, [this] { return endorsement_sources(); },
          [this](const Bytes& transaction, const chaincode::SignedProposal& proposal) {
              return parts_.ordering.submit(transaction, proposal);
          },
          parts_.metrics),
      answers_(parts_.states, parts_.evaluator, parts_.peer,
               [this] { return parts_.others.attesters(parts_.endorser ? parts_.endorser->organization() : ""); }),
      snapshots_(parts_.store.ledger(), parts_.config.data / "snapshots",
                 [this](storage::BlockNumber block) { parts_.others.gather_signatures(block); }),
      queries_(parts_.store.membership(), parts_.evaluator, query_tasks_, answers_, asking_tasks_),
      submissions_({parts_.store.ledger(), parts_.store.membership(), parts_.evaluator, submitter_, parts_.waiting,
                    query_tasks_, parts_.client, parts_.keeper,
                    [this](const Bytes& update) { return parts_.ordering.submit_configuration(update); }}),
      reads_({parts_.store.ledger(), parts_.store.membership(), parts_.waiting, query_tasks_, query_pool_, snapshots_,
              parts_.feed}) {
    parts_.waiting.answer_by([this](std::function<void()> answers) {
        const auto shared = std::make_shared<std::function<void()>>(std::move(answers));
        if (!query_pool_.post([shared] { (*shared)(); })) (*shared)();
    });
}

// This node first, then the others.
std::vector<EndorsementSource> ChannelGateway::endorsement_sources() const {
    auto* const own = parts_.endorser;
    if (own == nullptr) return parts_.others.endorsers({});
    auto sources = parts_.others.endorsers(own->organization());
    sources.insert(sources.begin(), {own->name(), own->organization(), true,
                                     [own](const chaincode::SignedProposal& proposal, const Bytes&, bool) {
                                         return [own, &proposal] { return own->endorse(proposal, now_ms()); };
                                     },
                                     [] { return true; }});
    return sources;
}

void ChannelGateway::committed() { submissions_.look_for_duplicates(); }

void ChannelGateway::signature_came() { reads_.signature_came(); }

void ChannelGateway::look() {
    submissions_.look_for_duplicates();
    reads_.expire();
    order_overdue();
}

// What an orderer accepted and no block holds goes to another one: that orderer may be lost, or lie, or not be one any
// more.
void ChannelGateway::order_overdue() {
    if (!asking_pool_) return;
    for (auto& late : parts_.waiting.overdue(steady_ms())) {
        (void)asking_pool_->post([this, late] {
            const auto orderer = parts_.ordering.submit(*late.transaction, late.orderer);
            if (orderer) parts_.waiting.ordered(late.id, *orderer, steady_ms());
            spdlog::info("event=ordered_again id={} after={} at={} what={}", late.id.hex(), late.orderer,
                         orderer.value_or("none"), gateway::log_value(orderer ? "" : orderer.error().message));
        });
    }
}

void ChannelGateway::stop() {
    snapshots_.stop();
    if (asking_pool_) asking_pool_->stop();
    query_pool_.stop();
}

}  // namespace tally::node
