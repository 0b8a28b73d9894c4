#include "tests/unit/gateway/raw_tls.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <csignal>

namespace tally::gateway::test {

namespace {

void use(SSL_CTX* context, const TlsIdentity& identity) {
    const auto pem = [](const std::string& text) {
        return std::unique_ptr<BIO, decltype(&BIO_free)>(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())),
                                                         &BIO_free);
    };
    const auto certificate_pem = pem(identity.certificate_pem);
    const auto key_pem = pem(identity.key_pem);
    X509* certificate = PEM_read_bio_X509(certificate_pem.get(), nullptr, nullptr, nullptr);
    EVP_PKEY* key = PEM_read_bio_PrivateKey(key_pem.get(), nullptr, nullptr, nullptr);
    EXPECT_EQ(SSL_CTX_use_certificate(context, certificate), 1);
    EXPECT_EQ(SSL_CTX_use_PrivateKey(context, key), 1);
    while (X509* authority = PEM_read_bio_X509(certificate_pem.get(), nullptr, nullptr, nullptr)) {
        SSL_CTX_add0_chain_cert(context, authority);
    }
    ERR_clear_error();
    X509_free(certificate);
    EVP_PKEY_free(key);
}

}  // namespace

RawTls::RawTls(const Options& options) {
    std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes to sockets that the server has closed
    socket_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(options.port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval timeout{options.receive_timeout_s, 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 || !options.handshake)
        return;
    context_ = std::shared_ptr<ssl_ctx_st>(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free);
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_NONE, nullptr);
    if (options.max_version != 0) {
        SSL_CTX_set_security_level(context_.get(), 0);  // or the client itself would refuse an old version
        SSL_CTX_set_min_proto_version(context_.get(), TLS1_VERSION);
        SSL_CTX_set_max_proto_version(context_.get(), options.max_version);
    }
    if (!options.identity.key_pem.empty()) use(context_.get(), options.identity);
    tls_ = SSL_new(context_.get());
    SSL_set_fd(tls_, socket_);
    if (options.session) SSL_set_session(tls_, options.session.get());
    secure_ = SSL_connect(tls_) == 1;
}

RawTls::~RawTls() {
    if (tls_ != nullptr) SSL_free(tls_);
    if (socket_ >= 0) ::close(socket_);
    ERR_clear_error();
}

bool RawTls::resumed() const { return SSL_session_reused(tls_) == 1; }

std::shared_ptr<ssl_session_st> RawTls::session() const { return {SSL_get1_session(tls_), &SSL_SESSION_free}; }

bool RawTls::send(std::string_view bytes) {
    if (tls_ == nullptr) {
        return ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
    }
    return SSL_write(tls_, bytes.data(), static_cast<int>(bytes.size())) == static_cast<int>(bytes.size());
}

void RawTls::half_close() {
    SSL_shutdown(tls_);
    ::shutdown(socket_, SHUT_WR);
}

bool RawTls::read_more() {
    char piece[16 << 10];
    const auto count = tls_ == nullptr ? static_cast<int>(::recv(socket_, piece, sizeof piece, 0))
                                       : SSL_read(tls_, piece, sizeof piece);
    if (count > 0) buffer_.append(piece, static_cast<std::size_t>(count));
    return count > 0;
}

std::string RawTls::read_until(std::string_view mark) {
    std::size_t at = std::string::npos;
    while ((at = buffer_.find(mark)) == std::string::npos) {
        if (!read_more()) return {};
    }
    auto taken = buffer_.substr(0, at + mark.size());
    buffer_.erase(0, taken.size());
    return taken;
}

std::string RawTls::read_response() {
    auto head = read_until("\r\n\r\n");
    constexpr std::string_view kLength = "Content-Length: ";
    const auto at = head.find(kLength);
    if (at == std::string::npos) return head;
    std::size_t length = 0;
    std::from_chars(head.data() + at + kLength.size(), head.data() + head.size(), length);
    while (buffer_.size() < length && read_more()) {
    }
    head += buffer_.substr(0, length);
    buffer_.erase(0, std::min(length, buffer_.size()));
    return head;
}

std::string RawTls::read_to_the_end() {
    while (read_more()) {
    }
    return std::exchange(buffer_, {});
}

}  // namespace tally::gateway::test
