// Packed series, as the whole frame and as the columns in one. What unpacks is no longer than allowed; and where its
// rows read, they pack and unpack to themselves.

#include "chaincode/records/packed_series.h"
#include "chaincode/records/series.h"
#include "chaincode/records/zstd_frame.h"
#include "tests/fuzz/expect.h"

using namespace tally;
using namespace tally::chaincode;

namespace {

constexpr std::int64_t kDay = 86'400;

// The first two bytes say of how many rows and fields the record speaks.
DeviceRecord record_of(std::uint8_t rows, std::uint8_t fields) {
    DeviceRecord record;
    record.end_s = kDay;
    for (unsigned i = 0; i < fields % 8U; ++i) record.fields.push_back({fmt::format("f{}", i), "W", 0});
    record.summary.assign(record.fields.size(), FieldSummary{0, rows});
    return record;
}

void check(const DeviceRecord& record, ByteView packed) {
    const auto rows = unpack_series(record, packed);
    if (!rows) {
        TALLY_FUZZ_EXPECT(!rows.error().message.empty());
        return;
    }
    TALLY_FUZZ_EXPECT(rows->size() <= kMaxSeriesBytes + 64 * 10);
    std::int64_t count = 0;
    RowReader reader(record, *rows);
    while (reader.next()) ++count;
    if (!reader.status()) return;
    TALLY_FUZZ_EXPECT(count == record.rows());
    TALLY_FUZZ_EXPECT(*unpack_series(record, *pack_series(record, *rows)) == *rows);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const auto record = record_of(data[0], data[1]);
    const ByteView rest(data + 2, size - 2);
    check(record, rest);
    check(record, compress_frame(rest));
    return 0;
}

extern "C" void tally_fuzz_seeds(void (*add)(const std::uint8_t*, std::size_t)) {
    for (const std::uint8_t rows : {0, 1, 9, 200}) {
        const auto record = record_of(rows, 3);
        SeriesWriter writer(3);
        for (std::int64_t i = 0; i < rows; ++i) {
            const std::optional<std::int64_t> values[] = {i * i, i % 3 == 0 ? std::nullopt : std::optional(-i), 7};
            (void)writer.add(i * 60, values);
        }
        const auto packed = *pack_series(record, writer.take());
        for (const auto& body : {packed, *decompress_frame(packed, kMaxSeriesBytes, "it")}) {
            Bytes seed = {rows, 3};
            append(seed, body);
            add(seed.data(), seed.size());
        }
    }
}
