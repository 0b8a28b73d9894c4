#include "crypto/hash.h"

#include <cryptopp/crc.h>
#include <cryptopp/sha.h>

#include <algorithm>
#include <new>

namespace tally::crypto {
namespace {

using Context = CryptoPP::SHA256;

Context& context_in(std::byte* state) { return *std::launder(reinterpret_cast<Context*>(state)); }
const Context& context_in(const std::byte* state) { return *std::launder(reinterpret_cast<const Context*>(state)); }

// Kept, because constructing one costs as much as hashing a short message; finish() makes it new again.
Context& kept_context() {
    static thread_local Context context;
    return context;
}

Hash finish(Context& context) {
    Hash hash;
    context.Final(hash.bytes.data());
    return hash;
}

// The four bytes that lead a fresh CRC-32C register to the register behind `crc`: the register is shifted back by 32
// bits.
std::array<std::uint8_t, 4> bytes_that_lead_to(std::uint32_t crc) {
    constexpr std::uint32_t kPolynomial = 0x82f63b78;  // reflected
    std::uint32_t state = ~crc;
    for (int bit = 0; bit < 32; ++bit) {
        state = (state & 0x80000000u) != 0 ? (state ^ kPolynomial) << 1 | 1 : state << 1;
    }
    state = ~state;
    return {static_cast<std::uint8_t>(state), static_cast<std::uint8_t>(state >> 8),
            static_cast<std::uint8_t>(state >> 16), static_cast<std::uint8_t>(state >> 24)};
}

}  // namespace

Result<Hash> Hash::from(ByteView bytes) {
    if (bytes.size() != 32) return fail(Code::malformed, "a SHA-256 hash has 32 bytes, not {}", bytes.size());
    Hash hash;
    std::copy(bytes.begin(), bytes.end(), hash.bytes.begin());
    return hash;
}

Result<Hash> Hash::from_hex(std::string_view text) { return from(TRY(tally::from_hex(text))); }

Hash sha256(ByteView bytes) {
    Context& context = kept_context();
    context.Update(bytes.data(), bytes.size());
    return finish(context);
}

Hash sha256(std::initializer_list<ByteView> parts) {
    Context& context = kept_context();
    for (const ByteView part : parts) context.Update(part.data(), part.size());
    return finish(context);
}

static_assert(sizeof(Context) <= 512 && alignof(Context) <= 64);

Sha256::Sha256() { new (state_) Context; }
Sha256::~Sha256() { context_in(state_).~Context(); }
Sha256::Sha256(const Sha256& other) { new (state_) Context(context_in(other.state_)); }
Sha256& Sha256::operator=(const Sha256& other) {
    if (this != &other) context_in(state_) = context_in(other.state_);
    return *this;
}

Sha256& Sha256::update(ByteView bytes) {
    context_in(state_).Update(bytes.data(), bytes.size());
    return *this;
}

Hash Sha256::finish() { return crypto::finish(context_in(state_)); }

std::uint32_t crc32c(ByteView bytes, std::uint32_t seed) {
    CryptoPP::CRC32C context;
    if (seed != 0) {
        const auto prefix = bytes_that_lead_to(seed);
        context.Update(prefix.data(), prefix.size());
    }
    context.Update(bytes.data(), bytes.size());
    std::uint32_t crc = 0;
    context.Final(reinterpret_cast<CryptoPP::byte*>(&crc));
    return crc;
}

}  // namespace tally::crypto
