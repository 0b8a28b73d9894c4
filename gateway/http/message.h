#pragma once
// What the HTTP server hands to a handler and takes back: a request, a response, and a body that comes piece by piece.
// Plain values; each belongs to one thread at a time. A Peer is immutable and shared by all requests of a connection.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "crypto/bytes.h"
#include "crypto/hash.h"
#include "crypto/x509.h"
#include "gateway/http/target.h"

namespace tally::gateway {

enum class Method { get, head, post, put, patch, delete_, options, other };

[[nodiscard]] std::string_view method_name(Method method);

// Who is at the other end. The chain is as presented in the TLS handshake, which proves possession of the leaf's key
// and nothing more: the handler judges whether to trust the chain.
struct Peer {
    std::string address;
    bool loopback = false;
    std::vector<crypto::Certificate> chain;  // leaf first; empty: none was presented
    crypto::Hash chain_id;                   // SHA-256 over the chain's fingerprints
    std::optional<Error> chain_fault;        // a certificate was presented that cannot be read
};

struct Request {
    Method method = Method::get;
    std::string path;  // as sent, without the query
    Target target;
    std::string content_type, accept, authorization, last_event_id;
    std::string id;  // X-Request-Id: the client's, or made here
    Bytes body;
    std::shared_ptr<const Peer> peer;
};

// A body without an end that is known beforehand. The connection reads the next piece only when the piece before it has
// been written. All calls come from one thread; `wake` may be called from any thread, also after the source is gone.
class StreamSource {
  public:
    enum class Next { again, wait, end };
    struct Piece {
        std::string text;
        Next next = Next::wait;  // wait: until woken, or until it is time for a heartbeat
    };
    virtual ~StreamSource() = default;
    virtual void start(std::function<void()> wake) = 0;
    [[nodiscard]] virtual Piece read() = 0;
    [[nodiscard]] virtual std::string_view heartbeat() const = 0;
    // A short sentence for the client when the stream ends early.
    [[nodiscard]] virtual std::string farewell(const Error& why) const = 0;
};

struct Response {
    int status = 200;
    std::string content_type;  // empty: no body
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers;  // beside those that every response has
    std::shared_ptr<StreamSource> stream;                      // instead of `body`
    std::string note;                                          // for the access log only
};

// "application/json; charset=utf-8" -> "application/json", in lower case.
[[nodiscard]] std::string media_type(std::string_view content_type);

// Whether an Accept header (RFC 9110 section 12.5.1) admits the media type; an empty one admits everything.
[[nodiscard]] bool accepts(std::string_view accept, std::string_view type);

}  // namespace tally::gateway
