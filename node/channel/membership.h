#pragma once
// Who the members of a channel are: from certificates to callers, and from contracts to endorsement policies.
//
// Built once from a channel configuration, immutable but for a bounded memory of chains already examined; safe from any
// thread. Every judgement is made at a time that the caller gives (the block's time at commit), never by a local clock.
// Only what does not depend on the time is remembered (x509.h, VerifiedPaths): a node that has seen a chain before and
// a node that has not come to the same result.

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "chaincode/stub.h"
#include "consensus/committee.h"
#include "crypto/key.h"
#include "crypto/x509.h"
#include "node/channel/channel_config.h"
#include "node/channel/policy.h"

namespace tally::node {

// What a member's signature is used for. While the revocation list of its organization is out of date a signature
// counts for `configuration` alone: otherwise the organization could never install its next list.
enum class Use {
    everything,
    // Proposals to the contract `config`, their endorsements, and approvals: admins and peers count also while their
    // organization's list is out of date. An expired or revoked certificate does not count here either.
    configuration,
    // Whose signature a block carries, whether it counts or not: no date of a list is asked for.
    attribution,
    // Asking a node for its health and metrics. This is all that a monitor may do.
    operations,
};

// The use of a proposal to this contract, and of an endorsement of one.
[[nodiscard]] Use use_of(std::string_view contract);

class Membership {
  public:
    // needs_upgrade when the configuration names what this program does not know.
    [[nodiscard]] static Result<std::shared_ptr<const Membership>> from(ChannelConfig config);
    ~Membership();

    // The caller that a chain (leaf first) stands for at `time_ms`. unauthenticated when the organization or the role
    // is unknown; the certificate_* codes when the path does not hold.
    [[nodiscard]] Result<chaincode::Caller> identify(std::span<const crypto::Certificate> chain, std::int64_t time_ms,
                                                     Use use = Use::everything) const;
    // The same from DER.
    struct Identified {
        chaincode::Caller caller;
        crypto::PublicKey key;
    };
    [[nodiscard]] Result<Identified> identify(std::span<const Bytes> chain_der, std::int64_t time_ms,
                                              Use use = Use::everything) const;

    [[nodiscard]] const Policy& policy_of(std::string_view contract) const;
    [[nodiscard]] const Policy& receipt_policy() const;
    [[nodiscard]] const Policy& configuration_policy() const;
    [[nodiscard]] const ChannelConfig& config() const;
    [[nodiscard]] const chaincode::ContractSet& contracts() const;  // in force
    [[nodiscard]] const Rules& rules() const;                       // in force
    [[nodiscard]] const crypto::Hash& config_hash() const;          // of its JSON
    [[nodiscard]] const std::vector<crypto::PublicKey>& orderer_keys() const;
    [[nodiscard]] std::optional<consensus::Member> orderer_with(const crypto::PublicKey& key) const;
    // Who agrees on the blocks of this epoch, if the configuration is the epoch's.
    [[nodiscard]] consensus::Committee committee(consensus::Epoch epoch) const;
    // bad_proof or bad_signature when the block with this header is not proved final.
    [[nodiscard]] Status verify_finality(const storage::BlockHeader& header,
                                         const consensus::FinalityProof& proof) const;

    struct Impl;
    explicit Membership(std::unique_ptr<Impl> impl);

  private:
    std::unique_ptr<Impl> impl_;
};

}  // namespace tally::node
