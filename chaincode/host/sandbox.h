#pragma once
// Starts a contract's program in a process without files, network, clock, threads or children.
//
// The program is linked statically and comes as bytes. It runs under a seccomp filter that was set before it began:
// system calls beside those of memory, of its one socket and of its end kill the process. Limits bound its memory and
// its time on the CPU. It inherits no descriptor but the socket (messages.h) and no environment.

#include <sys/types.h>

#include <cstdint>

#include "crypto/bytes.h"
#include "crypto/error.h"

namespace tally::chaincode::host {

struct SandboxLimits {
    std::uint64_t memory_bytes = 512U << 20;
    std::uint64_t cpu_seconds = 600;  // of the process's whole life; a new one is started then
};

struct Started {
    pid_t process = -1;
    int socket = -1;  // the node's end of the connection; the caller owns it and closes it
};

// unavailable where the system has no such sandbox, or the program cannot be started. Whether it runs is known when its
// first message comes. Any thread.
[[nodiscard]] Result<Started> start_in_sandbox(ByteView program, const SandboxLimits& limits);

// Ends it, if it has not ended, and says how it ended: "ended by the signal SIGSEGV".
[[nodiscard]] std::string end_process(pid_t process);

}  // namespace tally::chaincode::host
