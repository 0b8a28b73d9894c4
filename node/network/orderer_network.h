#pragma once
// The way to the other orderers, by their place in the channel's configuration.

#include <span>
#include <string>

#include "consensus/messages.h"

namespace tally::node {

// Never blocks; may lose messages. Threads: any.
class OrdererNetwork {
  public:
    virtual ~OrdererNetwork() = default;
    virtual void send(std::span<const consensus::Member> to, const consensus::Message& message) = 0;
    // This orderer has broken the protocol.
    virtual void blame(consensus::Member orderer, const std::string& why) = 0;
    // A message of this node found no room here; to be counted.
    virtual void refused(consensus::Member node) = 0;
};

}  // namespace tally::node
