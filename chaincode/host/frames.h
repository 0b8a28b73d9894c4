#pragma once
// Frames over a socket. One thread at a time. Blocks until the deadline; a frame that is too long, or an end in the
// middle of one, is an error and the socket is of no use any more.

#include <chrono>
#include <optional>

#include "crypto/bytes.h"
#include "crypto/error.h"

namespace tally::chaincode::host {

class Frames {
  public:
    using Clock = std::chrono::steady_clock;
    // Owns the descriptor.
    explicit Frames(int socket) : socket_(socket) {}
    ~Frames();
    Frames(const Frames&) = delete;
    Frames& operator=(const Frames&) = delete;

    // Without a deadline they wait for ever. Failures: timeout, unavailable (the other side has ended), too_large.
    [[nodiscard]] Status send(ByteView frame, std::optional<Clock::time_point> deadline = {});
    [[nodiscard]] Result<Bytes> receive(std::optional<Clock::time_point> deadline = {});

  private:
    [[nodiscard]] Status wait(short events, std::optional<Clock::time_point> deadline) const;
    [[nodiscard]] Status read(std::uint8_t* to, std::size_t size, std::optional<Clock::time_point> deadline) const;

    int socket_;
};

}  // namespace tally::chaincode::host
