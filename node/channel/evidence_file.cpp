#include "node/channel/evidence_file.h"

#include <zstd.h>

#include "crypto/cbor.h"

namespace tally::node {
namespace {

constexpr std::string_view kEvidenceFormat = "tally-evidence/1";
constexpr std::size_t kMaxUnpacked = 256U << 20;
constexpr std::uint64_t kMaxParts = 200'000;  // of all lists together
constexpr int kEvidenceLevel = 9;             // receipts repeat certificates; the file is made once
constexpr std::uint8_t kMagic[] = {0x28, 0xb5, 0x2f, 0xfd};

void write_list(crypto::CborWriter& writer, const std::vector<Bytes>& list) {
    writer.array(list.size());
    for (const auto& each : list) writer.bytes(each);
}

Bytes encode(const EvidenceParts& parts) {
    crypto::CborWriter writer;
    writer.map(5).uint(1).text(kEvidenceFormat).uint(2).bytes(parts.run);
    writer.uint(3);
    write_list(writer, parts.agreement);
    writer.uint(4).array(parts.devices.size());
    for (const auto& device : parts.devices) {
        writer.array(device.ocmf.empty() ? 5 : 6).text(device.device);
        write_list(writer, device.keys);
        write_list(writer, device.records);
        writer.array(device.series.size());
        for (const auto& each : device.series)
            writer.array(2).uint(static_cast<std::uint64_t>(each.sequence)).bytes(each.receipt);
        write_list(writer, device.settled);
        if (device.ocmf.empty()) continue;
        writer.array(2);
        write_list(writer, device.ocmf.keys);
        write_list(writer, device.ocmf.records);
    }
    writer.uint(5).array(parts.invoices.size());
    for (const auto& invoice : parts.invoices) {
        writer.array(2).bytes(invoice.receipt).array(invoice.items.size());
        for (const auto& item : invoice.items) writer.text(item);
    }
    return writer.take();
}

class Reading {
  public:
    explicit Reading(ByteView bytes) : reader_(bytes, "the evidence file") {}

    Result<EvidenceParts> read() {
        EvidenceParts out;
        expect(reader_.map(), 5, "a map of 5");
        key(1);
        if (reader_.text() != kEvidenceFormat) reader_.fault(Code::unsupported, "only tally-evidence/1 is known");
        key(2);
        out.run = to_bytes(reader_.bytes());
        key(3);
        out.agreement = list();
        key(4);
        for (auto left = count(); left > 0 && reader_.ok(); --left) out.devices.push_back(device());
        key(5);
        for (auto left = count(); left > 0 && reader_.ok(); --left) out.invoices.push_back(invoice());
        TRY(reader_.finish());
        return out;
    }

  private:
    void expect(std::uint64_t found, std::uint64_t wanted, std::string_view what) {
        if (reader_.ok() && found != wanted) reader_.fault(Code::malformed, fmt::format("{} is wanted", what));
    }
    void key(std::uint64_t wanted) { expect(reader_.uint(), wanted, fmt::format("the key {}", wanted)); }
    std::uint64_t count() {
        const auto found = reader_.array();
        if (found > kMaxParts - parts_)
            reader_.fault(Code::too_large, fmt::format("its lists have more than {} entries", kMaxParts));
        if (!reader_.ok()) return 0;
        parts_ += found;
        return found;
    }
    std::vector<Bytes> list() {
        std::vector<Bytes> out;
        for (auto left = count(); left > 0 && reader_.ok(); --left) out.push_back(to_bytes(reader_.bytes()));
        return out;
    }
    DeviceProof device() {
        DeviceProof out;
        const auto members = reader_.array();
        if (members != 6) expect(members, 5, "a device's list of 5 or 6");
        out.device = reader_.text();
        out.keys = list();
        out.records = list();
        for (auto left = count(); left > 0 && reader_.ok(); --left) {
            expect(reader_.array(), 2, "a sequence and a receipt");
            const auto sequence = reader_.uint();
            out.series.push_back({static_cast<std::int64_t>(sequence), to_bytes(reader_.bytes())});
        }
        out.settled = list();
        if (members == 6) out.ocmf = ocmf();
        return out;
    }
    OcmfProof ocmf() {
        OcmfProof out;
        expect(reader_.array(), 2, "keys and receipts");
        out.keys = list();
        out.records = list();
        return out;
    }
    InvoiceProof invoice() {
        InvoiceProof out;
        expect(reader_.array(), 2, "a receipt and items");
        out.receipt = to_bytes(reader_.bytes());
        for (auto left = count(); left > 0 && reader_.ok(); --left) out.items.emplace_back(reader_.text());
        return out;
    }

    crypto::CborReader reader_;
    std::uint64_t parts_ = 0;
};

}  // namespace

Bytes make_evidence_file(const EvidenceParts& parts) {
    const auto plain = encode(parts);
    Bytes packed(ZSTD_compressBound(plain.size()));
    const std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context(ZSTD_createCCtx(), &ZSTD_freeCCtx);
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, kEvidenceLevel);
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_enableLongDistanceMatching, 1);
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);
    const auto size = ZSTD_compress2(context.get(), packed.data(), packed.size(), plain.data(), plain.size());
    packed.resize(ZSTD_isError(size) ? 0 : size);
    return packed;
}

bool is_evidence_file(ByteView file) {
    return file.size() > std::size(kMagic) && std::equal(std::begin(kMagic), std::end(kMagic), file.begin());
}

Result<EvidenceParts> read_evidence_file(ByteView file) {
    const auto size = ZSTD_getFrameContentSize(file.data(), file.size());
    if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN)
        return fail(Code::malformed, "it is no Zstandard frame that says its size");
    if (size > kMaxUnpacked) return fail(Code::too_large, "it is {} bytes unpacked; {} are read", size, kMaxUnpacked);
    Bytes plain(size);
    const auto got = ZSTD_decompress(plain.data(), plain.size(), file.data(), file.size());
    if (ZSTD_isError(got) || got != size)
        return fail(Code::malformed, "it does not unpack: {}",
                    ZSTD_isError(got) ? ZSTD_getErrorName(got) : "its size is another one");
    return Reading(plain).read();
}

}  // namespace tally::node
