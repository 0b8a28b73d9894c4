// Proofs in the trees whose perfect subtrees are stored (the second half of merkle.h).

#include <bit>

#include "crypto/merkle.h"

namespace tally::crypto {
namespace {

// The root over the leaves [begin, begin + size), where begin is a multiple of a power of two that is at least size.
Result<Hash> range_root(std::uint64_t begin, std::uint64_t size, const NodeReader& read) {
    std::vector<Hash> peaks;
    while (size != 0) {
        const auto level = static_cast<unsigned>(std::bit_width(size) - 1);
        peaks.push_back(TRY(read(level, begin >> level)));
        begin += std::uint64_t{1} << level;
        size -= std::uint64_t{1} << level;
    }
    Hash root = peaks.back();
    for (std::size_t i = peaks.size() - 1; i-- > 0;) root = node_hash(peaks[i], root);
    return root;
}

}  // namespace

Result<std::vector<Hash>> inclusion_path(std::uint64_t index, std::uint64_t size, const NodeReader& read) {
    if (index >= size) return fail(Code::invalid_argument, "leaf {} is outside a tree of {}", index, size);
    std::vector<Hash> path;
    for (std::uint64_t begin = 0; size > 1;) {
        const std::uint64_t left = std::bit_floor(size - 1);
        if (index - begin < left) {
            path.push_back(TRY(range_root(begin + left, size - left, read)));
            size = left;
        } else {
            path.push_back(TRY(range_root(begin, left, read)));
            begin += left;
            size -= left;
        }
    }
    return std::vector<Hash>(path.rbegin(), path.rend());
}

// Section 2.1.4.1, walked from the root downwards.
Result<std::vector<Hash>> consistency_path(std::uint64_t old_size, std::uint64_t new_size, const NodeReader& read) {
    if (old_size > new_size)
        return fail(Code::invalid_argument, "{} leaves are no beginning of {}", old_size, new_size);
    std::vector<Hash> path;
    if (old_size == 0 || old_size == new_size) return path;
    std::uint64_t begin = 0;
    std::uint64_t old_rest = old_size;
    std::uint64_t size = new_size;
    while (old_rest != size) {
        const std::uint64_t left = std::bit_floor(size - 1);
        if (old_rest <= left) {
            path.push_back(TRY(range_root(begin + left, size - left, read)));
            size = left;
        } else {
            path.push_back(TRY(range_root(begin, left, read)));
            begin += left;
            old_rest -= left;
            size -= left;
        }
    }
    // The verifier knows the old root already, so it is left out where the old tree is a subtree of its own.
    if (begin != 0) path.push_back(TRY(range_root(begin, size, read)));
    return std::vector<Hash>(path.rbegin(), path.rend());
}

}  // namespace tally::crypto
