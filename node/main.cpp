#include <sys/stat.h>

#include <array>

#include "bench/cluster/bench_commands.h"
#include "crypto/thread_name.h"
#include "node/cli/commands.h"

int main(int argc, char** argv) {
    tally::name_thread("tally");  // the kernel says "exe" when another tally started it
    ::umask(077);                 // keys, ledgers and snapshots are their owner's
    static constexpr std::array<tally::node::cli::AddCommand, 1> kMore{&tally::node::cli::add_bench};
    return tally::node::cli::run(argc, argv, kMore);
}
