#include "crypto/merkle.h"

#include <bit>

namespace tally::crypto {
namespace {

constexpr std::uint8_t kLeaf = 0;
constexpr std::uint8_t kNode = 1;

// The peaks of a growing tree: adds a leaf and merges every pair of equal height that this completes.
template <class Report>
void push_leaf(std::vector<Hash>& peaks, std::uint64_t& size, const Hash& leaf, const Report& report) {
    Hash hash = leaf;
    report(0u, size, hash);
    unsigned level = 0;
    for (std::uint64_t rest = size; (rest & 1) != 0; rest >>= 1) {
        hash = node_hash(peaks.back(), hash);
        peaks.pop_back();
        ++level;
        report(level, size >> level, hash);
    }
    peaks.push_back(hash);
    ++size;
}

Hash fold(std::span<const Hash> peaks) {
    if (peaks.empty()) return empty_root();
    Hash root = peaks.back();
    for (std::size_t i = peaks.size() - 1; i-- > 0;) root = node_hash(peaks[i], root);
    return root;
}

Error wrong_path(std::size_t length, std::size_t expected) {
    return {Code::bad_proof, fmt::format("the path has {} hashes instead of {}", length, expected)};
}

// How many hashes an inclusion path has: below the point where the leaf's way and the tree's right edge part, one per
// level; above it, one for each step where the edge is a right child.
unsigned inclusion_path_length(std::uint64_t index, std::uint64_t size) {
    const auto inner = static_cast<unsigned>(std::bit_width(index ^ (size - 1)));
    return inner + static_cast<unsigned>(inner >= 64 ? 0 : std::popcount(index >> inner));
}

struct ConsistencyRoots {
    Hash old_root;
    Hash new_root;
};

// Section 2.1.4.2, steps 3 to 6, for 0 < old_size < new_size.
Result<ConsistencyRoots> roots_from_consistency(std::uint64_t old_size, std::uint64_t new_size,
                                                std::span<const Hash> path, const Hash& old_root) {
    std::uint64_t fn = old_size - 1;
    std::uint64_t sn = new_size - 1;
    const int shared = std::countr_one(fn);  // fn < 2^64 - 1 as old_size < new_size
    fn >>= shared;
    sn >>= shared;
    // A perfect old tree is a subtree of the new one, and its root leads the path.
    const bool perfect = std::has_single_bit(old_size);
    if (!perfect && path.empty()) return std::unexpected(Error{Code::bad_proof, "the consistency path is empty"});
    Hash fr = perfect ? old_root : path.front();
    Hash sr = fr;
    for (const Hash& hash : perfect ? path : path.subspan(1)) {
        if (sn == 0) return std::unexpected(Error{Code::bad_proof, "the consistency path is too long"});
        if ((fn & 1) != 0 || fn == sn) {
            fr = node_hash(hash, fr);
            sr = node_hash(hash, sr);
            while ((fn & 1) == 0 && fn != 0) {
                fn >>= 1;
                sn >>= 1;
            }
        } else {
            sr = node_hash(sr, hash);
        }
        fn >>= 1;
        sn >>= 1;
    }
    if (sn != 0) return std::unexpected(Error{Code::bad_proof, "the consistency path is too short"});
    return ConsistencyRoots{fr, sr};
}

}  // namespace

Hash leaf_hash(ByteView entry) { return sha256({ByteView(&kLeaf, 1), entry}); }

Hash node_hash(const Hash& left, const Hash& right) {
    std::array<std::uint8_t, 65> block;
    block[0] = kNode;
    std::memcpy(block.data() + 1, left.bytes.data(), 32);
    std::memcpy(block.data() + 33, right.bytes.data(), 32);
    return sha256(block);
}

Hash empty_root() { return sha256(ByteView{}); }

Hash merkle_root(std::span<const Hash> leaf_hashes) {
    std::vector<Hash> peaks;
    peaks.reserve(64);
    std::uint64_t size = 0;
    for (const Hash& leaf : leaf_hashes) push_leaf(peaks, size, leaf, [](unsigned, std::uint64_t, const Hash&) {});
    return fold(peaks);
}

std::vector<std::vector<Hash>> inclusion_paths(std::span<const Hash> leaf_hashes) {
    std::vector<std::vector<Hash>> paths(leaf_hashes.size());
    std::vector<Hash> row(leaf_hashes.begin(), leaf_hashes.end());
    // Pairing a row's neighbours, and lifting a last one without a neighbour as it is, builds the same tree.
    for (unsigned level = 0; row.size() > 1; ++level) {
        for (std::size_t leaf = 0; leaf < paths.size(); ++leaf) {
            const std::size_t sibling = (leaf >> level) ^ 1;
            if (sibling < row.size()) paths[leaf].push_back(row[sibling]);
        }
        std::size_t next = 0;
        for (std::size_t i = 0; i < row.size(); i += 2) {
            row[next++] = i + 1 < row.size() ? node_hash(row[i], row[i + 1]) : row[i];
        }
        row.resize(next);
    }
    return paths;
}

Result<Hash> root_from_inclusion(const Hash& leaf, std::uint64_t index, std::uint64_t size,
                                 std::span<const Hash> path) {
    if (index >= size) return fail(Code::bad_proof, "leaf {} is outside a tree of {}", index, size);
    if (const unsigned expected = inclusion_path_length(index, size); path.size() != expected) {
        return std::unexpected(wrong_path(path.size(), expected));
    }
    std::uint64_t fn = index;
    std::uint64_t sn = size - 1;
    Hash root = leaf;
    for (const Hash& hash : path) {
        if ((fn & 1) != 0 || fn == sn) {
            root = node_hash(hash, root);
            while ((fn & 1) == 0 && fn != 0) {
                fn >>= 1;
                sn >>= 1;
            }
        } else {
            root = node_hash(root, hash);
        }
        fn >>= 1;
        sn >>= 1;
    }
    return root;
}

Result<Hash> root_from_consistency(std::uint64_t old_size, std::uint64_t new_size, std::span<const Hash> path,
                                   const Hash& old_root) {
    if (old_size == 0 || old_size > new_size) {
        return fail(Code::bad_proof, "a tree of {} leads to no tree of {}", old_size, new_size);
    }
    if (old_size == new_size) {
        if (!path.empty()) return std::unexpected(wrong_path(path.size(), 0));
        return old_root;
    }
    const ConsistencyRoots roots = TRY(roots_from_consistency(old_size, new_size, path, old_root));
    if (roots.old_root != old_root) {
        return fail(Code::bad_proof, "the path from {} to {} leaves does not confirm the old root {}", old_size,
                    new_size, old_root.hex());
    }
    return roots.new_root;
}

Status verify_consistency(std::uint64_t old_size, std::uint64_t new_size, std::span<const Hash> path,
                          const Hash& old_root, const Hash& new_root) {
    if (old_size == 0) {
        if (!path.empty()) return std::unexpected(wrong_path(path.size(), 0));
        if (old_root != empty_root()) return fail(Code::bad_proof, "{} is no root of nothing", old_root.hex());
        if (new_size == 0 && new_root != old_root) {
            return fail(Code::bad_proof, "{} is no root of nothing", new_root.hex());
        }
        return {};
    }
    const Hash led_to = TRY(root_from_consistency(old_size, new_size, path, old_root));
    if (led_to != new_root) {
        return fail(Code::bad_proof, "the path from {} to {} leaves leads to {}, not to the new root {}", old_size,
                    new_size, led_to.hex(), new_root.hex());
    }
    return {};
}

Result<MerkleFrontier> MerkleFrontier::from(std::uint64_t size, std::vector<Hash> peaks) {
    if (peaks.size() != static_cast<std::size_t>(std::popcount(size))) {
        return fail(Code::corrupt, "a tree of {} leaves has {} peaks, not {}", size, std::popcount(size), peaks.size());
    }
    MerkleFrontier frontier;
    frontier.size_ = size;
    frontier.peaks_ = std::move(peaks);
    return frontier;
}

void MerkleFrontier::append(const Hash& leaf) {
    push_leaf(peaks_, size_, leaf, [](unsigned, std::uint64_t, const Hash&) {});
}

void MerkleFrontier::append(const Hash& leaf, const Completed& completed) { push_leaf(peaks_, size_, leaf, completed); }

Hash MerkleFrontier::root() const { return fold(peaks_); }

}  // namespace tally::crypto
