#pragma once
// The owner of a core: keeps the duties that consensus/simplex.h lists, over a simulated disk, ledger and clock.
//
// A node crashes and restarts; its log and its ledger survive as far as their disks say. A node that is no member runs
// no core: it asks members for blocks until one of them makes it a member. A node with a Behaviour is Byzantine:
// its core keeps the rules, and the behaviour decides what leaves the house.

#include <deque>
#include <memory>

#include "tests/simulation/checkers.h"

namespace tally::simulation {

class Node;

// A way of being Byzantine.
class Behaviour {
  public:
    virtual ~Behaviour() = default;
    [[nodiscard]] virtual const char* name() const = 0;
    // What the node's core wants to send to these nodes.
    virtual void sends(Node& node, const std::vector<NodeId>& to, const MessagePtr& message) = 0;
    virtual void hears(Node& node, const consensus::Message& message) {
        static_cast<void>(node);
        static_cast<void>(message);
    }
};

// What all nodes share.
struct Surroundings {
    World& world;
    const Keys& keys;
    Checkers& checkers;
    consensus::FaultModel model;
    std::vector<NodeId> first_members;
    std::function<void(Place from, NodeId to, const MessagePtr& message)> post;
    std::function<NodeId(Place place)> node_at;
};

struct NodeSettings {
    consensus::Settings core;
    Disk::Speed disk;
    std::int64_t clock_ahead_ms = 0;
    std::int64_t ledger_sync_us = 50 * kMillisecond;  // the longest until a delivered block is synced
    std::uint64_t log_part_records = 200;             // after which the log gets a new part
};

class Node {
  public:
    Node(Surroundings& around, Place place, NodeId id, const NodeSettings& settings);

    void start();
    void crash();
    // While it is down. It then starts as one that may have voted.
    void lose_disk(bool ledger_too);
    void receive(Place from, const MessagePtr& message);
    void submit(storage::Batch transactions, bool sealing);
    void step(consensus::Event event);
    void behave(std::unique_ptr<Behaviour> behaviour) { behaviour_ = std::move(behaviour); }
    // Past the behaviour, to the network.
    void transmit(const std::vector<NodeId>& to, const MessagePtr& message);
    // Unless the node crashes meanwhile.
    void later(std::int64_t delay_us, std::function<void()> what);

    [[nodiscard]] bool running() const { return running_; }
    [[nodiscard]] bool is_member() const { return membership().member(id_).has_value(); }
    [[nodiscard]] bool correct() const { return correct_; }
    [[nodiscard]] bool lost_disk() const { return lost_disk_; }
    void turn_faulty() { correct_ = false; }
    [[nodiscard]] NodeId id() const { return id_; }
    [[nodiscard]] Place place() const { return place_; }
    [[nodiscard]] const Ledger& ledger() const { return ledger_; }
    // Of the epoch that its core is in.
    [[nodiscard]] const Membership& membership() const { return membership_; }
    [[nodiscard]] consensus::Observation observe() const { return core_->observe(); }
    [[nodiscard]] bool has_core() const { return core_ != nullptr; }
    [[nodiscard]] Surroundings& around() { return around_; }
    [[nodiscard]] std::int64_t clock_ms() const;  // the time of day, as this node has it
    [[nodiscard]] consensus::Clocks clocks() const;
    void set_settings(const NodeSettings& settings);
    [[nodiscard]] const NodeSettings& settings() const { return settings_; }
    // Transactions that were accepted here and are not final.
    [[nodiscard]] const std::set<Bytes>& waiting();

  private:
    void open_core();
    void close_core();
    void forget_what_is_not_logged();
    void drain();
    void perform(consensus::Action& action);
    void release(std::uint64_t durable);
    void sync_log();
    [[nodiscard]] bool is_durable(std::uint64_t ticket) const;
    void send(const consensus::Send& send);
    void deliver(const consensus::Deliver& deliver);
    void serve(NodeId to, storage::BlockNumber from);
    void arm();
    void begin_log_part();
    void plan_ledger_sync();
    void learn();
    void tell_tip(NodeId to, const consensus::StatusMessage& status);
    void adopt(const consensus::FetchedBlocks& fetched);
    [[nodiscard]] Speaker speaker() const;
    [[nodiscard]] NodeId node_of(consensus::Member member) const;
    [[nodiscard]] consensus::Member member_of(NodeId node) const;

    Surroundings& around_;
    World& world_;
    Place place_;
    NodeId id_;
    NodeSettings settings_;
    bool correct_ = true;
    std::unique_ptr<Behaviour> behaviour_;

    Disk log_;
    Ledger ledger_;
    std::unique_ptr<consensus::Simplex> core_;
    Membership membership_;
    std::uint64_t life_ = 0;
    bool running_ = false;
    bool lost_disk_ = false;
    bool log_is_new_ = true;  // nothing was ever durable in it

    std::deque<consensus::Event> events_;
    bool draining_ = false;
    std::vector<std::uint64_t> record_of_ticket_;  // how many records the log has with it
    std::uint64_t durable_records_ = 0;
    std::uint64_t next_part_at_ = 0;           // when the log has so many records of this life
    std::deque<consensus::Action> held_back_;  // sends and deliveries that wait for a sync
    std::int64_t armed_us_ = -1;
    std::uint64_t idle_ticks_ = 0;
    std::int64_t ticked_us_ = -1;
    bool ledger_sync_planned_ = false;
    storage::BlockNumber highest_delivered_ = 0;
    std::set<Bytes> waiting_;
};

}  // namespace tally::simulation
