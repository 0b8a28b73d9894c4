#pragma once
// The blocks of a channel alone, for a node that only orders: no state, no index, no transaction log.
//
// Threads: `append` and `sync` belong to one thread; reading to any. Durability: append writes no log of its own; until
// `sync` returned, the consensus log (consensus_log.h) feeds the blocks again after a crash.
//
// RocksDB, family `blocks`, integers big-endian: number(8) 0(4) -> header, metadata, number of batches;
// number(8) index+1(4) -> batch,
// its transactions without the certificates that family `certificates` holds once (rocks/stored_transaction.h). Family
// `meta`: "configuration".

#include <filesystem>
#include <memory>

#include "storage/chain.h"

namespace tally::storage {

class BlockStore : public Chain {
  public:
    // Begins with the genesis block where there is nothing yet; wrong_channel when another one is there.
    [[nodiscard]] static Result<std::unique_ptr<BlockStore>> open(const std::filesystem::path& directory,
                                                                  const Block& genesis);
    ~BlockStore() override;

    // The block must follow the tip: corrupt otherwise, and nothing is written. disk_full may be tried again.
    // `configuration`: what the store keeps of the channel's configuration after this block, when that has changed.
    [[nodiscard]] Status append(const Block& block, const std::optional<std::string>& configuration = std::nullopt);
    [[nodiscard]] Status sync() override;
    [[nodiscard]] Status close();

    // As of the last block; none until append has been given one.
    [[nodiscard]] Result<std::optional<std::string>> configuration() const;
    [[nodiscard]] std::optional<Tip> tip() const override;
    [[nodiscard]] Result<Block> block(BlockNumber number) const override;
    [[nodiscard]] Result<Block> block_header(BlockNumber number) const override;

  private:
    struct Impl;
    explicit BlockStore(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace tally::storage
