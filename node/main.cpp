#include <malloc.h>
#include <sys/stat.h>

#include <array>

#include "bench/cluster/bench_commands.h"
#include "crypto/thread_name.h"
#include "node/cli/commands.h"

namespace {

// glibc gives memory back to the kernel after each large answer and takes it again, a page fault for every 4 KiB, for
// the next: three quarters of the time of a query for 90 days of readings. It keeps up to 64 MiB now.
void keep_freed_memory() {
    ::mallopt(M_MMAP_THRESHOLD, 32 << 20);
    ::mallopt(M_TRIM_THRESHOLD, 64 << 20);
}

}  // namespace

int main(int argc, char** argv) {
    keep_freed_memory();
    tally::name_thread("tally");  // the kernel says "exe" when another tally started it
    ::umask(077);                 // keys, ledgers and snapshots are their owner's
    static constexpr std::array<tally::node::cli::AddCommand, 1> kMore{&tally::node::cli::add_bench};
    return tally::node::cli::run(argc, argv, kMore);
}
