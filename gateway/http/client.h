#pragma once
// A small HTTPS client for the command line tool, the tests and the benchmarks: one connection, kept alive, one request
// at a time. Belongs to one thread; the stop flag of a stream may be set by any.
//
// The server's certificate must lead to one of the given roots and name the host of the base URL. Every operation ends
// within `timeout`. An answer with any status is a Response, not an error. Failures: invalid_argument (URL),
// bad_configuration (PEM), unavailable (cannot connect, refused by TLS, connection lost), timeout, malformed (the
// answer is not HTTP), too_large.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "crypto/bytes.h"
#include "gateway/http/tls.h"

namespace tally::gateway {

struct ClientOptions {
    std::string base_url;   // "https://host:port", optionally with a path that is put in front of every path
    std::string roots_pem;  // trusted; nothing else is
    std::string roots_name = "the authorities given";  // for messages
    TlsIdentity identity;                              // empty: no client certificate
    std::chrono::milliseconds timeout{30'000};
    std::size_t max_response_bytes = 64 << 20;
};

using HeaderFields = std::vector<std::pair<std::string, std::string>>;

struct ClientResponse {
    int status = 0;
    HeaderFields headers;
    std::string body;

    [[nodiscard]] std::string_view header(std::string_view name) const;  // empty when absent; case does not matter
};

class HttpClient {
  public:
    [[nodiscard]] static Result<HttpClient> create(ClientOptions options);
    HttpClient(HttpClient&&) noexcept;
    HttpClient& operator=(HttpClient&&) noexcept;
    ~HttpClient();

    // A request on a kept connection that turns out to be gone is sent once more on a new one if it can do no harm:
    // a GET, or when nothing of the answer had come.
    [[nodiscard]] Result<ClientResponse> get(std::string_view path, const HeaderFields& headers = {});
    [[nodiscard]] Result<ClientResponse> post(std::string_view path, ByteView body, std::string_view content_type,
                                              const HeaderFields& headers = {});
    [[nodiscard]] Result<ClientResponse> send(std::string_view method, std::string_view path, ByteView body,
                                              std::string_view content_type, const HeaderFields& headers = {});

    // Calls `line` for each line of the body, without its line break, as it comes, until it returns false, `stop` is
    // set or the body ends. An answer other than 200 comes back with its body and without a call.
    [[nodiscard]] Result<ClientResponse> stream(std::string_view path, HeaderFields headers,
                                                const std::function<bool(std::string_view)>& line,
                                                const std::atomic<bool>& stop);

  private:
    struct Impl;
    explicit HttpClient(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace tally::gateway
