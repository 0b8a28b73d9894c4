// Certificates, lists and PEM. What is accepted must survive PEM and parsing again unchanged; no certificate that says
// anything but the seeds leads to the seeds' root, nothing but that root may be presented behind its member, and
// revocation is never undone.

#include <algorithm>

#include "crypto/pem.h"
#include "crypto/x509.h"
#include "tests/fuzz/expect.h"

using namespace tally;
using namespace tally::crypto;

namespace {

constexpr std::int64_t kBegin = 1'700'000'000'000;
constexpr std::int64_t kEnd = 2'000'000'000'000;
constexpr std::int64_t kNow = 1'800'000'000'000;

struct Organization {
    PrivateKey key = *PrivateKey::from_raw(Algorithm::ed25519, Bytes(32, 3));
    Certificate root = issue_root(key, {"Root", "Org", ""}, kBegin, kEnd);
    Certificate member = *issue(key, root,
                                {.subject = {"member", "Org", "client"},
                                 .key = PrivateKey::from_raw(Algorithm::p256, Bytes(32, 4))->public_key(),
                                 .not_before_ms = kBegin,
                                 .not_after_ms = kEnd,
                                 .dns_or_ip = {"a.example", "127.0.0.1"},
                                 .tls_server = true});
    Certificate revoked = *issue(key, root,
                                 {.subject = {"revoked", "Org", "client"},
                                  .key = key.public_key(),
                                  .not_before_ms = kBegin,
                                  .not_after_ms = kEnd});
    std::vector<std::string> serials = {revoked.serial_hex()};
    RevocationList list = *issue_crl(key, root, serials, 1, kBegin, kEnd);
};

const Organization& organization() {
    static const Organization kept;
    return kept;
}

// Serials are random, so another run's seeds are other certificates that say the same.
bool names_same(const Certificate& a, const Certificate& b) {
    return a.subject() == b.subject() && a.public_key() == b.public_key();
}

void try_certificate(ByteView in) {
    const Result<Certificate> certificate = Certificate::from_der(in);
    if (!certificate) return;
    TALLY_FUZZ_EXPECT(equal(certificate->der(), in));
    TALLY_FUZZ_EXPECT(Certificate::from_pem(certificate->pem()) == *certificate);
    const Organization& org = organization();
    TrustStore trust{.roots = {org.root}, .intermediates = {}, .crls = {}};
    for (const Purpose purpose : {Purpose::signing, Purpose::tls_client, Purpose::tls_server}) {
        if (!verify_path(*certificate, {}, trust, kNow, purpose)) continue;
        TALLY_FUZZ_EXPECT(names_same(*certificate, org.member) || names_same(*certificate, org.revoked));
    }
    trust.crls = {org.list};
    if (*certificate == org.revoked) TALLY_FUZZ_EXPECT(!verify_path(*certificate, {}, trust, kNow, Purpose::signing));
    const Certificate presented[] = {*certificate};
    trust.crls.clear();
    TALLY_FUZZ_EXPECT(verify_path(org.member, presented, trust, kNow, Purpose::signing).has_value() ==
                      (*certificate == org.root));
}

void try_list(ByteView in) {
    const Result<RevocationList> list = RevocationList::from_der(in);
    if (!list) return;
    TALLY_FUZZ_EXPECT(equal(list->der(), in));
    const Organization& org = organization();
    const TrustStore trust{.roots = {org.root}, .intermediates = {}, .crls = {org.list, *list}};
    TALLY_FUZZ_EXPECT(!verify_path(org.revoked, {}, trust, kNow, Purpose::signing));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView in(data, size);
    try_certificate(in);
    try_list(in);
    const Result<std::vector<PemBlock>> blocks = decode_pem(as_text(in));
    if (!blocks) return 0;
    for (const PemBlock& block : *blocks) {
        try_certificate(block.der);
        TALLY_FUZZ_EXPECT(decode_pem(encode_pem(block.label, block.der), block.label) == block.der);
    }
    (void)CertificateRequest::from_pem(as_text(in));
    (void)PublicKey::from_pem(as_text(in));
    (void)PublicKey::from_spki(in);
    (void)PrivateKey::from_pem(as_text(in));
    return 0;
}

extern "C" void tally_fuzz_seeds(void (*add)(const std::uint8_t*, std::size_t)) {
    const Organization& org = organization();
    for (const Bytes& seed : {org.root.der(), org.member.der(), org.revoked.der(), org.list.der()}) {
        add(seed.data(), seed.size());
    }
    const std::string pem =
        CertificateRequest::create(org.key, {"r", "Org", ""}, {"r.example"}).pem() + org.member.pem();
    add(as_bytes(pem).data(), pem.size());
}
