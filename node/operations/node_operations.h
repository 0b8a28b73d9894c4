#pragma once
// What a node with any roles answers at its HTTPS address (gateway/operations.h). From any thread; what it
// borrows must outlive it.

#include "gateway/operations.h"
#include "node/metrics/metrics.h"
#include "node/operations/node_status.h"
#include "node/threads/stopwatch.h"

namespace tally::node {

class NodeOperations : public gateway::Operations {
  public:
    NodeOperations(const CurrentMembership& membership, const Metrics& metrics, const NodeStatus& status,
                   std::function<gateway::Health()> health)
        : membership_(membership), metrics_(metrics), status_(status), health_(std::move(health)) {}

    Result<chaincode::Caller> identify(std::span<const crypto::Certificate> chain) override {
        return membership_.get()->identify(chain, now_ms(), Use::operations);
    }
    Result<chaincode::Caller> identify_for_configuration(std::span<const crypto::Certificate> chain) override {
        return membership_.get()->identify(chain, now_ms(), Use::configuration);
    }
    std::string channel() override { return membership_.get()->config().channel; }
    std::string metrics() override { return metrics_.text(); }
    gateway::Health health() override { return health_(); }
    gateway::Health ready() override { return status_.ready(health_()); }
    boost::json::object node() override { return status_.describe(); }

  private:
    const CurrentMembership& membership_;
    const Metrics& metrics_;
    const NodeStatus& status_;
    std::function<gateway::Health()> health_;
};

}  // namespace tally::node
