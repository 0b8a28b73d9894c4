// The file format of evidence: what is written is read again, and files without OCMF records do not change.

#include "node/channel/evidence_file.h"

#include <gtest/gtest.h>
#include <zstd.h>

#include "crypto/cbor.h"
#include "storage/files.h"

namespace tally::node {
namespace {

Bytes bytes_of(std::string_view text) { return to_bytes(text); }

EvidenceParts parts() {
    EvidenceParts out;
    out.run = bytes_of("run");
    out.agreement = {bytes_of("signature")};
    DeviceProof device;
    device.device = "meter-1";
    device.keys = {bytes_of("key")};
    device.records = {bytes_of("record")};
    device.series = {{7, bytes_of("series")}};
    device.settled = {bytes_of("answer")};
    out.devices = {device};
    out.invoices = {{bytes_of("invoice"), {"{}"}}};
    return out;
}

TEST(EvidenceFile, TheRecordsOfAMeterThatSignsOcmfAreReadAgain) {
    auto wanted = parts();
    wanted.devices[0].ocmf = {{bytes_of("spki")}, {bytes_of("one"), bytes_of("two")}};
    const auto found = read_evidence_file(make_evidence_file(wanted));
    ASSERT_TRUE(found) << found.error().message;
    ASSERT_EQ(found->devices.size(), 1U);
    EXPECT_EQ(found->devices[0].ocmf.keys, wanted.devices[0].ocmf.keys);
    EXPECT_EQ(found->devices[0].ocmf.records, wanted.devices[0].ocmf.records);
    EXPECT_EQ(found->devices[0].settled, wanted.devices[0].settled);
    EXPECT_EQ(found->invoices[0].items, wanted.invoices[0].items);
}

// Each release of the library packs a little differently.
Bytes unpacked(const Bytes& file) {
    Bytes out(ZSTD_getFrameContentSize(file.data(), file.size()));
    EXPECT_EQ(ZSTD_decompress(out.data(), out.size(), file.data(), file.size()), out.size());
    return out;
}

TEST(EvidenceFile, WithoutOcmfRecordsItIsByteForByteAsBefore) {
    const auto file = storage::read_file(std::filesystem::path(TALLY_GOLDEN) / "evidence/audit.evidence");
    ASSERT_TRUE(file) << file.error().message;
    const auto golden = read_evidence_file(as_bytes(*file));
    ASSERT_TRUE(golden) << golden.error().message;
    ASSERT_EQ(golden->devices.size(), 2U);
    EXPECT_TRUE(golden->devices[0].ocmf.empty());
    EXPECT_EQ(unpacked(make_evidence_file(*golden)), unpacked(to_bytes(as_bytes(*file))));
}

TEST(EvidenceFile, WhatCannotBeReadIsACheckThatFails) {
    for (const auto& file : {Bytes(), bytes_of("nothing"), Bytes{0x28, 0xb5, 0x2f, 0xfd}}) {
        Checks checks;
        EXPECT_FALSE(verify_evidence_file(file, {}, checks));
        ASSERT_EQ(checks.all().size(), 1U);
        EXPECT_EQ(checks.all()[0].what, "the file");
        EXPECT_FALSE(checks.all()[0].holds);
        EXPECT_FALSE(checks.all()[0].found.empty());
    }
}

}  // namespace
}  // namespace tally::node
