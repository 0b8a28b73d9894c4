#pragma once
// What the gateway needs of the node that runs it, beside what it asks of any node (operations.h). The node implements
// these three interfaces; the gateway knows nothing else of it.
//
// Threads: a call that takes `done`, and `post`, may come from any HTTP thread: it returns at once and calls `done`
// exactly once, from any thread, possibly before it returns. What reads the ledger and answers with a Result may take
// long: it is called only in a task given to `post`, never on an HTTP thread. All other calls need memory alone.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "chaincode/contract.h"
#include "gateway/operations.h"
#include "storage/model/block.h"
#include "storage/model/transaction.h"

namespace tally::gateway {

// A caller's answer waits for the commit, or only until an orderer has accepted the transaction.
enum class Wait { committed, accepted };

struct TransactionStatus {
    enum class State { unknown, pending, committed };
    State state = State::unknown;
    storage::TransactionId id;
    storage::ValidationCode code = storage::ValidationCode::VALID;  // committed only
    std::uint64_t block = 0;                                        // committed only
    std::uint32_t index = 0;                                        // committed only: place in the block
    json::value result;                                             // what the contract answered, where known
};

struct RecordOutcome {
    TransactionStatus transaction;  // of the first transaction that carried this record
    std::string content_id;         // hex
    bool duplicate = false;         // the ledger had it already
};

struct EventFilter {
    std::optional<std::string> contract;
    std::optional<std::string> event;
};

// A place in the stream of events: after event `event` of transaction `transaction` of block `block`. Text form
// "block.transaction.event", which is the Last-Event-ID of the stream.
struct EventCursor {
    std::uint64_t block = 0;
    std::uint32_t transaction = 0;
    std::uint32_t event = 0;  // the next one to deliver is the first at or after (block, transaction, event)

    friend auto operator<=>(const EventCursor&, const EventCursor&) = default;
};

struct EventRecord {
    EventCursor at;
    storage::TransactionId transaction_id;
    std::string contract;
    std::string name;
    std::string payload;  // JSON
    std::int64_t block_time_ms = 0;
};

struct EventPage {
    std::vector<EventRecord> events;
    EventCursor next;  // where to go on
};

template <class T>
using Done = std::function<void(Result<T>)>;

// What is to come onto the ledger.
class Submissions {
  public:
    virtual ~Submissions() = default;

    // A signed device record as it came (content_type as in the request). The node wraps it into a proposal of its own.
    virtual void publish(Bytes record, std::string content_type, Caller caller, Wait wait,
                         Done<RecordOutcome> done) = 0;
    // A signed proposal: endorse, order, wait.
    virtual void submit(Caller caller, Bytes proposal, Wait wait, Done<TransactionStatus> done) = 0;
    // Puts a proposed configuration of the channel into force; its approvals are on the ledger.
    virtual void apply_configuration(const Caller& caller, const crypto::Hash& config,
                                     Done<TransactionStatus> done) = 0;
};

// What contracts answer, as JSON text.
class Queries {
  public:
    virtual ~Queries() = default;

    // Evaluates a signed proposal; nothing is written.
    virtual void evaluate(Caller caller, Bytes proposal, Done<std::string> done) = 0;
    // The question is a signed proposal of a query. Asks enough organizations to sign the answer: an answer file, CBOR.
    virtual void attest(Caller caller, Bytes question, Done<Bytes> done) = 0;
    // A query on behalf of a caller that TLS or a token has identified.
    virtual void query(Caller caller, std::string contract, std::string function, json::object arguments,
                       Done<std::string> done) = 0;

    [[nodiscard]] virtual chaincode::ContractSet contracts() = 0;  // in force now
    // What the OpenAPI document and the routes describe: the newest versions that the program knows.
    [[nodiscard]] virtual const chaincode::ContractSet& documented_contracts() = 0;
};

// What is on the ledger.
class LedgerReads {
  public:
    virtual ~LedgerReads() = default;

    // Runs a task that reads the ledger, on one of the node's workers. busy when too much waits, in all or for this
    // caller's organization: the task will not run.
    [[nodiscard]] virtual Status post(const Caller& caller, std::function<void()> task) = 0;

    // In a task of `post`:
    [[nodiscard]] virtual Result<TransactionStatus> status(const storage::TransactionId& id) = 0;
    [[nodiscard]] virtual Result<Bytes> transaction(
        const storage::TransactionId& id) = 0;  // encoded storage::Transaction
    // A receipt file, CBOR (application/cose). Waits a moment for the signatures that it needs, unless too many wait,
    // in all or of this caller's organization.
    virtual void receipt(const Caller& caller, const storage::TransactionId& id, Done<Bytes> done) = 0;
    [[nodiscard]] virtual Result<json::object> block(std::uint64_t number, bool header_only) = 0;
    // Encoded (storage/model/block.h). A block that seals an epoch has its finality proof. not_kept: it was pruned.
    [[nodiscard]] virtual Result<Bytes> raw_block(std::uint64_t number) = 0;
    [[nodiscard]] virtual Result<json::object> checkpoint(std::optional<std::uint64_t> block) = 0;  // none: the latest
    [[nodiscard]] virtual Result<json::object> consistency(std::uint64_t from_block, std::uint64_t to_block) = 0;

    // A copy of the ledger for a new node (docs/formats.md): one at a time is made, in the background, and kept until
    // the next. `snapshot` says how far it is.
    [[nodiscard]] virtual Result<json::object> begin_snapshot() = 0;
    [[nodiscard]] virtual json::object snapshot() = 0;
    [[nodiscard]] virtual Result<Bytes> snapshot_part(std::uint64_t block, std::uint64_t offset) = 0;

    // Events from the cursor on, at most `limit`, looking at no more than a bounded number of blocks and bytes per
    // call.
    [[nodiscard]] virtual Result<EventPage> events(EventCursor from, const EventFilter& filter, std::size_t limit) = 0;

    // From memory:
    [[nodiscard]] virtual Result<std::uint64_t> height() = 0;  // number of the last block
    // Calls `wake` (from any thread, must not block) after each commit, until the returned handle is destroyed.
    [[nodiscard]] virtual std::shared_ptr<void> on_commit(std::function<void()> wake) = 0;
};

// All three interfaces. Each must outlive the RestApi that is given it.
struct Backend {
    Submissions& submissions;
    Queries& queries;
    LedgerReads& ledger;
};

}  // namespace tally::gateway
