// How a connection writes a body without an end: one piece at a time, a heartbeat when there is none, and an orderly
// end of the body when the server stops.

#include <boost/asio/post.hpp>

#include "gateway/http/connection.h"
#include "gateway/http/wire.h"

namespace tally::gateway {

asio::awaitable<bool> Connection::stream(const Response& response) {
    const bool chunked = parser_->get().version() == 11;
    out_.clear();
    append_response(out_, response, {false, false, chunked, id_});
    const bool opened = co_await send(out_);
    observe(response, 0);
    if (!opened) co_return false;
    woken_ = false;
    response.stream->start([mailbox = mailbox_] { mailbox->post([](Connection& to) { to.wake(); }); });
    const bool alive = co_await pump(*response.stream, chunked);
    if (alive && chunked) co_await send(kLastChunk);
    co_return false;
}

// False when the client is gone.
asio::awaitable<bool> Connection::pump(StreamSource& source, bool chunked) {
    while (!engine_.stopping && !cut_) {
        woken_ = false;
        auto piece = source.read();
        if (const auto taken = take_answer(piece.text.size()); !taken)
            piece = {source.farewell(taken.error()), StreamSource::Next::end};
        const bool sent = co_await send_piece(std::exchange(piece.text, {}), chunked);
        give_back_answer();
        if (!sent) co_return false;
        if (piece.next == StreamSource::Next::end) break;
        if (piece.next == StreamSource::Next::again) {
            co_await asio::post(loop_.io, asio::use_awaitable);  // others have a turn
            continue;
        }
        co_await sleep_until_woken();
        if (woken_ || engine_.stopping || cut_) continue;
        const bool beaten = co_await send_piece(std::string(source.heartbeat()), chunked);
        if (!beaten) co_return false;
    }
    co_return !cut_;
}

asio::awaitable<bool> Connection::send_piece(std::string text, bool chunked) {
    out_.clear();
    if (chunked) {
        append_chunk(out_, text);
    } else {
        out_ += text;
    }
    text = {};  // one copy is enough while it is written
    const bool sent = co_await send(out_);
    give_back_capacity();
    co_return sent;
}

asio::awaitable<void> Connection::sleep_until_woken() {
    if (woken_) co_return;
    signal_.expires_after(limits().heartbeat);
    co_await signal_.async_wait(kAwait);
}

void Connection::wake() {
    woken_ = true;
    signal_.cancel();
}

}  // namespace tally::gateway
