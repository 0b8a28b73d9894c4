#include "chaincode/host/clock.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

namespace tally::chaincode::host {
namespace {

// Ends with SIGSEGV where the counter is hidden. Nothing but system calls, as it comes from a process with threads.
[[noreturn]] void read_the_counter() {
#if defined(__x86_64__)
    const rlimit no_core{0, 0};
    ::setrlimit(RLIMIT_CORE, &no_core);
    ::signal(SIGSEGV, SIG_DFL);
    ::prctl(PR_SET_TSC, PR_TSC_SIGSEGV, 0, 0, 0);
    (void)__builtin_ia32_rdtsc();
#endif
    ::_exit(0);
}

bool find_out() {
    const auto child = ::fork();
    if (child < 0) return false;
    if (child == 0) read_the_counter();
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV;
}

}  // namespace

bool can_hide_the_clock() {
    static const bool known = find_out();
    return known;
}

}  // namespace tally::chaincode::host
