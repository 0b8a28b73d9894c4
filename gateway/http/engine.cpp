#include "gateway/http/engine.h"

#include "crypto/random.h"

namespace tally::gateway {

bool AnswerBytes::take(const std::string& whom, std::uint64_t bytes) {
    const std::lock_guard lock(mutex_);
    const auto found = each_.find(whom);
    const auto own = found == each_.end() ? 0 : found->second;
    if ((total_ > 0 && total_ + bytes > most_) || (own > 0 && own + bytes > most_ / 4)) return false;
    each_[whom] = own + bytes;
    total_ += bytes;
    return true;
}

void AnswerBytes::give_back(const std::string& whom, std::uint64_t bytes) {
    const std::lock_guard lock(mutex_);
    const auto entry = each_.find(whom);
    TALLY_INVARIANT(entry != each_.end() && entry->second >= bytes, "an answer is given back that was not taken");
    if ((entry->second -= bytes) == 0) each_.erase(entry);
    total_ -= bytes;
}

Engine::Engine(ServerOptions server_options, Handler& behind)
    : options(std::move(server_options)),
      handler(behind),
      places(options.limits.max_connections, options.limits.max_connections_per_address),
      answers(options.limits.max_waiting_answer_bytes),
      id_prefix_(to_hex(crypto::random_bytes(6))) {}

TlsContext Engine::tls() const {
    const std::lock_guard lock(tls_mutex_);
    return tls_;
}

void Engine::set_tls(TlsContext context) {
    const std::lock_guard lock(tls_mutex_);
    tls_ = std::move(context);
}

std::string Engine::next_request_id() { return fmt::format("{}-{:x}", id_prefix_, ++requests_); }

std::string counted_address(const asio::ip::address& address) {
    if (!address.is_v6()) return address.to_string();
    const auto v6 = address.to_v6();
    if (v6.is_v4_mapped()) return asio::ip::make_address_v4(asio::ip::v4_mapped, v6).to_string();
    const auto bytes = v6.to_bytes();
    return to_hex(ByteView(bytes).first(8)) + "/64";
}

}  // namespace tally::gateway
