// Path validation: which paths there are, and which of them holds at a time. All of it is judged here.

#include <algorithm>
#include <tuple>

#include "crypto/x509.h"
#include "crypto/x509_impl.h"

namespace tally::crypto {
namespace {

constexpr std::size_t kMaxPathCertificates = 10;  // certificates, from the leaf to the root
constexpr std::size_t kMaxPaths = 16;             // that one presented chain may have through what is configured
constexpr std::size_t kMaxSignatures = 64;        // checked in the search for them

std::unexpected<Error> refuse(Code code, const Certificate& certificate, std::string_view why) {
    return std::unexpected(Error{code, fmt::format("certificate of {}: {}", certificate.subject_text(), why)});
}

const Extensions& extensions_of(const Certificate& certificate) { return certificate.impl().extensions; }

Status check_purpose(const Certificate& leaf, Purpose purpose) {
    const Extensions& extensions = extensions_of(leaf);
    if (purpose == Purpose::crl_signing) {
        if (extensions.ca && extensions.allows(KeyUse::list_sign)) return {};
        return refuse(Code::certificate_wrong_purpose, leaf, "it may not sign revocation lists");
    }
    if (leaf.public_key().only_certifies()) return refuse(Code::bad_key, leaf, "its key is neither P-256 nor Ed25519");
    if (extensions.ca)
        return refuse(Code::certificate_wrong_purpose, leaf, "an authority's certificate certifies only");
    if (!extensions.allows(KeyUse::digital_signature)) {
        return refuse(Code::certificate_wrong_purpose, leaf, "its key usage has no digital signature");
    }
    switch (purpose) {
        case Purpose::signing:
        case Purpose::crl_signing: return {};
        case Purpose::tls_client:
            if (!extensions.extended_key_usage || extensions.client_authentication) return {};
            return refuse(Code::certificate_wrong_purpose, leaf, "its extended key usage has no TLS client");
        case Purpose::tls_server:
            if (!extensions.extended_key_usage || extensions.server_authentication) return {};
            return refuse(Code::certificate_wrong_purpose, leaf, "its extended key usage has no TLS server");
    }
    return {};
}

bool same_bytes(const std::optional<ByteView>& a, const std::optional<ByteView>& b) {
    return !a || !b || equal(*a, *b);
}

// By name and key identifier alone: the signature is to be checked.
bool names_issuer(const Certificate& certificate, const Certificate& issuer) {
    return equal(certificate.impl().issuer_der, issuer.impl().subject_der) &&
           same_bytes(extensions_of(certificate).authority_key_id, extensions_of(issuer).own_key_id);
}

bool is_issued_by(const Certificate& certificate, const Certificate& issuer) {
    return names_issuer(certificate, issuer) && certificate.impl().all.is_signed_by(issuer.public_key());
}

bool is_self_issued(const Certificate& certificate) {
    return equal(certificate.impl().issuer_der, certificate.impl().subject_der);
}

bool holds(std::span<const Certificate> some, const Certificate& certificate) {
    return std::find(some.begin(), some.end(), certificate) != some.end();
}

bool is_newer(const RevocationList& a, const RevocationList& b) {
    return std::tuple(a.number(), a.this_update_ms(), a.next_update_ms()) >
           std::tuple(b.number(), b.this_update_ms(), b.next_update_ms());
}

// The lists of this issuer, the newest first, none of which revokes the certificate.
Result<std::vector<RevocationList>> lists_of(const Certificate& certificate, const Certificate& issuer,
                                             std::span<const RevocationList> lists) {
    std::vector<RevocationList> found;
    for (const RevocationList& list : lists) {
        if (!is_list_of(list, issuer)) continue;
        TRY(check_purpose(issuer, Purpose::crl_signing));
        if (!list.impl().all.is_signed_by(issuer.public_key())) {
            return refuse(Code::certificate_untrusted, issuer, "a revocation list in its name has another's signature");
        }
        TRY(check_not_revoked(certificate, list));
        found.push_back(list);
    }
    std::stable_sort(found.begin(), found.end(), is_newer);
    return found;
}

// What is demanded of a path's certificates at any time.
Status check_constraints(std::span<const Certificate> path) {
    std::uint64_t below = 0;  // authorities between this one and the leaf, those that issued themselves not counted
    for (std::size_t i = 0; i < path.size(); ++i) {
        const Certificate& each = path[i];
        const Extensions& extensions = extensions_of(each);
        if (!extensions.not_understood.empty()) {
            return refuse(Code::certificate_untrusted, each,
                          fmt::format("its extension {} is not understood here", extensions.not_understood));
        }
        if (i == 0) continue;
        if (!extensions.ca || !extensions.allows(KeyUse::certificate_sign)) {
            return refuse(Code::certificate_wrong_purpose, each, "it certifies, but is no authority");
        }
        if (extensions.path_length && *extensions.path_length < below) {
            return refuse(Code::certificate_untrusted, each,
                          fmt::format("{} authorities follow it, {} may", below, *extensions.path_length));
        }
        if (!is_self_issued(each)) ++below;
    }
    if (extensions_of(path.back()).ca && is_issued_by(path.back(), path.back())) return {};
    return refuse(Code::certificate_untrusted, path.back(), "it is no self-signed authority");
}

// Goes on from the last presented certificate through the configured ones, roots before intermediates, each in the
// order of the configuration, and gathers every path that ends at a root.
class Onward {
  public:
    explicit Onward(const TrustStore& trust) : trust_(trust) {}

    void from(std::vector<Certificate>& path) {
        if (path.size() == kMaxPathCertificates) return;
        for (const Certificate& root : trust_.roots) {
            if (!is_next(path, root)) continue;
            path.push_back(root);
            if (found_.size() < kMaxPaths) found_.push_back(path);
            path.pop_back();
        }
        for (const Certificate& intermediate : trust_.intermediates) {
            if (holds(trust_.roots, intermediate) || !is_next(path, intermediate)) continue;
            path.push_back(intermediate);
            from(path);
            path.pop_back();
        }
    }
    std::vector<std::vector<Certificate>> take() { return std::move(found_); }

  private:
    bool is_next(std::span<const Certificate> path, const Certificate& issuer) {
        if (found_.size() == kMaxPaths || holds(path, issuer) || !names_issuer(path.back(), issuer)) return false;
        return ++signatures_ <= kMaxSignatures && is_issued_by(path.back(), issuer);
    }

    const TrustStore& trust_;
    std::vector<std::vector<Certificate>> found_;
    std::size_t signatures_ = 0;
};

Status check_presented(std::span<const Certificate> chain, const TrustStore& trust) {
    for (std::size_t i = 1; i < chain.size(); ++i) {
        if (holds(trust.roots, chain[i - 1])) {
            return refuse(Code::certificate_untrusted, chain[i], "it is presented after the root, which ends the path");
        }
        if (holds(chain.first(i), chain[i])) {
            return refuse(Code::certificate_untrusted, chain[i], "it is presented twice");
        }
        if (!is_issued_by(chain[i - 1], chain[i])) {
            return refuse(Code::certificate_untrusted, chain[i - 1],
                          fmt::format("{}, presented next, has not issued it", chain[i].subject_text()));
        }
    }
    return {};
}

}  // namespace

// A list that names another key than this issuer's as its signer is another authority's of the same name.
bool is_list_of(const RevocationList& list, const Certificate& issuer) {
    return equal(list.impl().issuer_der, issuer.impl().subject_der) &&
           same_bytes(list.impl().authority_key_id, extensions_of(issuer).own_key_id);
}

Status check_not_revoked(const Certificate& certificate, const RevocationList& list) {
    if (!list.contains(certificate.serial_hex())) return {};
    return refuse(Code::certificate_revoked, certificate,
                  fmt::format("serial {} was revoked by list {}", certificate.serial_hex(), list.number()));
}

Status check_current(const RevocationList& list, std::int64_t time_ms) {
    if (time_ms >= list.this_update_ms() && time_ms < list.next_update_ms()) return {};
    return fail(Code::crl_expired, "certificate of {}: its revocation list {} is not current at that time",
                list.impl().issuer_text, list.number());
}

Result<VerifiedPaths> VerifiedPaths::find(std::span<const Certificate> chain, const TrustStore& trust,
                                          Purpose purpose) {
    if (chain.empty() || chain.size() > kMaxPresented) {
        return fail(Code::too_large, "{} certificates are presented, 1 to {} are allowed", chain.size(), kMaxPresented);
    }
    TRY(check_purpose(chain.front(), purpose));
    TRY(check_presented(chain, trust));
    std::vector<Certificate> presented(chain.begin(), chain.end());
    std::vector<std::vector<Certificate>> candidates;
    if (holds(trust.roots, presented.back())) {
        candidates.push_back(std::move(presented));
    } else {
        Onward onward(trust);
        onward.from(presented);
        candidates = onward.take();
    }
    VerifiedPaths out;
    Status refusal = refuse(Code::certificate_untrusted, chain.back(), "no authority that is known here has issued it");
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        auto path = examine(std::move(candidates[i]), trust);
        if (path) {
            out.paths_.push_back(*std::move(path));
        } else if (i == 0) {
            refusal = std::unexpected(path.error());
        }
    }
    if (out.paths_.empty()) return std::unexpected(refusal.error());
    return out;
}

Result<VerifiedPaths::Path> VerifiedPaths::examine(std::vector<Certificate> certificates, const TrustStore& trust) {
    TRY(check_constraints(certificates));
    Path path{std::move(certificates), {}};
    for (std::size_t i = 0; i + 1 < path.certificates.size(); ++i) {
        path.lists.push_back(TRY(lists_of(path.certificates[i], path.certificates[i + 1], trust.crls)));
    }
    return path;
}

Status VerifiedPaths::Path::check_dates(std::int64_t time_ms, ListDates list_dates) const {
    for (std::size_t i = certificates.size(); i-- > 0;) {
        const Certificate& each = certificates[i];
        if (time_ms < each.not_before_ms()) {
            return refuse(Code::certificate_not_yet_valid, each, "it is not yet valid at that time");
        }
        if (time_ms >= each.not_after_ms()) {
            return refuse(Code::certificate_expired, each, "it has expired at that time");
        }
    }
    if (list_dates == ListDates::any) return {};
    for (const auto& of_issuer : lists) {
        if (of_issuer.empty()) continue;
        const auto begun = std::find_if(of_issuer.begin(), of_issuer.end(),
                                        [&](const RevocationList& list) { return list.this_update_ms() <= time_ms; });
        TRY(check_current(begun == of_issuer.end() ? of_issuer.front() : *begun, time_ms));
    }
    return {};
}

Result<std::span<const Certificate>> VerifiedPaths::at(std::int64_t time_ms, ListDates list_dates) const {
    Status first;
    for (const Path& path : paths_) {
        Status status = path.check_dates(time_ms, list_dates);
        if (status) return std::span<const Certificate>(path.certificates);
        if (first) first = std::move(status);
    }
    return std::unexpected(first.error());
}

Result<std::vector<Certificate>> verify_path(const Certificate& leaf, std::span<const Certificate> presented,
                                             const TrustStore& trust, std::int64_t time_ms, Purpose purpose) {
    std::vector<Certificate> chain{leaf};
    chain.insert(chain.end(), presented.begin(), presented.end());
    const VerifiedPaths paths = TRY(VerifiedPaths::find(chain, trust, purpose));
    const std::span<const Certificate> path = TRY(paths.at(time_ms));
    return std::vector<Certificate>(path.begin(), path.end());
}

Status verify_list(const RevocationList& list, const Certificate& issuer) {
    if (!is_list_of(list, issuer)) {
        return fail(Code::bad_signature, "the revocation list is that of {}, not of {} with this key",
                    list.impl().issuer_text, issuer.subject_text());
    }
    TRY(check_purpose(issuer, Purpose::crl_signing));
    if (list.impl().all.is_signed_by(issuer.public_key())) return {};
    return fail(Code::bad_signature, "the revocation list {} was not signed by {}", list.number(),
                issuer.subject_text());
}

}  // namespace tally::crypto
