#pragma once
// A ledger in a directory of its own, and blocks to put into it. The blocks' transactions are plain texts, their ids
// and effects what the test says: the ledger does not look into them.

#include "storage/ledger.h"
#include "storage/model/block.h"
#include "tests/unit/storage/temporary_directory.h"

namespace tally::storage {

struct Change {
    std::string key;
    std::optional<std::string> value;  // none: delete
};

struct Entry {
    std::string text;
    std::vector<Change> changes = {};
    ValidationCode code = ValidationCode::VALID;
};

inline constexpr std::string_view kSpace = "meters";

inline TransactionId id_of(std::string_view text) { return crypto::sha256({as_bytes("id of "), as_bytes(text)}); }

// A block with everything that append wants to know of it.
struct PreparedBlock {
    Block block;
    std::vector<TransactionId> ids;
    BlockEffects effects;
};

class TemporaryLedger {
  public:
    TemporaryLedger() : TemporaryLedger(std::filesystem::path()) {}
    // In `directory` when one is given.
    explicit TemporaryLedger(std::filesystem::path directory) : directory_(std::move(directory)) {
        if (directory_.empty()) directory_ = root_.path() / "ledger";
        LedgerOptions options;
        options.directory = directory_;
        options.create = true;
        options.channel = "test";
        options.cache_bytes = 1U << 20;
        auto opened = Ledger::open(std::move(options));
        EXPECT_TRUE(opened.has_value()) << opened.error().message;
        ledger_ = std::move(*opened);
    }

    [[nodiscard]] std::filesystem::path directory() const { return directory_; }
    [[nodiscard]] Ledger& operator*() { return *ledger_; }
    [[nodiscard]] Ledger* operator->() { return ledger_.get(); }

    void close() {
        const auto status = ledger_->close();
        EXPECT_TRUE(status.has_value()) << status.error().message;
        ledger_.reset();
    }
    [[nodiscard]] Result<std::unique_ptr<Ledger>> open(bool read_only = false) const {
        LedgerOptions options;
        options.directory = directory();
        options.read_only = read_only;
        options.cache_bytes = 1U << 20;
        return Ledger::open(std::move(options));
    }
    void reopen() {
        auto opened = open();
        ASSERT_TRUE(opened.has_value()) << opened.error().message;
        ledger_ = std::move(*opened);
    }

    // The block that follows the tip.
    [[nodiscard]] PreparedBlock prepare(const std::vector<std::vector<Entry>>& batches) const {
        PreparedBlock out;
        auto& header = out.block.header;
        const auto tip = ledger_->tip();
        header.channel = "test";
        header.number = tip ? tip->number + 1 : 0;
        if (tip) header.previous_hash = tip->hash;
        header.time_ms = 1'700'000'000'000 + static_cast<std::int64_t>(header.number) * 1000;
        header.view = header.number;
        std::vector<crypto::Hash> digests;
        for (const auto& batch : batches) {
            auto& bytes = out.block.batches.emplace_back();
            for (const auto& entry : batch) {
                const Version version{header.number, static_cast<std::uint32_t>(out.ids.size())};
                bytes.push_back(to_bytes(std::string_view(entry.text)));
                out.ids.push_back(id_of(entry.text));
                out.effects.codes.push_back(entry.code);
                for (const auto& [key, value] : entry.changes) {
                    std::optional<Bytes> stored;
                    if (value) stored = to_bytes(std::string_view(*value));
                    out.effects.updates.push_back({{std::string(kSpace), key}, std::move(stored), version});
                }
            }
            digests.push_back(batch_digest(bytes));
        }
        header.data_root = data_root(digests);
        return out;
    }

    Status append(PreparedBlock& prepared, const SignCheckpoint& sign = nullptr) {
        return ledger_->append(prepared.block, prepared.ids, prepared.effects, sign);
    }
    // Appends one block and gives it back as it was written.
    Block grow(const std::vector<Entry>& entries) {
        auto prepared = prepare({entries});
        const auto status = append(prepared);
        EXPECT_TRUE(status.has_value()) << status.error().message;
        return prepared.block;
    }

    [[nodiscard]] std::string value(const std::string& key) const {
        const auto found = ledger_->state()->get({std::string(kSpace), key});
        EXPECT_TRUE(found.has_value());
        return found && *found ? std::string(as_text((*found)->value)) : "(absent)";
    }

  private:
    TemporaryDirectory root_;
    std::filesystem::path directory_;
    std::unique_ptr<Ledger> ledger_;
};

}  // namespace tally::storage
