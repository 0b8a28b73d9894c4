#pragma once
// A ledger in memory behind the gateway's border, with deterministic answers. From any thread.
//
// A record whose text begins with "refuse " is refused with the code that follows; "invalid" is committed and found
// invalid; "hold" is answered when release() is called; "forget" is never answered and its callback is dropped. Every
// other record is committed in a block of its own with one event.

#include <condition_variable>
#include <map>
#include <mutex>

#include "gateway/backend.h"

namespace tally::gateway::test {

class FakeBackend : public Operations, public Submissions, public Queries, public LedgerReads {
  public:
    explicit FakeBackend(crypto::Certificate root);

    Result<Caller> identify(std::span<const crypto::Certificate> chain) override;
    void publish(Bytes record, std::string content_type, Caller caller, Wait wait, Done<RecordOutcome> done) override;
    void submit(Caller caller, Bytes proposal, Wait wait, Done<TransactionStatus> done) override;
    void evaluate(Caller caller, Bytes proposal, Done<std::string> done) override;
    void attest(Caller caller, Bytes question, Done<Bytes> done) override;
    void query(Caller caller, std::string contract, std::string function, json::object arguments,
               Done<std::string> done) override;
    Status post(const Caller& caller, std::function<void()> task) override;
    Result<TransactionStatus> status(const storage::TransactionId& id) override;
    Result<Bytes> transaction(const storage::TransactionId& id) override;
    void receipt(const Caller& caller, const storage::TransactionId& id, Done<Bytes> done) override;
    void apply_configuration(const Caller& caller, const crypto::Hash& config, Done<TransactionStatus> done) override;
    Result<std::uint64_t> height() override;
    Result<json::object> block(std::uint64_t number, bool header_only) override;
    Result<Bytes> raw_block(std::uint64_t number) override;
    Result<json::object> checkpoint(std::optional<std::uint64_t> block) override;
    Result<json::object> consistency(std::uint64_t from_block, std::uint64_t to_block) override;
    Result<json::object> begin_snapshot() override { return snapshot(); }
    json::object snapshot() override { return {{"state", "done"}, {"block", 1}, {"bytes", 5}}; }
    Result<Bytes> snapshot_part(std::uint64_t block, std::uint64_t offset) override;
    Result<EventPage> events(EventCursor from, const EventFilter& filter, std::size_t limit) override;
    std::shared_ptr<void> on_commit(std::function<void()> wake) override;
    chaincode::ContractSet contracts() override { return contracts_; }
    const chaincode::ContractSet& documented_contracts() override { return contracts_; }
    std::string channel() override { return "metering"; }
    std::string metrics() override { return "# TYPE tally_height gauge\ntally_height 1\n"; }
    Health health() override;
    Health ready() override { return {true, {}}; }
    json::object node() override { return {{"node", "node1"}}; }

    void release();              // answers every record that is held, and runs every task
    void hold_tasks(bool hold);  // that are posted from now on
    void refuse_tasks(bool refuse);
    void wait_for_held(std::size_t count);
    void set_healthy(bool healthy);
    storage::TransactionId add_transaction(const Bytes& bytes);
    // A block with so many events, the first with a payload of at least so many bytes.
    void add_events(std::size_t count, std::size_t payload_bytes = 0);
    [[nodiscard]] std::string last_content_type();
    [[nodiscard]] unsigned identified();  // how many chains it judged
    [[nodiscard]] std::size_t listeners();

  private:
    struct Kept {
        TransactionStatus status;
        Bytes bytes;
    };
    [[nodiscard]] TransactionStatus commit(const Bytes& bytes, storage::ValidationCode code);
    void wake_all();

    const crypto::Certificate root_;
    chaincode::ContractSet contracts_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<storage::TransactionId, Kept> transactions_;
    std::vector<std::vector<EventRecord>> blocks_;
    std::vector<std::function<void()>> held_;
    std::map<std::uint64_t, std::function<void()>> listeners_;
    std::uint64_t next_listener_ = 0;
    std::string last_content_type_;
    unsigned identified_ = 0;
    bool healthy_ = true;
    bool hold_tasks_ = false;
    bool refuse_tasks_ = false;
};

}  // namespace tally::gateway::test
