// The strict archives. What is accepted must encode again to the same bytes, for every type that is stored or received.

#include "crypto/hash.h"
#include "storage/model/archive.h"
#include "storage/model/block.h"
#include "storage/model/transaction.h"
#include "tests/fuzz/expect.h"

using namespace tally;
using namespace tally::storage;

namespace {

template <class T>
void try_type(ByteView in) {
    const auto value = decode<T>(in, "the input");
    if (value) {
        TALLY_FUZZ_EXPECT(equal(encode(*value), in));
    } else {
        TALLY_FUZZ_EXPECT(value.error().code == Code::malformed && value.error().message.starts_with("the input: "));
    }
}

Block sample_block() {
    Block block;
    block.header.channel = "main";
    block.header.number = 7;
    block.batches = {{to_bytes("one"), to_bytes("two")}, {}, {to_bytes("three")}};
    block.metadata.codes = {ValidationCode::VALID, ValidationCode::MVCC_READ_CONFLICT,
                            ValidationCode::PROPOSAL_EXPIRED};
    block.metadata.checkpoint.signatures = {{"Org", to_bytes("certificate"), to_bytes("header"), Bytes(64, 1)}};
    return block;
}

Simulation sample_simulation() {
    Simulation simulation{crypto::sha256(as_bytes("id")), "data", 1, "publish", "{}", {{"published", "{}"}}, {}};
    simulation.read_write_set.reads = {{{"data", "a"}, Version{1, 2}}, {{"data", "b"}, std::nullopt}};
    simulation.read_write_set.range_reads = {{"data", "a", "z", {}}};
    simulation.read_write_set.writes = {{{"data", "a"}, to_bytes("x")}, {{"data", "b"}, std::nullopt}};
    simulation.read_write_set.increments = {{{"data", "n"}, -1, 0}};
    return simulation;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView in(data, size);
    try_type<Block>(in);
    try_type<BlockHeader>(in);
    try_type<Checkpoint>(in);
    try_type<Transaction>(in);
    try_type<Simulation>(in);
    return 0;
}

extern "C" void tally_fuzz_seeds(void (*add)(const std::uint8_t*, std::size_t)) {
    const Transaction transaction{
        Transaction::Kind::contract, to_bytes("proposal"), encode(sample_simulation()), {{Bytes(9, 3), Bytes(64, 4)}}};
    for (const Bytes& seed :
         {encode(sample_block()), encode(sample_block().header), encode(sample_block().metadata.checkpoint),
          encode(transaction), encode(sample_simulation())}) {
        add(seed.data(), seed.size());
    }
}
