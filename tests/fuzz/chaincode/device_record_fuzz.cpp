// Device records. What is accepted encodes again to the same payload, and a series that passes is summed up here once
// more, by other means, to the same figures.

#include <algorithm>

#include "chaincode/records/opening.h"
#include "chaincode/records/series.h"
#include "tests/fuzz/expect.h"

using namespace tally;
using namespace tally::chaincode;

namespace {

Bytes seed(RecordKind kind, std::size_t rows, bool inline_series) {
    const auto key = *crypto::PrivateKey::from_raw(crypto::Algorithm::ed25519, Bytes(32, 7));
    DeviceRecord record;
    record.device = "meter-7";
    record.kind = kind;
    record.start_s = 1'749'945'600;
    record.end_s = record.start_s + 86'400;
    record.polling_interval_s = 60;
    record.fields = {{"power", "W", 0}, {"voltage", "V", -1}};
    record.rows_per_leaf = rows > 4 ? 8 : 1;
    SeriesWriter series(2, record.rows_per_leaf);
    for (std::size_t i = 0; i < rows; ++i) {
        const auto value = static_cast<std::int64_t>(i);
        const std::optional<std::int64_t> values[] = {i % 3 == 0 ? std::nullopt : std::optional(-value),
                                                      std::optional(2300 + value)};
        (void)series.add(value * 60, values);
    }
    record.summary = *series.summary();
    record.root = series.root();
    record.traffic = Traffic{1, 2, 3};
    if (rows % 2 == 0) record.previous = record.root;
    const auto bytes = series.take();
    if (inline_series) record.series = bytes;
    if (kind == RecordKind::DAILY && inline_series) record.previous_daily = record.root;
    if (kind == RecordKind::INTERVAL) record.corrects = record.root;
    return sign_record(key, "main", record);
}

void check_sums(const DeviceRecord& record, ByteView series) {
    RowReader rows(record, series);
    std::vector<std::vector<std::int64_t>> columns(record.fields.size());
    std::int64_t count = 0;
    while (rows.next()) {
        ++count;
        for (std::size_t i = 0; i < columns.size(); ++i) {
            if (rows.values()[i]) columns[i].push_back(*rows.values()[i]);
        }
    }
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const auto& summary = record.summary[i];
        __extension__ __int128 sum = 0;
        for (const auto value : columns[i]) sum += value;
        TALLY_FUZZ_EXPECT(summary.count == static_cast<std::int64_t>(columns[i].size()));
        TALLY_FUZZ_EXPECT(summary.missing == count - summary.count);
        TALLY_FUZZ_EXPECT(summary.sum == sum);
        if (columns[i].empty()) continue;
        TALLY_FUZZ_EXPECT(summary.min == *std::min_element(columns[i].begin(), columns[i].end()));
        TALLY_FUZZ_EXPECT(summary.max == *std::max_element(columns[i].begin(), columns[i].end()));
        TALLY_FUZZ_EXPECT(summary.first == columns[i].front() && summary.last == columns[i].back());
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView in(data, size);
    const auto decoded = decode_record(in, 1 << 16);
    if (!decoded) {
        TALLY_FUZZ_EXPECT(!decoded.error().message.empty());
        // The same bytes as a bare series.
        RowReader rows(in, size == 0 ? 0 : data[0] % 8, 86'400);
        std::size_t read = 0;
        while (rows.next()) read += rows.bytes().size();
        TALLY_FUZZ_EXPECT(read <= size);
        return 0;
    }
    const auto& record = decoded->record;
    const auto payload = crypto::Sign1::decode(in)->payload;
    TALLY_FUZZ_EXPECT(equal(encode_payload(record), payload));
    TALLY_FUZZ_EXPECT(decoded->content_id == crypto::sha256(payload));
    if (decoded->opening) {
        const auto& opening = *decoded->opening;
        if (const auto figures = reveal(record, opening))
            TALLY_FUZZ_EXPECT(make_opening(*figures, ByteView(opening).first(kSaltBytes)) == opening);
    }
    if (record.series && check_series(record, *record.series)) check_sums(record, *record.series);
    return 0;
}

extern "C" void tally_fuzz_seeds(void (*add)(const std::uint8_t*, std::size_t)) {
    const auto encrypted = *from_hex("d08341a0a05000000000000000000000000000000000");
    for (const bool committed : {true, false}) {
        DeviceRecord record;
        record.device = "meter-7";
        record.end_s = 86'400;
        record.polling_interval_s = 60;
        record.fields = {{"power", "W", 0}};
        Bytes opening;
        if (committed) {
            record.summary = {{}};
            opening = make_opening(record, Bytes(kSaltBytes, 7));
            record = conceal(std::move(record), opening);
        } else {
            record.summary = {{}};
            record.encrypted_series = encrypted;
        }
        const auto message = sign_record(*crypto::PrivateKey::from_raw(crypto::Algorithm::ed25519, Bytes(32, 7)),
                                         "main", record, {}, opening);
        add(message.data(), message.size());
    }
    for (const auto kind : {RecordKind::DAILY, RecordKind::INTERVAL, RecordKind::KEEPALIVE}) {
        for (const std::size_t rows : {0U, 1U, 4U, 31U}) {
            for (const bool inline_series : {true, false}) {
                const auto message = seed(kind, rows, inline_series);
                add(message.data(), message.size());
            }
        }
    }
}
