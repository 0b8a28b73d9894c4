// What is alike takes little room on disk.

#include <gtest/gtest.h>

#include "tests/unit/storage/temporary_ledger.h"

namespace tally::storage {
namespace {

std::uint64_t bytes_below(const std::filesystem::path& folder) {
    std::uint64_t sum = 0;
    for (const auto& file : files_below(folder)) sum += std::filesystem::file_size(file);
    return sum;
}

// A document of 2 kB in each transaction, in the state and in the history.
TEST(Compression, DocumentsOfOneKindTakeAFifthOfTheirBytes) {
    constexpr int kDocuments = 2000;
    TemporaryLedger ledger;
    std::uint64_t bytes = 0;
    for (int block = 0; block < kDocuments / 100; ++block) {
        std::vector<Entry> entries;
        for (int i = 0; i < 100; ++i) {
            const auto number = block * 100 + i;
            std::string document = "{";
            for (int field = 0; field < 20; ++field)
                document += fmt::format(R"("a field with a name":{{"count":1440,"sum":{},"min":0,"unit":"kWh"}},)",
                                        number * 7919 * (field + 1) % 100'003);
            bytes += 3 * document.size();
            entries.push_back({document, {{fmt::format("key {}", number), document}}});
        }
        ledger.grow(entries);
    }
    ledger.close();
    EXPECT_LT(bytes_below(ledger.directory()), bytes / 5);
    ledger.reopen();
    EXPECT_TRUE(ledger.value("key 1999").starts_with("{\"a field"));
}

}  // namespace
}  // namespace tally::storage
