#pragma once
// What a contract sees of the world: a read-only state, a place for its intentions, and facts that are the same on
// every endorser. There is no clock, no randomness and no I/O here on purpose: contracts are deterministic.
//
// A stub lives for one invocation on one thread. Everything that a writing function reads is recorded in the read-write
// set: a committer compares it with the state and runs the function again. So what decides is always read, and there is
// no unrecorded read. Writes are visible to later reads of the same invocation.

#include <boost/json/value.hpp>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/bytes.h"
#include "crypto/key.h"
#include "storage/model/transaction.h"
#include "storage/state_reader.h"

namespace tally::chaincode {

namespace json = boost::json;

// Who asks, as established from the certificate by the node (never by the contract).
struct Caller {
    std::string organization;
    std::string role;   // client, peer, orderer, admin, auditor
    std::string name;   // the certificate's common name
    Bytes certificate;  // X.509 DER
};

struct KeyValue {
    std::string key;
    std::string value;
    storage::Version version;  // where it was written
};

struct RangeOptions {
    std::size_t limit = 100;
    bool reverse = false;  // queries only: a descending scan cannot be recorded
};

struct Page {
    std::vector<KeyValue> entries;
    bool more = false;  // entries remain behind the last one
};

class Stub {
  public:
    virtual ~Stub() = default;

    // The world state of the contract that runs.
    [[nodiscard]] virtual Result<std::optional<std::string>> get(std::string_view key) = 0;
    [[nodiscard]] virtual Result<Page> range(std::string_view start, std::string_view end,
                                             RangeOptions options = {}) = 0;
    [[nodiscard]] virtual Status put(std::string_view key, std::string value) = 0;
    [[nodiscard]] virtual Status remove(std::string_view key) = 0;
    // Adds to a counter without reading it; see storage::Increment.
    [[nodiscard]] virtual Status increment(std::string_view key, std::int64_t delta,
                                           std::int64_t lower_bound = INT64_MIN) = 0;

    // Queries only (permission_denied in an invocation that writes): the key's past, and what transactions carried.
    [[nodiscard]] virtual Result<std::vector<storage::HistoryEntry>> history(std::string_view key,
                                                                             storage::Version from = {},
                                                                             std::size_t limit = 1000) = 0;
    [[nodiscard]] virtual Result<Bytes> attachment_of(const storage::TransactionId& id, std::size_t index) = 0;

    // Queries only: the packed rows of a device's record that this node keeps for a collection. None: it has none,
    // which may differ from node to node.
    [[nodiscard]] virtual Result<std::optional<Bytes>> kept_series(const std::string& /*device*/,
                                                                   const crypto::Hash& /*content_id*/) {
        return std::nullopt;
    }

    // Runs a function of another contract in the same transaction, on that contract's own namespace, as the same
    // caller.
    [[nodiscard]] virtual Result<json::value> call(std::string_view contract, std::string_view function,
                                                   const json::value& arguments) = 0;

    // Checks an attachment, a COSE_Sign1 message: that it was made for this purpose (its content type; else malformed)
    // and this channel (external_aad), and its signature. A node that has checked it before remembers that.
    [[nodiscard]] virtual Status verify_attachment(const crypto::PublicKey& key, std::size_t attachment,
                                                   std::string_view content_type) = 0;

    // For who builds a long answer: too_large as soon as it cannot fit any more, not when all of it is in memory.
    [[nodiscard]] virtual Status check_result_bytes(std::size_t so_far) const = 0;

    virtual void emit(std::string_view event, const json::value& payload) = 0;

    [[nodiscard]] virtual const storage::TransactionId& transaction_id() const = 0;
    [[nodiscard]] virtual const std::string& channel() const = 0;
    // The members, by the configuration in force.
    [[nodiscard]] virtual const std::vector<std::string>& organizations() const = 0;
    [[nodiscard]] virtual std::int64_t time_ms() const = 0;  // when the proposal was created, UTC
    [[nodiscard]] virtual const Caller& caller() const = 0;
    // The contract whose function called this one; empty for the function that the proposal names.
    [[nodiscard]] virtual const std::string& calling_contract() const = 0;
    [[nodiscard]] virtual std::span<const ByteView> attachments() const = 0;
    [[nodiscard]] virtual bool is_query() const = 0;
};

// Keys made of parts: "device\0dev-7". Parts must not contain NUL (invalid_argument); numbers are padded so that they
// sort.
[[nodiscard]] std::string composite_key(std::initializer_list<std::string_view> parts);
[[nodiscard]] std::string padded(std::int64_t number);  // 20 characters; negative numbers sort first
// The range that holds exactly the keys which extend `prefix` by at least one part.
[[nodiscard]] std::pair<std::string, std::string> children_of(std::initializer_list<std::string_view> prefix);

}  // namespace tally::chaincode
