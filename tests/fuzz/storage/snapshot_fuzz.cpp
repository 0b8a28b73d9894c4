// A snapshot's file. What is read has ascending keys and is counted; what is not is refused with a sentence. Every
// input is read as it is, and once more with the checksums that its parts should have.

#include <sstream>

#include "storage/model/archive.h"
#include "storage/snapshot_file.h"
#include "tests/fuzz/expect.h"
#include "tests/unit/storage/snapshot_bytes.h"

using namespace tally;
using namespace tally::storage;

namespace {

void try_file(ByteView file) {
    KeepingVisitor seen;
    const auto status = read_bytes(file, seen);
    for (std::size_t i = 1; i < seen.entries.size(); ++i) {
        TALLY_FUZZ_EXPECT(seen.entries[i - 1].key < seen.entries[i].key);
    }
    if (!status) {
        TALLY_FUZZ_EXPECT(status.error().code == Code::malformed && status.error().message.starts_with("it"));
        return;
    }
    TALLY_FUZZ_EXPECT(seen.heads.size() == 1 && seen.ends.size() == 1 && !seen.blocks.empty() && !seen.leaves.empty());
    TALLY_FUZZ_EXPECT(seen.ends[0].entries == seen.entries.size() && seen.ends[0].leaves == seen.leaves.size());
    std::vector<Bytes> again{chunk_of(1, encode(seen.heads[0]))};
    for (const auto& block : seen.blocks) again.push_back(chunk_of(2, encode(block)));
    for (const auto& entry : seen.entries) again.push_back(chunk_of(3, encode(entry)));
    for (const auto& leaf : seen.leaves) again.push_back(chunk_of(4, encode(leaf)));
    again.push_back(chunk_of(5, encode(seen.ends[0])));
    KeepingVisitor same;
    TALLY_FUZZ_EXPECT(read_bytes(snapshot_of(again), same).has_value());
    TALLY_FUZZ_EXPECT(same.entries == seen.entries && same.leaves == seen.leaves);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    try_file({data, size});
    try_file(with_checksums(Bytes(data, data + size)));
    return 0;
}

extern "C" void tally_fuzz_seeds(void (*add)(const std::uint8_t*, std::size_t)) {
    Block genesis;
    genesis.header.channel = "main";
    genesis.batches = {{to_bytes("configuration")}};
    SnapshotHead head{genesis.header.hash(), genesis.header};
    head.tip.number = 2;
    BlockMetadata tip;
    tip.codes = {ValidationCode::VALID, ValidationCode::DUPLICATE_TXID};
    tip.checkpoint.signatures = {{"Org", to_bytes("certificate"), to_bytes("header"), Bytes(64, 1)}};
    Bytes entries, leaves;
    for (const char* key : {"a", "b", "c"}) append(entries, encode(StateEntry{{"data", key}, {1, 2}, to_bytes("x")}));
    for (std::uint64_t i = 0; i < 3; ++i) append(leaves, encode(LogLeaf{{}, ValidationCode::VALID, {}, i}));
    const auto whole = snapshot_of({chunk_of(1, encode(head)), chunk_of(2, encode(genesis)), chunk_of(3, entries),
                                    chunk_of(4, leaves), chunk_of(5, encode(SnapshotEnd{1, 3, 3, tip}))});
    const auto small = snapshot_of({chunk_of(1, encode(head)), chunk_of(2, encode(genesis)), chunk_of(4, leaves),
                                    chunk_of(5, encode(SnapshotEnd{1, 0, 3, {}}))});
    add(whole.data(), whole.size());
    add(small.data(), small.size());
}
