#pragma once
// A TLS client that sends exactly the bytes it is told, when it is told: for what a well-behaved client would not do.

#include <memory>
#include <string>
#include <string_view>

#include "tests/unit/gateway/gateway_fixture.h"

struct ssl_st;
struct ssl_session_st;

namespace tally::gateway::test {

class RawTls {
  public:
    struct Options {
        std::uint16_t port = 0;
        TlsIdentity identity = {};
        std::shared_ptr<ssl_session_st> session = nullptr;  // to resume
        int max_version = 0;                                // TLS1_1_VERSION, ...; 0: any
        bool handshake = true;                              // else only the TCP connection
        int receive_timeout_s = 10;
    };
    explicit RawTls(const Options& options);
    ~RawTls();
    RawTls(const RawTls&) = delete;
    RawTls& operator=(const RawTls&) = delete;

    [[nodiscard]] bool secure() const { return secure_; }
    [[nodiscard]] bool resumed() const;
    [[nodiscard]] std::shared_ptr<ssl_session_st> session() const;  // after the first response
    bool send(std::string_view bytes);
    void half_close();  // TLS's goodbye and TCP's FIN; reading goes on
    [[nodiscard]] std::string
    read_response();  // a head and the body that its Content-Length announces; empty: none came
    [[nodiscard]] std::string read_to_the_end();  // until the server closes
    [[nodiscard]] std::string read_until(std::string_view mark);

  private:
    bool read_more();

    int socket_ = -1;
    std::shared_ptr<ssl_ctx_st> context_;
    ssl_st* tls_ = nullptr;
    bool secure_ = false;
    std::string buffer_;
};

}  // namespace tally::gateway::test
