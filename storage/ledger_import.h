#pragma once
// A ledger that begins with a snapshot: made from a state and a transaction log instead of from blocks.
//
// What comes is written as it comes, into a directory beside; `finish` makes it durable and puts it in place, so that a
// crash leaves a whole ledger or none. Nothing is judged here: who calls has verified everything before `finish`, or
// drops the import, which removes it. One thread.

#include <filesystem>
#include <memory>
#include <string>

#include "crypto/merkle.h"
#include "crypto/multiset_hash.h"
#include "storage/model/block.h"
#include "storage/model/transaction.h"
#include "storage/state_reader.h"

namespace tally::storage {

class LedgerImport {
  public:
    // already_exists when `directory` holds something.
    [[nodiscard]] static Result<std::unique_ptr<LedgerImport>> begin(const std::filesystem::path& directory,
                                                                     const std::string& channel);
    ~LedgerImport();
    LedgerImport(const LedgerImport&) = delete;
    LedgerImport& operator=(const LedgerImport&) = delete;

    [[nodiscard]] Status block(const Block& block);  // one that is kept whole: block 0 and the sealing blocks
    [[nodiscard]] Status entry(const StateEntry& entry);
    [[nodiscard]] Status leaf(const LogLeaf& leaf);  // in the order of the log
    // `tip` is the snapshot's block without its transactions, `state` the set hash of all entries.
    [[nodiscard]] Status finish(const Block& tip, const crypto::MultisetHash& state);

    [[nodiscard]] const crypto::MerkleFrontier& log() const;  // of the leaves so far

  private:
    struct Impl;
    explicit LedgerImport(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace tally::storage
