#include "gateway/http/client.h"

#include <openssl/ssl.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/span_body.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/url/parse.hpp>
#include <optional>

#include "gateway/version.h"

namespace tally::gateway {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using tcp = asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr std::chrono::milliseconds kStopPoll{200};  // how late a stream may notice its stop flag
constexpr std::uint32_t kMaxResponseHeader = 64 << 10;
// A read takes what the buffer has room for, and a body does not make it grow: without this, 512 bytes at a time.
constexpr std::size_t kReadAtOnce = 64 << 10;

struct Url {
    std::string host;
    std::string port;
    std::string prefix;
};

Result<Url> parse_url(const std::string& text) {
    const auto parsed = boost::urls::parse_uri(text);
    if (!parsed || parsed->scheme() != "https" || parsed->encoded_host().empty()) {
        return fail(Code::invalid_argument, "\"{}\" is not an https URL", text);
    }
    Url url;
    url.host = parsed->encoded_host_address();
    url.port = parsed->has_port() && !parsed->port().empty() ? std::string(parsed->port()) : "443";
    url.prefix = parsed->encoded_path();
    if (url.prefix.ends_with('/')) url.prefix.pop_back();
    return url;
}

}  // namespace

struct HttpClient::Impl {
    using Stream = asio::ssl::stream<tcp::socket>;
    using Request = http::request<http::span_body<const std::uint8_t>>;
    using Parser = http::response_parser<http::string_body>;

    // Runs until `done` has a value or the time is over; then cuts the connection, so that nothing stays behind.
    [[nodiscard]] bool run_until(const std::optional<error_code>& done, std::chrono::milliseconds at_most) {
        io.restart();
        const auto deadline = std::chrono::steady_clock::now() + at_most;
        while (!done && std::chrono::steady_clock::now() < deadline) io.run_one_until(deadline);
        return done.has_value();
    }

    [[nodiscard]] Status finish(std::optional<error_code>& done, std::string_view what) {
        if (!run_until(done, options.timeout)) {
            resolver.cancel();
            drop();
            return fail(Code::timeout, "{} {}:{}: no answer within {} ms", what, url.host, url.port,
                        options.timeout.count());
        }
        if (!*done) return {};
        drop();
        if (*done == http::error::body_limit) {
            return fail(Code::too_large, "the answer is larger than {} bytes", options.max_response_bytes);
        }
        const bool lost = done->category() != http::make_error_code(http::error::bad_method).category() ||
                          *done == http::error::end_of_stream || *done == http::error::partial_message;
        return fail(lost ? Code::unavailable : Code::malformed, "{} {}:{}: {}", what, url.host, url.port,
                    done->message());
    }

    [[nodiscard]] Status connect();
    [[nodiscard]] Status write(const Request& request);
    [[nodiscard]] Status read_header(Parser& parser);
    [[nodiscard]] Status read_body(Parser& parser);
    [[nodiscard]] Request make_request(std::string_view method, std::string_view path, ByteView body,
                                       std::string_view content_type, const HeaderFields& headers) const;
    [[nodiscard]] Result<ClientResponse> exchange(const Request& request);
    [[nodiscard]] Status read_lines(Parser& parser, const std::function<bool(std::string_view)>& line,
                                    const std::atomic<bool>& stop);

    // Closes the connection and lets what was under way on it end.
    void drop() {
        error_code ignored;
        if (stream) (void)stream->next_layer().close(ignored);
        io.restart();
        io.run();
        stream.reset();
        buffer.clear();
    }

    ClientOptions options;
    Url url;
    TlsContext tls;
    asio::io_context io{1};
    tcp::resolver resolver{io};
    std::optional<Stream> stream;
    beast::flat_buffer buffer;
    bool reused = false;
    bool answered = false;  // something of the answer has come
};

Status HttpClient::Impl::connect() {
    reused = stream.has_value();
    if (reused) return {};
    std::optional<error_code> done;
    tcp::resolver::results_type addresses;
    resolver.async_resolve(url.host, url.port, [&](error_code error, tcp::resolver::results_type found) {
        addresses = std::move(found);
        done = error;
    });
    TRY(finish(done, "finding"));
    SSL* connection = SSL_new(tls.get());
    TALLY_INVARIANT(connection != nullptr, "no memory for a TLS connection");
    stream.emplace(tcp::socket(io), connection);
    TRY(expect_host(connection, url.host));
    done.reset();
    asio::async_connect(stream->next_layer(), addresses, [&](error_code error, const tcp::endpoint&) { done = error; });
    TRY(finish(done, "connecting to"));
    error_code ignored;
    (void)stream->next_layer().set_option(tcp::no_delay(true), ignored);
    done.reset();
    long verdict = X509_V_OK;
    stream->async_handshake(asio::ssl::stream_base::client, [&](error_code error) {
        verdict = SSL_get_verify_result(connection);
        done = error;
    });
    const auto status = finish(done, "TLS with");
    if (status || verdict == X509_V_OK) return status;
    return fail(Code::certificate_untrusted, "the certificate of {}:{} is not trusted by {}: {}", url.host, url.port,
                options.roots_name, X509_verify_cert_error_string(verdict));
}

HttpClient::Impl::Request HttpClient::Impl::make_request(std::string_view method, std::string_view path, ByteView body,
                                                         std::string_view content_type,
                                                         const HeaderFields& headers) const {
    Request request;
    request.version(11);
    request.method_string({method.data(), method.size()});
    request.target(url.prefix + std::string(path));
    const auto host = url.host.find(':') == std::string::npos ? url.host : fmt::format("[{}]", url.host);  // IPv6
    request.set(http::field::host, url.port == "443" ? host : fmt::format("{}:{}", host, url.port));
    request.set(http::field::user_agent, fmt::format("tally/{}", kRelease));
    if (!content_type.empty()) request.set(http::field::content_type, std::string(content_type));
    for (const auto& [name, value] : headers) request.set(name, value);
    request.body() = {body.data(), body.size()};
    if (!body.empty() || method == "POST" || method == "PUT") request.content_length(body.size());
    return request;
}

Status HttpClient::Impl::write(const Request& request) {
    std::optional<error_code> done;
    http::request_serializer<http::span_body<const std::uint8_t>> serializer(request);
    http::async_write(*stream, serializer, [&](error_code error, std::size_t) { done = error; });
    return finish(done, "sending to");
}

Status HttpClient::Impl::read_header(Parser& parser) {
    parser.header_limit(kMaxResponseHeader);
    parser.body_limit(options.max_response_bytes);
    answered = false;
    std::optional<error_code> done;
    http::async_read_header(*stream, buffer, parser, [&](error_code error, std::size_t count) {
        answered = count > 0;
        done = error;
    });
    return finish(done, "reading from");
}

Status HttpClient::Impl::read_body(Parser& parser) {
    std::optional<error_code> done;
    http::async_read(*stream, buffer, parser, [&](error_code error, std::size_t) { done = error; });
    return finish(done, "reading from");
}

namespace {

template <class Message>
ClientResponse to_response(Message&& message) {
    ClientResponse response;
    response.status = static_cast<int>(message.result_int());
    for (const auto& field : message) {
        response.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
    }
    response.body = std::move(message.body());
    return response;
}

}  // namespace

Result<ClientResponse> HttpClient::Impl::exchange(const Request& request) {
    TRY(connect());
    TRY(write(request));
    Parser parser;
    parser.skip(request.method() == http::verb::head);
    TRY(read_header(parser));
    if (!parser.is_done()) TRY(read_body(parser));
    auto response = to_response(parser.release());
    if (!parser.keep_alive()) drop();
    return response;
}

// Body as it comes; only whole lines are handed on.
Status HttpClient::Impl::read_lines(Parser& parser, const std::function<bool(std::string_view)>& line,
                                    const std::atomic<bool>& stop) {
    std::string text;
    auto silent_until = std::chrono::steady_clock::now() + options.timeout;
    while (!parser.is_done()) {
        std::optional<error_code> done;
        http::async_read_some(*stream, buffer, parser, [&](error_code error, std::size_t) { done = error; });
        while (!run_until(done, kStopPoll)) {
            const bool late = std::chrono::steady_clock::now() > silent_until;
            if (!late && !stop) continue;
            drop();
            return stop ? Status{}
                        : fail(Code::timeout, "{}:{} has been silent for {} ms", url.host, url.port,
                               options.timeout.count());
        }
        if (*done) return fail(Code::unavailable, "reading from {}:{}: {}", url.host, url.port, done->message());
        silent_until = std::chrono::steady_clock::now() + options.timeout;
        text += parser.get().body();
        parser.get().body().clear();
        std::size_t begin = 0;
        for (auto end = text.find('\n'); end != std::string::npos; end = text.find('\n', begin)) {
            if (stop || !line(std::string_view(text).substr(begin, end - begin))) return {};
            begin = end + 1;
        }
        text.erase(0, begin);
        if (text.size() > options.max_response_bytes) return fail(Code::too_large, "a line of the answer does not end");
    }
    return {};
}

std::string_view ClientResponse::header(std::string_view name) const {
    for (const auto& [key, value] : headers) {
        if (beast::iequals(key, name)) return value;
    }
    return {};
}

HttpClient::HttpClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpClient::HttpClient(HttpClient&&) noexcept = default;
HttpClient& HttpClient::operator=(HttpClient&&) noexcept = default;
HttpClient::~HttpClient() {
    if (impl_) impl_->drop();
}

Result<HttpClient> HttpClient::create(ClientOptions options) {
    auto impl = std::make_unique<Impl>();
    impl->url = TRY(parse_url(options.base_url));
    impl->tls = TRY(client_tls(options.roots_pem, options.identity));
    impl->buffer.reserve(kReadAtOnce);
    impl->options = std::move(options);
    return HttpClient(std::move(impl));
}

Result<ClientResponse> HttpClient::get(std::string_view path, const HeaderFields& headers) {
    return send("GET", path, {}, {}, headers);
}

Result<ClientResponse> HttpClient::post(std::string_view path, ByteView body, std::string_view content_type,
                                        const HeaderFields& headers) {
    return send("POST", path, body, content_type, headers);
}

Result<ClientResponse> HttpClient::send(std::string_view method, std::string_view path, ByteView body,
                                        std::string_view content_type, const HeaderFields& headers) {
    const auto request = impl_->make_request(method, path, body, content_type, headers);
    impl_->answered = false;
    auto response = impl_->exchange(request);
    const bool stale = !response && response.error().code == Code::unavailable && impl_->reused;
    if (stale && (method == "GET" || !impl_->answered)) response = impl_->exchange(request);
    if (!response) impl_->drop();
    return response;
}

Result<ClientResponse> HttpClient::stream(std::string_view path, HeaderFields headers,
                                          const std::function<bool(std::string_view)>& line,
                                          const std::atomic<bool>& stop) {
    headers.emplace_back("Accept", "text/event-stream");
    impl_->drop();
    TRY(impl_->connect());
    TRY(impl_->write(impl_->make_request("GET", path, {}, {}, headers)));
    Impl::Parser parser;
    TRY(impl_->read_header(parser));
    const bool flows = parser.get().result() == http::status::ok;
    if (flows) parser.body_limit(boost::none);
    auto read = flows ? impl_->read_lines(parser, line, stop) : impl_->read_body(parser);
    impl_->drop();
    if (!read) return std::unexpected(read.error());
    return to_response(parser.release());
}

}  // namespace tally::gateway
