#pragma once
// A gateway's part in the collections of its organization (chaincode/contracts/data/kept.h): it holds the rows of
// records that are in no block, gives them to the other keepers' nodes, and takes them from gateways.
//
// What it holds is decided by its ledger alone: the record is there, its rows give the root that the device signed, its
// organization is a keeper of the record's collection, and they are neither erased nor expired. So nobody fills its
// disk with anything else, and a node that lies about rows is found out.
//
// Any thread. What it borrows must outlive it; `stop` before the network stops.

#include "chaincode/contracts/data/kept_answers.h"
#include "node/channel/current_membership.h"
#include "node/endorsing/evaluator.h"
#include "node/network/node_network.h"
#include "node/threads/fair_tasks.h"
#include "storage/series_store.h"

namespace tally::node {

// The body of FrameKind::series. Without readings it asks for them; with them it hands them over.
struct SeriesQuestion {
    std::string device;
    crypto::Hash content_id;
    Bytes readings;

    template <class A>
    void serialize(A& a) {
        a(device, content_id, readings);
    }
};

// A record whose readings are not to be in a block.
struct ConfidentialRecord {
    Bytes record;    // as it is to be published
    Bytes readings;  // in the form in which keepers hold them (chaincode/records/opening.h)
    std::string device;
    crypto::Hash content_id;
};

class Keeper {
  public:
    struct Parts {
        std::string node;  // this one's id
        std::string organization;
        const CurrentMembership& membership;
        const Evaluator& evaluator;
        storage::SeriesStore& store;
        NodeNetwork* network;  // none while the channel has one node
    };
    explicit Keeper(Parts parts);
    ~Keeper() { stop(); }
    void stop();

    // Takes the readings off a record of a device that is assigned to a collection; none for any other. root_mismatch,
    // summary_mismatch, commitment_mismatch, malformed: the readings are not the record's.
    [[nodiscard]] Result<std::optional<ConfidentialRecord>> take_readings(ByteView record) const;
    // The same of a record that is on the ledger in a collection, wherever its device is assigned by now.
    [[nodiscard]] Result<std::optional<ConfidentialRecord>> kept_readings(ByteView record) const;
    // Gives the readings of a committed record to a keeper: this node, or the first other one that takes them; waits
    // for it. unavailable: no keeper could be reached. not_kept: they are erased or expired.
    [[nodiscard]] Status hand_over(const std::string& device, const crypto::Hash& content_id, ByteView readings) const;

    // Checks the readings and stores them. not_found: this node has no such record. permission_denied: its organization
    // is no keeper. not_kept: they are erased or expired. root_mismatch, summary_mismatch, commitment_mismatch,
    // malformed: they are not the record's.
    [[nodiscard]] Status accept(const std::string& device, const crypto::Hash& content_id, ByteView readings) const;
    // From the first other keeper's node that has them. unavailable: none has.
    [[nodiscard]] Status fetch(const std::string& device, const crypto::Hash& content_id,
                               const chaincode::registry::Collection& collection) const;

    // From a proposal's time until its transaction is committed, at most.
    [[nodiscard]] std::int64_t longest_delay_ms() const;
    [[nodiscard]] const std::string& node() const { return parts_.node; }
    [[nodiscard]] bool is_keeper(const chaincode::registry::Collection& collection) const;
    [[nodiscard]] storage::SeriesStore& store() const { return parts_.store; }

  private:
    [[nodiscard]] Result<Bytes> answer(const std::string& peer, const SeriesQuestion& question) const;
    [[nodiscard]] Result<chaincode::data::Keeping> keeping(const std::string& device,
                                                           const crypto::Hash& content_id) const;
    // The nodes of a collection's keepers that can be reached now, without this one.
    [[nodiscard]] std::vector<std::string> others(const chaincode::registry::Collection& collection) const;
    template <class Answer, class Arguments>
    [[nodiscard]] Result<Answer> query(std::string_view contract, std::string_view function,
                                       const Arguments& arguments) const;

    Parts parts_;
    mutable WorkerPool pool_;
    FairTasks tasks_;  // by the node that asks
};

}  // namespace tally::node
