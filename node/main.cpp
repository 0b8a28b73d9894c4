#include <sys/stat.h>

#include "crypto/thread_name.h"
#include "node/cli/command.h"

int main(int argc, char** argv) {
    tally::name_thread("tally");  // the kernel says "exe" when another tally started it
    ::umask(077);                 // keys, ledgers and snapshots are their owner's
    return tally::node::cli::run(argc, argv);
}
