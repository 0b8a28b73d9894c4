#pragma once
// What a node and the process of a contract say to each other over a socket, in the encoding of
// storage/model/archive.h.
//
//   process -> node   the manifest's text, once, after it has started
//   node -> process   HostedCall
//   process -> node   StubRequest, any number; each is answered with a StubAnswer before the next
//   process -> node   StubRequest of kind `finished` or `failed`: the call has ended
//
// Each message is a frame: its length in 4 bytes, little-endian, then its bytes; at most kMaxFrame.

#include <cstdint>
#include <string>
#include <vector>

#include "crypto/hash.h"

namespace tally::chaincode::host {

inline constexpr std::size_t kMaxFrame = 80U << 20;  // the largest answer of a query, and its envelope
inline constexpr int kProcessSocket = 3;             // the descriptor of the socket in the contract's process

struct HostedCall {
    std::string function;
    std::string arguments;  // JSON
    std::vector<Bytes> attachments;
    crypto::Hash transaction_id{};
    std::string channel;
    std::vector<std::string> organizations;
    std::int64_t time_ms = 0;
    std::string organization, role, name;  // the caller
    Bytes certificate;
    std::string calling_contract;
    bool query = false;
    std::uint64_t max_result_bytes = 0;

    template <class A>
    void serialize(A& a) {
        a(function, arguments, attachments, transaction_id, channel, organizations, time_ms, organization, role, name,
          certificate, calling_contract, query, max_result_bytes);
    }
};

enum class Ask : std::uint8_t {
    get,         // first: the key
    range,       // first, second: start and end; number: the limit; flag: descending
    put,         // first: the key; second: the value
    remove,      // first
    increment,   // first; number: the delta; bound
    history,     // first; number, bound: block and transaction of the version; limit
    attachment,  // first: the transaction's id, hex; number: the index
    call,        // first: the contract; second: the function; text: the arguments
    verify,      // bytes: the key's SubjectPublicKeyInfo; number: the attachment; first: its content type
    emit,        // first: the event; text: the payload
    finished,    // text: the result
    failed,      // first: the code; number: its kind; text: the sentence
};
constexpr std::uint64_t enum_limit(Ask) { return 12; }

struct StubRequest {
    Ask ask = Ask::get;
    std::string first{}, second{}, text{};
    Bytes bytes{};
    std::int64_t number = 0, bound = 0;
    std::uint64_t limit = 0;
    bool flag = false;

    template <class A>
    void serialize(A& a) {
        a(ask, first, second, text, bytes, number, bound, limit, flag);
    }
};

struct StubEntry {
    std::string key, value;
    std::uint64_t block = 0;
    std::uint32_t transaction = 0;
    bool present = true;  // of a history entry: false where the key was removed

    template <class A>
    void serialize(A& a) {
        a(key, value, block, transaction, present);
    }
};

struct StubAnswer {
    bool ok = true;
    std::string code;
    std::uint8_t kind = 0;
    std::string text;   // the sentence of a refusal; a value; a result
    bool flag = false;  // the value is there; more entries follow
    std::vector<StubEntry> entries;
    Bytes bytes;

    template <class A>
    void serialize(A& a) {
        a(ok, code, kind, text, flag, entries, bytes);
    }
};

}  // namespace tally::chaincode::host
