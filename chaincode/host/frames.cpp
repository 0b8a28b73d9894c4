#include "chaincode/host/frames.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "chaincode/host/messages.h"

namespace tally::chaincode::host {

Frames::~Frames() { ::close(socket_); }

// Without a deadline the call itself blocks: the process of a contract may not poll.
Status Frames::wait(short events, std::optional<Clock::time_point> deadline) const {
    if (!deadline) return {};
    while (true) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(*deadline - Clock::now()).count();
        if (left <= 0) return fail(Code::timeout, "the other side takes too long");
        pollfd one{socket_, events, 0};
        const int ready = ::poll(&one, 1, static_cast<int>(std::min<std::int64_t>(left, 60'000)));
        if (ready > 0) return {};
        if (ready < 0 && errno != EINTR) return fail(Code::io_error, "poll: {}", std::strerror(errno));
    }
}

Status Frames::read(std::uint8_t* to, std::size_t size, std::optional<Clock::time_point> deadline) const {
    while (size > 0) {
        TRY(wait(POLLIN, deadline));
        const auto got = ::read(socket_, to, size);
        if (got == 0) return fail(Code::unavailable, "the other side has ended");
        if (got < 0 && errno != EINTR) return fail(Code::unavailable, "read: {}", std::strerror(errno));
        if (got > 0) {
            to += got;
            size -= static_cast<std::size_t>(got);
        }
    }
    return {};
}

Status Frames::send(ByteView frame, std::optional<Clock::time_point> deadline) {
    if (frame.size() > kMaxFrame) return fail(Code::too_large, "a message of {} bytes", frame.size());
    const auto size = static_cast<std::uint32_t>(frame.size());
    Bytes all(4 + frame.size());
    std::memcpy(all.data(), &size, 4);
    std::ranges::copy(frame, all.begin() + 4);
    std::size_t done = 0;
    while (done < all.size()) {
        TRY(wait(POLLOUT, deadline));
        // A deadline needs a write that does not block; without one a plain write does, which the filter allows.
        const auto put = deadline ? ::send(socket_, all.data() + done, all.size() - done, MSG_NOSIGNAL | MSG_DONTWAIT)
                                  : ::write(socket_, all.data() + done, all.size() - done);
        if (put < 0 && errno != EINTR && errno != EAGAIN)
            return fail(Code::unavailable, "write: {}", std::strerror(errno));
        if (put > 0) done += static_cast<std::size_t>(put);
    }
    return {};
}

Result<Bytes> Frames::receive(std::optional<Clock::time_point> deadline) {
    std::uint32_t size = 0;
    std::uint8_t head[4];
    TRY(read(head, sizeof head, deadline));
    std::memcpy(&size, head, sizeof size);
    if (size > kMaxFrame) return fail(Code::too_large, "a message of {} bytes", size);
    // In steps: who claims much must send it before it is held.
    constexpr std::size_t kStep = 1U << 20;
    Bytes frame;
    while (frame.size() < size) {
        const auto from = frame.size();
        frame.resize(std::min<std::size_t>(size, from + kStep));
        TRY(read(frame.data() + from, frame.size() - from, deadline));
    }
    return frame;
}

}  // namespace tally::chaincode::host
