#pragma once
// Merkle trees as in RFC 9162, section 2.1, with SHA-256: the transaction log, a block's batches, a record's series.
//
//   leaf(entry)       = SHA-256(0x00 || entry)
//   node(left, right) = SHA-256(0x01 || left || right)
//   root of n leaves  = node(root of the first k, root of the rest), k the largest power of two below n
//   root of nothing   = SHA-256("")
//
// All functions work on leaf hashes, are pure and may be called from any thread; a MerkleFrontier belongs to one
// thread. Hashing a leaf or a node is one pass and allocates nothing. A proof that does not hold is bad_proof;
// arguments that make no sense (an index outside the tree) are bad_proof too, as they come with proofs from outside.

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "crypto/hash.h"

namespace tally::crypto {

[[nodiscard]] Hash leaf_hash(ByteView entry);
[[nodiscard]] Hash node_hash(const Hash& left, const Hash& right);
[[nodiscard]] Hash empty_root();

[[nodiscard]] Hash merkle_root(std::span<const Hash> leaf_hashes);
// The inclusion paths of all leaves, each from the leaf's sibling upwards (section 2.1.3.1), in O(n log n).
[[nodiscard]] std::vector<std::vector<Hash>> inclusion_paths(std::span<const Hash> leaf_hashes);

// Section 2.1.3.2: the root that the path leads to. The proof holds when the caller knows that root to be the tree's.
[[nodiscard]] Result<Hash> root_from_inclusion(const Hash& leaf, std::uint64_t index, std::uint64_t size,
                                               std::span<const Hash> path);

// Section 2.1.4.2: the tree of old_size is the beginning of the tree of new_size. Every tree continues the empty one
// (empty path), and a tree continues itself (empty path, equal roots). root_from_consistency gives the new root that
// the path leads to once the old root is confirmed; it needs 0 < old_size.
[[nodiscard]] Status verify_consistency(std::uint64_t old_size, std::uint64_t new_size, std::span<const Hash> path,
                                        const Hash& old_root, const Hash& new_root);
[[nodiscard]] Result<Hash> root_from_consistency(std::uint64_t old_size, std::uint64_t new_size,
                                                 std::span<const Hash> path, const Hash& old_root);

// A tree that only grows, kept as the roots of its perfect subtrees ("peaks"), largest first: one for each bit set
// in the size. That is all that is needed to go on appending after a restart.
class MerkleFrontier {
  public:
    using Completed = std::function<void(unsigned level, std::uint64_t index, const Hash& hash)>;

    MerkleFrontier() = default;
    // Fails (corrupt) when the number of peaks does not fit the size.
    [[nodiscard]] static Result<MerkleFrontier> from(std::uint64_t size, std::vector<Hash> peaks);

    void append(const Hash& leaf);
    // Reports every perfect subtree that this leaf completes, the leaf itself (level 0) first: the subtree `index` of
    // a level covers the leaves [index << level, (index + 1) << level). A store that keeps them can prove anything.
    void append(const Hash& leaf, const Completed& completed);

    [[nodiscard]] std::uint64_t size() const { return size_; }
    [[nodiscard]] Hash root() const;
    [[nodiscard]] std::span<const Hash> peaks() const { return peaks_; }

  private:
    std::uint64_t size_ = 0;
    std::vector<Hash> peaks_;
};

// Proofs from the stored perfect subtrees; each takes O(log size) reads. `read` is asked only for subtrees
// that are complete in a tree of `size` (`new_size`) leaves; its errors are passed on.
using NodeReader = std::function<Result<Hash>(unsigned level, std::uint64_t index)>;

[[nodiscard]] Result<std::vector<Hash>> inclusion_path(std::uint64_t index, std::uint64_t size, const NodeReader& read);
[[nodiscard]] Result<std::vector<Hash>> consistency_path(std::uint64_t old_size, std::uint64_t new_size,
                                                         const NodeReader& read);

}  // namespace tally::crypto
