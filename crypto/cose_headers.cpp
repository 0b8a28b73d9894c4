#include <algorithm>

#include "crypto/cbor.h"
#include "crypto/cose.h"
#include "crypto/cose_labels.h"

namespace tally::crypto {

std::int64_t cose_algorithm(Algorithm algorithm, bool batch) {
    switch (algorithm) {
        case Algorithm::ed25519: return batch ? kBatchEdDsa : kEdDsa;
        case Algorithm::p256: break;
    }
    return batch ? kBatchEs256 : kEs256;
}

Bytes CoseHeaders::encode() const {
    std::vector<std::pair<Bytes, Bytes>> entries;  // key and value, both encoded
    const auto add = [&](std::int64_t label, Bytes value) {
        entries.emplace_back(CborWriter().integer(label).take(), std::move(value));
    };
    add(kLabelAlgorithm, CborWriter().integer(alg).take());
    if (!content_type.empty()) add(kLabelContentType, CborWriter().text(content_type).take());
    if (!kid.empty()) add(kLabelKid, CborWriter().bytes(as_bytes(kid)).take());
    if (!x5chain.empty()) {
        CborWriter chain;
        if (x5chain.size() > 1) chain.array(x5chain.size());
        for (const Bytes& certificate : x5chain) chain.bytes(certificate);
        add(kLabelX5chain, chain.take());
    }
    for (const auto& [label, value] : extra) add(label, value);
    std::sort(entries.begin(), entries.end());
    CborWriter writer;
    writer.map(entries.size());
    for (const auto& [label, value] : entries) writer.raw(label).raw(value);
    return writer.take();
}

namespace {

void read_algorithm(CborReader& reader, CoseHeaders& headers) {
    if (reader.peek() == CborReader::Type::text) reader.fault(Code::unsupported, "an algorithm named by a text");
    headers.alg = reader.integer();
}

void read_x5chain(CborReader& reader, CoseHeaders& headers) {
    std::uint64_t count = 1;
    if (reader.peek() == CborReader::Type::array) {
        count = reader.array();
        if (count < 2) reader.fault(Code::malformed, "an x5chain array holds two certificates or more");
    }
    if (count > kMaxCertificatesInHeader) reader.fault(Code::too_large, "an x5chain of too many certificates");
    for (std::uint64_t i = 0; i < count && reader.ok(); ++i) headers.x5chain.push_back(to_bytes(reader.bytes()));
}

// Every critical label must be there and be understood (RFC 9052 section 3.1).
Status check_critical(ByteView value, std::span<const std::int64_t> present, std::span<const std::int64_t> understood) {
    constexpr std::array<std::int64_t, 4> kOwn = {kLabelAlgorithm, kLabelContentType, kLabelKid, kLabelX5chain};
    const auto holds = [](std::span<const std::int64_t> labels, std::int64_t label) {
        return std::find(labels.begin(), labels.end(), label) != labels.end();
    };
    CborReader reader(value, "COSE critical headers");
    const std::uint64_t count = reader.array();
    if (count == 0) reader.fault(Code::malformed, "labels are expected");
    for (std::uint64_t i = 0; i < count && reader.ok(); ++i) {
        if (reader.peek() == CborReader::Type::text)
            reader.fault(Code::unsupported, "a critical header named by a text");
        const std::int64_t label = reader.integer();
        if (!reader.ok()) break;
        if (!holds(present, label)) return fail(Code::malformed, "COSE: the critical header {} is not there", label);
        if (!holds(kOwn, label) && !holds(understood, label)) {
            return fail(Code::unsupported, "COSE: the critical header {} is not understood", label);
        }
    }
    return reader.finish();
}

}  // namespace

std::vector<ByteView> certificates_in(ByteView message) {
    CborReader outer(message);
    (void)outer.tag();
    (void)outer.array();
    CborReader reader(outer.bytes());
    std::vector<ByteView> found;
    for (auto left = reader.map(); left > 0 && reader.ok(); --left) {
        if (reader.integer() != kLabelX5chain) {
            (void)reader.item();
            continue;
        }
        const auto count = reader.peek() == CborReader::Type::array ? reader.array() : 1;
        for (std::uint64_t i = 0; i < count && reader.ok(); ++i) found.push_back(reader.bytes());
    }
    return reader.ok() ? found : std::vector<ByteView>{};
}

Result<CoseHeaders> decode_protected(ByteView encoded, std::vector<std::int64_t>& labels,
                                     std::span<const std::int64_t> understood) {
    CborReader reader(encoded, "COSE protected header");
    CborReader::MapKeys keys;
    CoseHeaders headers;
    ByteView critical;
    const std::uint64_t count = reader.map();
    if (count > kMaxLabels) reader.fault(Code::too_large, "too many headers");
    for (std::uint64_t i = 0; i < count && reader.ok(); ++i) {
        const std::int64_t label = keys.next_integer(reader);
        labels.push_back(label);
        if (label == kLabelAlgorithm) {
            read_algorithm(reader, headers);
        } else if (label == kLabelContentType && reader.peek() == CborReader::Type::text) {
            headers.content_type = reader.text();
            if (headers.content_type.empty()) reader.fault(Code::malformed, "an empty content type");
        } else if (label == kLabelKid) {
            headers.kid = as_text(reader.bytes());
            if (headers.kid.empty()) reader.fault(Code::malformed, "an empty key id");
        } else if (label == kLabelX5chain) {
            read_x5chain(reader, headers);
        } else {
            const ByteView value = reader.item();
            if (label == kLabelCritical) critical = value;
            headers.extra.emplace_back(label, to_bytes(value));
        }
    }
    TRY(reader.finish());
    if (std::find(labels.begin(), labels.end(), kLabelAlgorithm) == labels.end()) {
        return fail(Code::malformed, "COSE: the protected header names no algorithm");
    }
    if (!critical.empty()) TRY(check_critical(critical, labels, understood));
    return headers;
}

Status check_unprotected(ByteView encoded, std::span<const std::int64_t> protected_labels) {
    CborReader reader(encoded, "COSE unprotected header");
    CborReader::MapKeys keys;
    const std::uint64_t count = reader.map();
    if (count > kMaxLabels) reader.fault(Code::too_large, "too many headers");
    for (std::uint64_t i = 0; i < count && reader.ok(); ++i) {
        if (reader.peek() == CborReader::Type::text) {
            (void)keys.next_text(reader);
        } else {
            const std::int64_t label = keys.next_integer(reader);
            if (!reader.ok()) break;
            if (label == kLabelCritical) reader.fault(Code::malformed, "critical headers belong to the protected ones");
            if (std::find(protected_labels.begin(), protected_labels.end(), label) != protected_labels.end()) {
                reader.fault(Code::malformed, fmt::format("label {} is in both headers", label));
            }
        }
        (void)reader.item();
    }
    return reader.finish();
}

}  // namespace tally::crypto
