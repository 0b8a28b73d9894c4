// What the room's operations cost, beside the same work done by another library in the same run.

#include <benchmark/benchmark.h>
#include <cbor.h>
#include <cryptopp/eccrypto.h>
#include <cryptopp/oids.h>
#include <cryptopp/osrng.h>
#include <cryptopp/sha.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <array>
#include <memory>

#include "crypto/batch_signature.h"
#include "crypto/cbor.h"
#include "crypto/cose.h"
#include "crypto/key.h"
#include "crypto/merkle.h"
#include "crypto/multiset_hash.h"
#include "crypto/x509.h"

namespace {

using namespace tally;
using namespace tally::crypto;

void sha256_tally(benchmark::State& state) {
    const Bytes message(static_cast<std::size_t>(state.range(0)), 0x5a);
    for (auto _ : state) benchmark::DoNotOptimize(sha256(message));
    state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(sha256_tally)->Arg(64)->Arg(1024)->Arg(32768);

void sha256_openssl(benchmark::State& state) {
    const Bytes message(static_cast<std::size_t>(state.range(0)), 0x5a);
    EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    EVP_MD_CTX* const context = EVP_MD_CTX_new();
    std::array<unsigned char, 32> digest;
    for (auto _ : state) {
        EVP_DigestInit_ex2(context, algorithm, nullptr);
        EVP_DigestUpdate(context, message.data(), message.size());
        EVP_DigestFinal_ex(context, digest.data(), nullptr);
        benchmark::DoNotOptimize(digest);
    }
    EVP_MD_CTX_free(context);
    EVP_MD_free(algorithm);
    state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(sha256_openssl)->Arg(64)->Arg(1024)->Arg(32768);

// An element of a set's digest: ChaCha20, beside the same 2048 bytes from SHAKE128.
void multiset_hash_add(benchmark::State& state) {
    MultisetHash hash;
    Hash element;
    for (auto _ : state) {
        ++element.bytes[0];
        hash.add(element);
    }
    benchmark::DoNotOptimize(hash);
}
BENCHMARK(multiset_hash_add);

void shake128_openssl_2048(benchmark::State& state) {
    EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHAKE128", nullptr);
    EVP_MD_CTX* const context = EVP_MD_CTX_new();
    std::array<unsigned char, 2048> out;
    Hash element;
    for (auto _ : state) {
        ++element.bytes[0];
        EVP_DigestInit_ex2(context, algorithm, nullptr);
        EVP_DigestUpdate(context, element.bytes.data(), element.bytes.size());
        EVP_DigestFinalXOF(context, out.data(), out.size());
        benchmark::DoNotOptimize(out);
    }
    EVP_MD_CTX_free(context);
    EVP_MD_free(algorithm);
}
BENCHMARK(shake128_openssl_2048);

std::vector<Hash> some_leaves(std::size_t count) {
    std::vector<Hash> leaves;
    for (std::size_t i = 0; i < count; ++i) leaves.push_back(leaf_hash(as_bytes(std::to_string(i))));
    return leaves;
}

void merkle_leaf(benchmark::State& state) {
    const Bytes entry(40, 1);
    for (auto _ : state) benchmark::DoNotOptimize(leaf_hash(entry));
}
BENCHMARK(merkle_leaf);

void merkle_node(benchmark::State& state) {
    const Hash left, right;
    for (auto _ : state) benchmark::DoNotOptimize(node_hash(left, right));
}
BENCHMARK(merkle_node);

void merkle_root_of_a_day_of_minutes(benchmark::State& state) {
    const std::vector<Hash> leaves = some_leaves(1440);
    for (auto _ : state) benchmark::DoNotOptimize(merkle_root(leaves));
}
BENCHMARK(merkle_root_of_a_day_of_minutes)->Unit(benchmark::kMicrosecond);

void merkle_verify_inclusion(benchmark::State& state) {
    const std::vector<Hash> leaves = some_leaves(1 << 14);
    const std::vector<Hash> path = inclusion_paths(leaves)[777];
    for (auto _ : state) benchmark::DoNotOptimize(root_from_inclusion(leaves[777], 777, leaves.size(), path));
}
BENCHMARK(merkle_verify_inclusion)->Unit(benchmark::kMicrosecond);

const Bytes kMessage(200, 0x11);

void sign_tally(benchmark::State& state) {
    const PrivateKey key = PrivateKey::generate(static_cast<Algorithm>(state.range(0)));
    state.SetLabel(std::string(algorithm_name(key.algorithm())));
    for (auto _ : state) benchmark::DoNotOptimize(key.sign(kMessage));
}
BENCHMARK(sign_tally)->Arg(int(Algorithm::ed25519))->Arg(int(Algorithm::p256))->Unit(benchmark::kMicrosecond);

void verify_tally(benchmark::State& state) {
    const PrivateKey key = PrivateKey::generate(static_cast<Algorithm>(state.range(0)));
    state.SetLabel(std::string(algorithm_name(key.algorithm())));
    const Bytes signature = key.sign(kMessage);
    for (auto _ : state) {
        if (!key.public_key().verify(kMessage, signature)) state.SkipWithError("it does not verify");
    }
}
BENCHMARK(verify_tally)->Arg(int(Algorithm::ed25519))->Arg(int(Algorithm::p256))->Unit(benchmark::kMicrosecond);

// The library that the room does not use for the job: OpenSSL for Ed25519, Crypto++ for P-256.
void ed25519_openssl(benchmark::State& state) {
    const PrivateKey key = PrivateKey::generate(Algorithm::ed25519);
    const Bytes signature = key.sign(kMessage);
    const unsigned char* at = key.public_key().spki().data();
    EVP_PKEY* const parsed = d2i_PUBKEY(nullptr, &at, static_cast<long>(key.public_key().spki().size()));
    for (auto _ : state) {
        EVP_MD_CTX* const context = EVP_MD_CTX_new();
        EVP_DigestVerifyInit(context, nullptr, nullptr, nullptr, parsed);
        if (EVP_DigestVerify(context, signature.data(), signature.size(), kMessage.data(), kMessage.size()) != 1) {
            state.SkipWithError("it does not verify");
        }
        EVP_MD_CTX_free(context);
    }
    EVP_PKEY_free(parsed);
}
BENCHMARK(ed25519_openssl)->Name("verify_openssl_ed25519")->Unit(benchmark::kMicrosecond);

void p256_cryptopp(benchmark::State& state, bool sign) {
    using Scheme = CryptoPP::ECDSA<CryptoPP::ECP, CryptoPP::SHA256>;
    CryptoPP::AutoSeededRandomPool random;
    Scheme::Signer signer;
    signer.AccessKey().Initialize(random, CryptoPP::ASN1::secp256r1());
    const Scheme::Verifier verifier(signer);
    Bytes signature(signer.MaxSignatureLength());
    signer.SignMessage(random, kMessage.data(), kMessage.size(), signature.data());
    for (auto _ : state) {
        if (sign) {
            signer.SignMessage(random, kMessage.data(), kMessage.size(), signature.data());
        } else if (!verifier.VerifyMessage(kMessage.data(), kMessage.size(), signature.data(), signature.size())) {
            state.SkipWithError("it does not verify");
        }
    }
}
BENCHMARK_CAPTURE(p256_cryptopp, sign, true)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(p256_cryptopp, verify, false)->Unit(benchmark::kMicrosecond);

Bytes ten_thousand_integers(bool small) {
    CborWriter writer;
    writer.array(10000);
    for (std::uint64_t i = 0; i < 10000; ++i) writer.uint(small ? i % 24 : i * 7);
    return writer.take();
}

void cbor_tally(benchmark::State& state) {
    const Bytes encoded = ten_thousand_integers(state.range(0) != 0);
    for (auto _ : state) {
        CborReader reader(encoded);
        std::int64_t sum = 0;
        for (std::uint64_t count = reader.array(); count > 0; --count) sum += reader.integer();
        if (!reader.finish()) state.SkipWithError("it does not decode");
        benchmark::DoNotOptimize(sum);
    }
}
BENCHMARK(cbor_tally)->ArgName("below_24")->Arg(1)->Arg(0)->Unit(benchmark::kMicrosecond);

void cbor_libcbor(benchmark::State& state) {
    const Bytes encoded = ten_thousand_integers(state.range(0) != 0);
    for (auto _ : state) {
        cbor_load_result result;
        cbor_item_t* item = cbor_load(encoded.data(), encoded.size(), &result);
        std::uint64_t sum = 0;
        for (std::size_t i = 0; i < cbor_array_size(item); ++i) sum += cbor_get_int(cbor_array_handle(item)[i]);
        benchmark::DoNotOptimize(sum);
        cbor_decref(&item);
    }
}
BENCHMARK(cbor_libcbor)->ArgName("below_24")->Arg(1)->Arg(0)->Unit(benchmark::kMicrosecond);

void cose_decode_and_verify_40_kb(benchmark::State& state) {
    const PrivateKey key = PrivateKey::generate(static_cast<Algorithm>(state.range(0)));
    state.SetLabel(std::string(algorithm_name(key.algorithm())));
    const Bytes message = sign1(key, Bytes(40 * 1024, 1), {});
    for (auto _ : state) {
        const Result<Sign1> decoded = Sign1::decode(message);
        if (!decoded || !decoded->verify(key.public_key(), as_bytes(""))) state.SkipWithError("it does not verify");
    }
}
BENCHMARK(cose_decode_and_verify_40_kb)
    ->Arg(int(Algorithm::ed25519))
    ->Arg(int(Algorithm::p256))
    ->Unit(benchmark::kMicrosecond);

constexpr std::int64_t kBegin = 1'700'000'000'000;
constexpr std::int64_t kEnd = 2'000'000'000'000;
constexpr std::int64_t kNow = 1'800'000'000'000;

struct Organization {
    PrivateKey key = PrivateKey::generate(Algorithm::p256);
    Certificate root = issue_root(key, {"Root", "Org", ""}, kBegin, kEnd);
    Certificate member = *issue(key, root,
                                {.subject = {"member", "Org", "client"},
                                 .key = PrivateKey::generate(Algorithm::p256).public_key(),
                                 .not_before_ms = kBegin,
                                 .not_after_ms = kEnd});
    RevocationList list = *issue_crl(key, root, {}, 1, kBegin, kEnd);
};

void certificate_parse(benchmark::State& state) {
    const Organization organization;
    for (auto _ : state) benchmark::DoNotOptimize(Certificate::from_der(organization.member.der()));
}
BENCHMARK(certificate_parse)->Unit(benchmark::kMicrosecond);

void certificate_path(benchmark::State& state) {
    const Organization organization;
    TrustStore trust{.roots = {organization.root}, .intermediates = {}, .crls = {}};
    if (state.range(0) != 0) trust.crls = {organization.list};
    for (auto _ : state) {
        if (!verify_path(organization.member, {}, trust, kNow, Purpose::signing)) state.SkipWithError("not trusted");
    }
}
BENCHMARK(certificate_path)->ArgName("with_list")->Arg(0)->Arg(1)->Unit(benchmark::kMicrosecond);

void batch_sign_1000(benchmark::State& state) {
    const PrivateKey key = PrivateKey::generate(Algorithm::p256);
    const std::vector<ByteView> messages(1000, kMessage);
    for (auto _ : state) benchmark::DoNotOptimize(sign_batch(key, messages));
}
BENCHMARK(batch_sign_1000)->Unit(benchmark::kMicrosecond);

void batch_verify_one_of_1000(benchmark::State& state) {
    const PrivateKey key = PrivateKey::generate(Algorithm::p256);
    const std::vector<Bytes> signatures = sign_batch(key, std::vector<ByteView>(1000, kMessage));
    VerifiedSignatures memo;
    VerifiedSignatures* const use = state.range(0) != 0 ? &memo : nullptr;
    for (auto _ : state) {
        if (!verify_signature(key.public_key(), kMessage, signatures[500], use))
            state.SkipWithError("it does not verify");
    }
}
BENCHMARK(batch_verify_one_of_1000)->ArgName("remembered")->Arg(0)->Arg(1)->Unit(benchmark::kMicrosecond);

}  // namespace

BENCHMARK_MAIN();
