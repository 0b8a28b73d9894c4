// How a connection reads a request: header, admission, body, and what is answered when one of them is refused.

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/read.hpp>

#include "gateway/http/connection.h"
#include "gateway/http/wire.h"

namespace tally::gateway {

namespace beast = boost::beast;
namespace http = beast::http;

namespace {

constexpr std::size_t kMaxRequestId = 64;
constexpr std::size_t kHeaderRead = 4 << 10;
constexpr std::size_t kReadAhead = 16 << 10;

Method method_of(http::verb verb) {
    if (verb == http::verb::get) return Method::get;
    if (verb == http::verb::head) return Method::head;
    if (verb == http::verb::post) return Method::post;
    if (verb == http::verb::put) return Method::put;
    if (verb == http::verb::patch) return Method::patch;
    if (verb == http::verb::delete_) return Method::delete_;
    if (verb == http::verb::options) return Method::options;
    return Method::other;
}

bool is_request_id(std::string_view text) {
    const auto fits = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' ||
               c == '.';
    };
    return !text.empty() && text.size() <= kMaxRequestId && std::all_of(text.begin(), text.end(), fits);
}

bool is_parser_error(const boost::system::error_code& error) {
    return error.category() == http::make_error_code(http::error::bad_method).category();
}

template <class Fields, class Name>
std::string field(const Fields& fields, Name name) {
    const auto found = fields.find(name);
    return found == fields.end() ? std::string() : std::string(found->value());
}

}  // namespace

// The parser's own limit is for one field at a time, so what it has taken is counted here.
asio::awaitable<Connection::Step> Connection::read_header() {
    watch(limits().header_timeout);
    std::size_t taken = 0;
    boost::system::error_code error = http::error::need_more;
    while (true) {
        if (buffer_.size() > 0) {
            const auto count = parser_->put(buffer_.data(), error);
            buffer_.consume(count);
            taken += count;
        }
        if (taken + (error ? buffer_.size() : 0) > limits().max_header_bytes) error = http::error::header_limit;
        if (error != http::error::need_more) break;
        const auto [failed, count] = co_await stream_.async_read_some(buffer_.prepare(kHeaderRead), kAwait);
        if (failed) {
            unwatch();
            co_return header_failed(failed);
        }
        buffer_.commit(count);
    }
    unwatch();
    if (error) co_return header_failed(error);
    co_return take_header();
}

Connection::Step Connection::header_failed(const boost::system::error_code& error) {
    if (timed_out_) return refuse(Problem::at(408, Code::timeout, "the request's header did not arrive in time"));
    if (!is_parser_error(error) || error == http::error::end_of_stream || error == http::error::partial_message) {
        return Step::gone;
    }
    unread_ = true;
    if (error == http::error::header_limit) {
        const bool line = parser_->get().target().empty();
        return refuse(line ? Problem::at(414, Code::too_large, "the request line is too long")
                           : Problem::at(431, Code::too_large,
                                         fmt::format("the header is larger than {} bytes", limits().max_header_bytes)));
    }
    const int status = error == http::error::bad_version ? 505 : 400;
    return refuse(
        Problem::at(status, Code::malformed, fmt::format("the request is not HTTP/1.1: {}", error.message())));
}

bool Connection::announces_body() const { return parser_->chunked() || parser_->content_length().value_or(0) > 0; }

Connection::Step Connection::take_header() {
    const auto& header = parser_->get();
    unread_ = announces_body();
    method_ = method_of(header.method());
    const std::string_view target(header.target().data(), header.target().size());
    path_ = target.substr(0, target.find('?'));
    if (const auto id = field(header, "X-Request-Id"); is_request_id(id)) id_ = id;
    if (target.size() > limits().max_target_bytes) {
        return refuse(
            Problem::at(414, Code::too_large,
                        fmt::format("the request target is longer than {} bytes", limits().max_target_bytes)));
    }
    const auto hosts = header.count(http::field::host);
    if (hosts > 1 || (hosts == 0 && header.version() == 11)) {
        return refuse(Problem::at(400, Code::malformed, "the request must have exactly one Host field"));
    }
    // The parser takes any list that ends with "chunked" for it, and would hand on a body that is still compressed.
    const auto codings = header.count(http::field::transfer_encoding);
    if (codings > 0 && header.version() != 11) {
        return refuse(Problem::at(400, Code::malformed, "HTTP/1.0 has no transfer encodings"));
    }
    if (codings > 1 || (codings == 1 && !beast::iequals(field(header, http::field::transfer_encoding), "chunked"))) {
        return refuse(Problem::at(501, Code::unsupported, "the only transfer encoding is \"chunked\""));
    }
    for (const auto& each : header) {
        if (each.name() == http::field::content_encoding && !beast::iequals(each.value(), "identity"))
            return refuse(Problem::at(415, Code::unsupported, "bodies are taken without a content encoding only"));
    }
    auto parsed = parse_target(target);
    if (!parsed) return refuse(Problem::of(parsed.error()));

    keep_ = header.keep_alive();
    request_.method = method_;
    request_.path = path_;
    request_.target = std::move(*parsed);
    request_.content_type = field(header, http::field::content_type);
    request_.accept = field(header, http::field::accept);
    request_.authorization = field(header, http::field::authorization);
    request_.last_event_id = field(header, "Last-Event-ID");
    request_.id = id_;
    request_.peer = peer_;
    return Step::go_on;
}

Connection::Step Connection::admit() {
    try {
        admission_ = engine_.handler.admit(request_);
    } catch (const std::exception& error) {
        return refuse(Problem::at(500, Code::internal, error.what()));
    }
    if (!admission_.organization.empty()) {
        of_member_ = engine_.places.belongs_to(*place_, admission_.organization);
        if (!of_member_) {
            keep_ = false;
            return refuse(Problem::of({Code::busy, "your organization has too many connections; close some"}));
        }
    }
    if (admission_.refusal) {
        reply_ = std::move(admission_.refusal);
        return Step::answer;
    }
    const auto limit = std::min<std::uint64_t>(admission_.max_body, limits().max_body_bytes);
    if (parser_->content_length().value_or(0) > limit || (limit == 0 && parser_->chunked())) {
        return refuse(Problem::at(
            413, Code::too_large,
            limit == 0 ? "this call takes no body" : fmt::format("the body is larger than {} bytes", limit)));
    }
    parser_->body_limit(limit);
    return Step::go_on;
}

asio::awaitable<Connection::Step> Connection::read_body() {
    if (parser_->is_done()) co_return Step::go_on;
    const auto expect = field(parser_->get(), http::field::expect);
    if (!expect.empty()) {
        if (!beast::iequals(expect, "100-continue")) {
            co_return refuse(Problem::at(417, Code::unsupported, "the only expectation is \"100-continue\""));
        }
        const bool invited = co_await send(kContinue);
        if (!invited) co_return Step::gone;
    }
    buffer_.reserve(kReadAhead);
    watch(limits().body_timeout);
    const auto [error, count] = co_await http::async_read(stream_, buffer_, *parser_, kAwait);
    unwatch();
    if (error) co_return body_failed(error);
    unread_ = false;
    request_.body = std::move(parser_->get().body());
    bytes_in_ = request_.body.size();
    co_return Step::go_on;
}

Connection::Step Connection::body_failed(const boost::system::error_code& error) {
    if (timed_out_) return refuse(Problem::at(408, Code::timeout, "the request's body did not arrive in time"));
    if (error == http::error::body_limit) {
        const auto limit = std::min<std::uint64_t>(admission_.max_body, limits().max_body_bytes);
        return refuse(Problem::at(413, Code::too_large, fmt::format("the body is larger than {} bytes", limit)));
    }
    if (!is_parser_error(error) || error == http::error::partial_message || error == http::error::end_of_stream) {
        return Step::gone;
    }
    return refuse(Problem::at(400, Code::malformed, fmt::format("the body is malformed: {}", error.message())));
}

}  // namespace tally::gateway
