#include "crypto/merkle.h"

#include <map>

#include "tests/unit/crypto/unhex.h"

namespace tally::crypto {
namespace {

// RFC 9162 section 2.1, word for word and as slow as it reads.
using Leaves = std::span<const Hash>;

std::size_t split(std::size_t n) {
    std::size_t k = 1;
    while (k * 2 < n) k *= 2;
    return k;
}

Hash reference_root(Leaves d) {
    if (d.empty()) return sha256(ByteView{});
    if (d.size() == 1) return d[0];
    const std::size_t k = split(d.size());
    const Bytes one = {1};
    return sha256({one, reference_root(d.first(k)).view(), reference_root(d.subspan(k)).view()});
}

std::vector<Hash> joined(std::vector<Hash> path, const Hash& last) {
    path.push_back(last);
    return path;
}

std::vector<Hash> reference_path(std::size_t m, Leaves d) {
    if (d.size() == 1) return {};
    const std::size_t k = split(d.size());
    if (m < k) return joined(reference_path(m, d.first(k)), reference_root(d.subspan(k)));
    return joined(reference_path(m - k, d.subspan(k)), reference_root(d.first(k)));
}

std::vector<Hash> reference_subproof(std::size_t m, Leaves d, bool known) {
    if (m == d.size()) return known ? std::vector<Hash>{} : std::vector<Hash>{reference_root(d)};
    const std::size_t k = split(d.size());
    if (m <= k) return joined(reference_subproof(m, d.first(k), known), reference_root(d.subspan(k)));
    return joined(reference_subproof(m - k, d.subspan(k), false), reference_root(d.first(k)));
}

std::vector<Hash> some_leaves(std::size_t count) {
    std::vector<Hash> leaves;
    for (std::size_t i = 0; i < count; ++i) leaves.push_back(leaf_hash(as_bytes(std::to_string(i))));
    return leaves;
}

// A store of perfect subtrees that refuses to give what a tree of `limit` leaves does not contain.
struct Store {
    std::map<std::pair<unsigned, std::uint64_t>, Hash> nodes;
    MerkleFrontier frontier;

    void append(const Hash& leaf) {
        frontier.append(leaf, [this](unsigned level, std::uint64_t index, const Hash& hash) {
            EXPECT_TRUE(nodes.emplace(std::pair(level, index), hash).second) << level << ' ' << index;
        });
    }
    NodeReader up_to(std::uint64_t limit) const {
        return [this, limit](unsigned level, std::uint64_t index) -> Result<Hash> {
            if (((index + 1) << level) > limit) return fail(Code::not_found, "not complete at {}", limit);
            const auto found = nodes.find({level, index});
            if (found == nodes.end()) return fail(Code::not_found, "never reported");
            return found->second;
        };
    }
};

constexpr std::size_t kSizes = 131;

// The entries and roots of the Certificate Transparency reference implementation's tests.
TEST(Merkle, GivesTheRootsOfTheReferenceTree) {
    const char* entries[] = {
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"};
    const char* roots[] = {"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                           "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                           "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                           "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
                           "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                           "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
                           "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
                           "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
                           "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
    std::vector<Hash> leaves;
    for (std::size_t size = 0; size <= 8; ++size) {
        EXPECT_EQ(merkle_root(leaves).hex(), roots[size]) << size;
        if (size < 8) leaves.push_back(leaf_hash(unhex(entries[size])));
    }
    // Its published path of the first leaf of eight, and consistency from six to eight.
    const std::vector<Hash> path = {unhex_hash("96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"),
                                    unhex_hash("5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"),
                                    unhex_hash("6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4")};
    EXPECT_EQ(inclusion_paths(leaves)[0], path);
    const std::vector<Hash> consistency = {
        unhex_hash("0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"),
        unhex_hash("ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"),
        unhex_hash("d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7")};
    EXPECT_TRUE(verify_consistency(6, 8, consistency, unhex_hash(roots[6]), unhex_hash(roots[8])));
}

TEST(Merkle, AgreesWithTheRfcsDefinitionForEverySize) {
    Store store;
    for (std::size_t size = 0; size <= kSizes; ++size) {
        const std::vector<Hash> leaves = some_leaves(size);
        const Hash root = reference_root(leaves);
        ASSERT_EQ(merkle_root(leaves), root) << size;
        ASSERT_EQ(store.frontier.root(), root) << size;
        ASSERT_EQ(store.frontier.size(), size);
        const auto paths = inclusion_paths(leaves);
        for (std::size_t i = 0; i < size; ++i) {
            const std::vector<Hash> path = reference_path(i, leaves);
            ASSERT_EQ(paths[i], path) << i << " of " << size;
            ASSERT_EQ(inclusion_path(i, size, store.up_to(size)), path) << i << " of " << size;
            ASSERT_EQ(root_from_inclusion(leaves[i], i, size, path), root) << i << " of " << size;
        }
        for (std::size_t old = 1; old <= size; ++old) {
            const std::vector<Hash> path = reference_subproof(old, leaves, true);
            ASSERT_EQ(consistency_path(old, size, store.up_to(size)), path) << old << " to " << size;
            ASSERT_TRUE(verify_consistency(old, size, path, reference_root(std::span(leaves).first(old)), root))
                << old << " to " << size;
        }
        store.append(leaf_hash(as_bytes(std::to_string(size))));
    }
}

TEST(Merkle, EveryFlippedByteOfAnInclusionProofIsNoticed) {
    for (const std::size_t size : {1u, 2u, 5u, 8u, 13u, 64u, 100u}) {
        const std::vector<Hash> leaves = some_leaves(size);
        const Hash root = merkle_root(leaves);
        const auto paths = inclusion_paths(leaves);
        for (std::size_t i = 0; i < size; ++i) {
            std::vector<Hash> path = paths[i];
            for (Hash& hash : path) {
                for (std::uint8_t& byte : hash.bytes) {
                    byte ^= 1;
                    ASSERT_NE(root_from_inclusion(leaves[i], i, size, path), root);
                    byte ^= 1;
                }
            }
            for (std::size_t other = 0; other < size; ++other) {
                if (other == i) continue;
                ASSERT_NE(root_from_inclusion(leaves[i], other, size, path), root) << i << " as " << other;
                ASSERT_NE(root_from_inclusion(leaves[other], i, size, path), root);
            }
            path.push_back(root);
            ASSERT_EQ(code_of(root_from_inclusion(leaves[i], i, size, path)), Code::bad_proof) << "longer";
            path.pop_back();
            if (path.empty()) continue;
            path.pop_back();
            ASSERT_EQ(code_of(root_from_inclusion(leaves[i], i, size, path)), Code::bad_proof) << "shorter";
        }
    }
}

TEST(Merkle, EveryFlippedByteOfAConsistencyProofIsNoticed) {
    for (const std::size_t size : {2u, 5u, 8u, 13u, 33u}) {
        const std::vector<Hash> leaves = some_leaves(size);
        const Hash root = merkle_root(leaves);
        for (std::size_t old = 1; old < size; ++old) {
            const Hash old_root = merkle_root(std::span(leaves).first(old));
            std::vector<Hash> path = reference_subproof(old, leaves, true);
            for (Hash& hash : path) {
                for (std::uint8_t& byte : hash.bytes) {
                    byte ^= 0x80;
                    ASSERT_EQ(code_of(verify_consistency(old, size, path, old_root, root)), Code::bad_proof);
                    byte ^= 0x80;
                }
            }
            ASSERT_EQ(code_of(verify_consistency(old, size, path, root, root)), Code::bad_proof);
            ASSERT_EQ(code_of(verify_consistency(old, size, path, old_root, old_root)), Code::bad_proof);
            ASSERT_EQ(root_from_consistency(old, size, path, old_root), root);
            std::vector<Hash> longer = joined(path, root);
            ASSERT_EQ(code_of(verify_consistency(old, size, longer, old_root, root)), Code::bad_proof);
            path.pop_back();
            ASSERT_EQ(code_of(verify_consistency(old, size, path, old_root, root)), Code::bad_proof);
        }
    }
}

TEST(Merkle, ProofsAboutImpossibleTreesAreRefused) {
    const Hash leaf = leaf_hash(as_bytes("a"));
    const std::vector<Hash> endless(100, leaf);
    constexpr auto kMost = ~std::uint64_t{0};
    EXPECT_EQ(code_of(root_from_inclusion(leaf, 0, 0, {})), Code::bad_proof);
    EXPECT_EQ(code_of(root_from_inclusion(leaf, 1, 1, {})), Code::bad_proof);
    EXPECT_EQ(code_of(root_from_inclusion(leaf, 5, kMost, endless)), Code::bad_proof);
    EXPECT_EQ(code_of(root_from_inclusion(leaf, kMost - 1, kMost, endless)), Code::bad_proof);
    EXPECT_EQ(code_of(verify_consistency(2, 1, {}, leaf, leaf)), Code::bad_proof);
    EXPECT_EQ(code_of(verify_consistency(3, kMost, endless, leaf, leaf)), Code::bad_proof);
    EXPECT_EQ(code_of(verify_consistency(kMost - 1, kMost, endless, leaf, leaf)), Code::bad_proof);
    EXPECT_EQ(code_of(verify_consistency(3, 5, {}, leaf, leaf)), Code::bad_proof);
    EXPECT_EQ(code_of(inclusion_path(3, 3, NodeReader{})), Code::invalid_argument);
    EXPECT_EQ(code_of(consistency_path(4, 3, NodeReader{})), Code::invalid_argument);
}

TEST(Merkle, EveryTreeContinuesTheEmptyOneAndItself) {
    const Hash root = leaf_hash(as_bytes("a"));
    const std::vector<Hash> path = {root};
    EXPECT_TRUE(verify_consistency(0, 0, {}, empty_root(), empty_root()));
    EXPECT_TRUE(verify_consistency(0, 1, {}, empty_root(), root));
    EXPECT_FALSE(verify_consistency(0, 1, {}, root, root));
    EXPECT_FALSE(verify_consistency(0, 0, {}, empty_root(), root));
    EXPECT_FALSE(verify_consistency(0, 1, path, empty_root(), root));
    EXPECT_TRUE(verify_consistency(1, 1, {}, root, root));
    EXPECT_FALSE(verify_consistency(1, 1, path, root, root));
}

TEST(MerkleFrontier, GoesOnFromItsPeaks) {
    MerkleFrontier whole;
    for (std::size_t size = 0; size < 40; ++size) {
        const auto peaks = whole.peaks();
        Result<MerkleFrontier> resumed = MerkleFrontier::from(size, {peaks.begin(), peaks.end()});
        ASSERT_TRUE(resumed);
        const Hash leaf = leaf_hash(as_bytes(std::to_string(size)));
        resumed->append(leaf);
        whole.append(leaf);
        ASSERT_EQ(resumed->root(), whole.root());
        ASSERT_EQ(code_of(MerkleFrontier::from(size, std::vector<Hash>(peaks.size() + 1))), Code::corrupt);
    }
}

TEST(Merkle, AStoresErrorIsPassedOn) {
    const NodeReader broken = [](unsigned, std::uint64_t) -> Result<Hash> { return fail(Code::io_error, "no disk"); };
    EXPECT_EQ(code_of(inclusion_path(1, 5, broken)), Code::io_error);
    EXPECT_EQ(code_of(consistency_path(3, 5, broken)), Code::io_error);
}

}  // namespace
}  // namespace tally::crypto
