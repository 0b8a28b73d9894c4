#include "crypto/multiset_hash.h"

#include <openssl/evp.h>

#include <bit>
#include <cstring>
#include <memory>

namespace tally::crypto {
namespace {

using Lanes = std::array<std::uint16_t, MultisetHash::kLanes>;

static_assert(std::endian::native == std::endian::little, "lanes are copied as they lie in memory");

struct ContextDeleter {
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};

// Kept, because to make one and choose the cipher costs as much as the keystream.
EVP_CIPHER_CTX* kept_cipher() {
    static thread_local const std::unique_ptr<EVP_CIPHER_CTX, ContextDeleter> context = [] {
        std::unique_ptr<EVP_CIPHER_CTX, ContextDeleter> made(EVP_CIPHER_CTX_new());
        TALLY_INVARIANT(made && EVP_EncryptInit_ex(made.get(), EVP_chacha20(), nullptr, nullptr, nullptr) == 1,
                        "OpenSSL has ChaCha20");
        return made;
    }();
    return context.get();
}

Lanes expand(const Hash& element) {
    static constexpr std::array<std::uint8_t, 16> kCounterAndNonce{};
    static constexpr std::array<std::uint8_t, sizeof(Lanes)> kZeros{};
    Lanes lanes;
    auto* const context = kept_cipher();
    int size = 0;
    const bool done =
        EVP_EncryptInit_ex(context, nullptr, nullptr, element.bytes.data(), kCounterAndNonce.data()) == 1 &&
        EVP_EncryptUpdate(context, reinterpret_cast<std::uint8_t*>(lanes.data()), &size, kZeros.data(),
                          sizeof(Lanes)) == 1;
    TALLY_INVARIANT(done && size == sizeof(Lanes), "ChaCha20 gives a keystream");
    return lanes;
}

}  // namespace

Result<MultisetHash> MultisetHash::from(ByteView bytes) {
    MultisetHash hash;
    if (bytes.size() != sizeof hash.lanes_) {
        return fail(Code::malformed, "a set's hash has {} bytes, not {}", sizeof hash.lanes_, bytes.size());
    }
    std::memcpy(hash.lanes_.data(), bytes.data(), bytes.size());
    return hash;
}

void MultisetHash::add(const Hash& element) {
    const auto lanes = expand(element);
    for (std::size_t i = 0; i < kLanes; ++i) lanes_[i] = static_cast<std::uint16_t>(lanes_[i] + lanes[i]);
}

void MultisetHash::remove(const Hash& element) {
    const auto lanes = expand(element);
    for (std::size_t i = 0; i < kLanes; ++i) lanes_[i] = static_cast<std::uint16_t>(lanes_[i] - lanes[i]);
}

Hash MultisetHash::digest() const { return sha256(view()); }

}  // namespace tally::crypto
