#include "chaincode/contracts/registry/trust.h"

#include <algorithm>

#include "chaincode/contracts/registry/permission.h"

namespace tally::chaincode::registry {
namespace {

constexpr std::size_t kMaxAnchors = 32;
constexpr std::size_t kMaxLists = 256;  // one for each authority
constexpr std::size_t kMaxChain = 8;

Result<std::vector<crypto::Certificate>> anchors_of(Stub& stub, std::string_view organization) {
    const auto [start, end] = children_of({"anchor", organization});
    std::vector<crypto::Certificate> anchors;
    for (const auto& entry : TRY(stub.range(start, end, {.limit = kMaxAnchors})).entries) {
        anchors.push_back(TRY(crypto::Certificate::from_pem(entry.value)));
    }
    return anchors;
}

Result<std::vector<crypto::RevocationList>> lists_of(Stub& stub, std::string_view organization) {
    const auto [start, end] = children_of({"crl", organization});
    std::vector<crypto::RevocationList> lists;
    for (const auto& entry : TRY(stub.range(start, end, {.limit = kMaxLists})).entries) {
        lists.push_back(TRY(crypto::RevocationList::from_pem(entry.value)));
    }
    return lists;
}

// One list for each authority (name and key), found by one read. It was verified when it was published.
std::string list_key(std::string_view organization, const crypto::Certificate& authority) {
    return composite_key({"crl", organization, authority.authority_id().hex()});
}

Status check_not_revoked(Stub& stub, std::string_view organization, const crypto::Certificate& certificate) {
    if (!TRY(stub.get(composite_key({"revoked", organization, certificate.fingerprint().hex()})))) return {};
    return fail(Code::certificate_revoked, "the certificate of {} is revoked", certificate.subject_text());
}

Status check_list(Stub& stub, std::string_view organization, const crypto::Certificate& certificate,
                  const crypto::Certificate& issuer) {
    const auto pem = TRY(stub.get(list_key(organization, issuer)));
    if (!pem) return {};
    const auto list = TRY(crypto::RevocationList::from_pem(*pem));
    TRY(crypto::check_not_revoked(certificate, list));
    return crypto::check_current(list, stub.time_ms());
}

// The organization's anchors without those that are revoked, each of which ends its own paths alone.
Result<std::vector<crypto::Certificate>> trusted_anchors(Stub& stub, std::string_view organization) {
    std::vector<crypto::Certificate> trusted;
    for (auto& anchor : TRY(anchors_of(stub, organization))) {
        if (auto status = check_not_revoked(stub, organization, anchor); status) {
            trusted.push_back(std::move(anchor));
        } else if (status.error().code != Code::certificate_revoked) {
            return std::unexpected(status.error());
        }
    }
    return trusted;
}

// Whether the chain leads to an anchor of the organization, at the transaction's time, with nothing revoked. All paths
// that a chain can have share every authority's name and key, and so the lists.
Status check_path(Stub& stub, std::string_view organization, const std::vector<crypto::Certificate>& chain,
                  crypto::Purpose purpose) {
    for (const auto& certificate : chain) TRY(check_not_revoked(stub, organization, certificate));
    const crypto::TrustStore trust{TRY(trusted_anchors(stub, organization)), {}, {}};
    const auto path =
        TRY(crypto::verify_path(chain.front(), std::span(chain).subspan(1), trust, stub.time_ms(), purpose));
    for (std::size_t i = 0; i + 1 < path.size(); ++i) TRY(check_list(stub, organization, path[i], path[i + 1]));
    return {};
}

Status check_list_of(Stub& stub, std::string_view organization, const crypto::RevocationList& list,
                     const std::vector<crypto::Certificate>& issuer_chain) {
    TRY(check_path(stub, organization, issuer_chain, crypto::Purpose::crl_signing));
    return crypto::verify_list(list, issuer_chain.front());
}

// The authority that has signed the list, and may: an anchor, or one whose chain is presented.
Result<crypto::Certificate> issuer_of(Stub& stub, std::string_view organization, const crypto::RevocationList& list,
                                      const std::vector<std::string>& presented) {
    if (!presented.empty()) {
        const auto chain = TRY(parse_chain(presented));
        TRY(check_list_of(stub, organization, list, chain));
        return chain.front();
    }
    Status status =
        fail(Code::certificate_untrusted,
             "{}, who issued the list, is no trust anchor of {}; present its certificates as \"issuer_chain\"",
             list.issuer().common_name, organization);
    for (const auto& anchor : TRY(anchors_of(stub, organization))) {
        if (!(anchor.subject() == list.issuer())) continue;
        status = check_list_of(stub, organization, list, {anchor});
        if (status) return anchor;
    }
    return std::unexpected(status.error());
}

Status check_room_for_list(Stub& stub, std::string_view organization) {
    const auto [start, end] = children_of({"crl", organization});
    if (TRY(stub.range(start, end, {.limit = kMaxLists})).entries.size() < kMaxLists) return {};
    return fail(Code::too_large, "{} has revocation lists of {} authorities; that is all that are allowed",
                organization, kMaxLists);
}

}  // namespace

Result<crypto::PublicKey> parse_public_key(std::string_view text) {
    const auto from_bytes = [](ByteView bytes) {
        if (bytes.size() == 32) return crypto::PublicKey::from_raw(crypto::Algorithm::ed25519, bytes);
        if (bytes.size() == 33 || bytes.size() == 65)
            return crypto::PublicKey::from_raw(crypto::Algorithm::p256, bytes);
        return crypto::PublicKey::from_spki(bytes);
    };
    if (text.size() > 4096) return fail(Code::bad_key, "a public key of {} characters", text.size());
    auto key = [&]() -> Result<crypto::PublicKey> {
        if (text.find("-----BEGIN") != std::string_view::npos) return crypto::PublicKey::from_pem(text);
        if (const auto bytes = from_hex(text)) return from_bytes(*bytes);
        if (const auto bytes = from_base64(text)) return from_bytes(*bytes);
        return fail(Code::bad_key, "the public key is neither PEM nor hexadecimal nor base64");
    }();
    if (key && key->only_certifies()) return fail(Code::bad_key, "a device's key is Ed25519 or on P-256");
    return key;
}

Result<std::vector<crypto::Certificate>> parse_chain(const std::vector<std::string>& pems) {
    std::vector<crypto::Certificate> chain;
    for (const auto& pem : pems) {
        for (auto& certificate : TRY(crypto::Certificate::chain_from_pem(pem))) chain.push_back(std::move(certificate));
        if (chain.size() > kMaxChain) return fail(Code::too_large, "a chain of more than {} certificates", kMaxChain);
    }
    if (chain.empty()) return fail(Code::certificate_malformed, "the certificate chain is empty");
    return chain;
}

Status check_chain(Stub& stub, std::string_view organization, const std::vector<crypto::Certificate>& chain) {
    return check_path(stub, organization, chain, crypto::Purpose::signing);
}

Result<AnchorAdded> add_trust_anchor(Stub& stub, const AddTrustAnchor& arguments) {
    TRY(may_register(stub));
    const auto anchor = TRY(crypto::Certificate::from_pem(arguments.pem));
    if (!anchor.is_ca() || anchor.subject() != anchor.issuer()) {
        return fail(Code::certificate_wrong_purpose, "{} is no self-signed authority", anchor.subject_text());
    }
    const auto& organization = stub.caller().organization;
    if (TRY(anchors_of(stub, organization)).size() >= kMaxAnchors) {
        return fail(Code::too_large, "{} has {} trust anchors; that is all that are allowed", organization,
                    kMaxAnchors);
    }
    const auto fingerprint = anchor.fingerprint().hex();
    const auto key = composite_key({"anchor", organization, fingerprint});
    if (TRY(stub.get(key))) return fail(Code::already_exists, "{} is a trust anchor already", anchor.subject_text());
    TRY(stub.put(key, anchor.pem()));
    AnchorAdded added{fingerprint, organization, anchor.subject_text()};
    emit(stub, "trust_anchor_added", added);
    return added;
}

Result<Revocation> revoke_certificate(Stub& stub, const RevokeCertificate& arguments) {
    TRY(may_register(stub));
    const bool is_pem = arguments.certificate.find("-----BEGIN") != std::string::npos;
    const auto fingerprint = is_pem ? TRY(crypto::Certificate::from_pem(arguments.certificate)).fingerprint()
                                    : TRY(crypto::Hash::from_hex(arguments.certificate));
    const auto& organization = stub.caller().organization;
    const auto key = composite_key({"revoked", organization, fingerprint.hex()});
    if (TRY(stub.get(key)))
        return fail(Code::already_exists, "the certificate {} is revoked already", fingerprint.hex());
    Revocation revocation{fingerprint.hex(), arguments.reason};
    TRY(put_document(stub, key, change_by(stub, "certificate_revoked", to_json(revocation))));
    emit(stub, "certificate_revoked", revocation);
    return revocation;
}

Result<CrlPublished> publish_crl(Stub& stub, const PublishCrl& arguments) {
    TRY(may_register(stub));
    const auto list = TRY(crypto::RevocationList::from_pem(arguments.pem));
    if (list.this_update_ms() > stub.time_ms()) {
        return fail(Code::invalid_argument, "the list of {} is from the future", list.issuer().common_name);
    }
    const auto& organization = stub.caller().organization;
    const auto key = list_key(organization, TRY(issuer_of(stub, organization, list, arguments.issuer_chain)));
    if (const auto earlier = TRY(stub.get(key))) {
        const auto number = TRY(crypto::RevocationList::from_pem(*earlier)).number();
        if (list.number() <= number) {
            return fail(Code::conflict, "the list of {} has the number {}; number {} is on the ledger",
                        list.issuer().common_name, list.number(), number);
        }
    } else {
        TRY(check_room_for_list(stub, organization));
    }
    TRY(stub.put(key, list.pem()));
    CrlPublished published{list.issuer().common_name, list.number(), list.next_update_ms()};
    emit(stub, "crl_published", published);
    return published;
}

Result<Trust> list_trust(Stub& stub, const OfOrganization& in) {
    Trust trust;
    for (const auto& anchor : TRY(anchors_of(stub, in.organization)))
        trust.anchors.push_back({anchor.fingerprint().hex(), anchor.subject_text(), anchor.pem()});
    for (const auto& list : TRY(lists_of(stub, in.organization)))
        trust.crls.push_back({list.issuer().common_name, list.number(), list.pem()});
    const auto [start, end] = children_of({"revoked", in.organization});
    for (const auto& entry : TRY(stub.range(start, end, {.limit = 10'000})).entries)
        trust.revoked.push_back(
            TRY(from_json<Revocation>(TRY(read_document<Change>(entry.value, "a revocation")).details)));
    return trust;
}

}  // namespace tally::chaincode::registry
