#include "chaincode/host/sandbox.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <memory>
#include <vector>

#include "chaincode/host/messages.h"

namespace tally::chaincode::host {
namespace {

constexpr int kProgram = 9;  // the descriptor that is executed, once

class Descriptor {
  public:
    explicit Descriptor(int fd) : fd_(fd) {}
    ~Descriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    [[nodiscard]] int get() const { return fd_; }
    int release() { return std::exchange(fd_, -1); }

  private:
    int fd_;
};

std::unexpected<Error> no_sandbox(std::string_view what) {
    return fail(Code::unavailable, "a contract's process cannot be started: {}: {}", what, std::strerror(errno));
}

// What a statically linked program needs to begin, to use memory, to speak with the node and to end. Its start asks for
// a few things that it can do without; those get an error instead of the end.
Status allow(scmp_filter_ctx filter) {
    const auto add = [&](std::uint32_t action, int call, auto... conditions) -> Status {
        if (const int error = ::seccomp_rule_add(filter, action, call, sizeof...(conditions), conditions...); error < 0)
            return fail(Code::unavailable, "seccomp_rule_add: {}", std::strerror(-error));
        return {};
    };
    for (const int call : {SCMP_SYS(brk), SCMP_SYS(mmap), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(mprotect),
                           SCMP_SYS(madvise), SCMP_SYS(futex), SCMP_SYS(exit), SCMP_SYS(exit_group),
                           SCMP_SYS(arch_prctl), SCMP_SYS(set_tid_address), SCMP_SYS(set_robust_list), SCMP_SYS(rseq),
                           SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn), SCMP_SYS(getpid), SCMP_SYS(gettid)})
        TRY(add(SCMP_ACT_ALLOW, call));
    for (const int call : {SCMP_SYS(read), SCMP_SYS(write)})
        TRY(add(SCMP_ACT_ALLOW, call, SCMP_A0(SCMP_CMP_EQ, kProcessSocket)));
    TRY(add(SCMP_ACT_ALLOW, SCMP_SYS(execveat), SCMP_A0(SCMP_CMP_EQ, kProgram)));
    TRY(add(SCMP_ACT_ALLOW, SCMP_SYS(prctl), SCMP_A0(SCMP_CMP_EQ, PR_SET_TSC)));
    for (const int call :
         {SCMP_SYS(getrandom), SCMP_SYS(readlink), SCMP_SYS(readlinkat), SCMP_SYS(prlimit64), SCMP_SYS(clock_gettime),
          SCMP_SYS(newfstatat), SCMP_SYS(fstat), SCMP_SYS(poll), SCMP_SYS(rt_sigaction), SCMP_SYS(sched_yield)})
        TRY(add(SCMP_ACT_ERRNO(EPERM), call));
    // Messages to stderr go nowhere.
    TRY(add(SCMP_ACT_ERRNO(EBADF), SCMP_SYS(write), SCMP_A0(SCMP_CMP_EQ, 2)));
    TRY(add(SCMP_ACT_ERRNO(EBADF), SCMP_SYS(writev)));
    return {};
}

// The filter's instructions, made once: a child between fork and exec may not allocate.
Result<std::vector<sock_filter>> make_filter() {
    const std::unique_ptr<void, void (*)(void*)> filter(::seccomp_init(SCMP_ACT_KILL_PROCESS), &::seccomp_release);
    if (!filter) return fail(Code::unavailable, "seccomp_init failed");
    TRY(allow(filter.get()));
    const Descriptor file(::memfd_create("tally-filter", MFD_CLOEXEC));
    if (file.get() < 0) return no_sandbox("memfd_create");
    if (const int error = ::seccomp_export_bpf(filter.get(), file.get()); error < 0)
        return fail(Code::unavailable, "seccomp_export_bpf: {}", std::strerror(-error));
    const auto size = ::lseek(file.get(), 0, SEEK_END);
    std::vector<sock_filter> program(static_cast<std::size_t>(size) / sizeof(sock_filter));
    if (::pread(file.get(), program.data(), static_cast<std::size_t>(size), 0) != size) return no_sandbox("pread");
    return program;
}

Result<int> in_memory(ByteView program) {
    Descriptor file(::memfd_create("tally-contract", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (file.get() < 0) return no_sandbox("memfd_create");
    for (std::size_t done = 0; done < program.size();) {
        const auto put = ::write(file.get(), program.data() + done, program.size() - done);
        if (put < 0 && errno != EINTR) return no_sandbox("write");
        if (put > 0) done += static_cast<std::size_t>(put);
    }
    if (::fcntl(file.get(), F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0)
        return no_sandbox("F_ADD_SEALS");
    return file.release();
}

void limit(__rlimit_resource_t what, std::uint64_t most) {
    const rlimit both{most, most};
    ::setrlimit(what, &both);
}

// In the child: nothing but system calls. The exit status says where it stopped.
[[noreturn]] void become(int socket, int program, const SandboxLimits& limits, const sock_fprog& filter) {
    if (::dup2(socket, 64) < 0 || ::dup2(program, 65) < 0) ::_exit(120);
    if (::dup2(64, kProcessSocket) < 0 || ::dup3(65, kProgram, O_CLOEXEC) < 0) ::_exit(121);
    if (::syscall(SYS_close_range, 0, kProcessSocket - 1, 0) < 0 ||
        ::syscall(SYS_close_range, kProcessSocket + 1, kProgram - 1, 0) < 0 ||
        ::syscall(SYS_close_range, kProgram + 1, ~0U, 0) < 0)
        ::_exit(122);
    limit(RLIMIT_AS, limits.memory_bytes);
    limit(RLIMIT_CPU, limits.cpu_seconds);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_FSIZE, 0);
    limit(RLIMIT_STACK, 8U << 20);
    ::signal(SIGPIPE, SIG_DFL);
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) ::_exit(123);
    if (::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter) < 0) ::_exit(124);
    static char name[] = "tally-contract";
    static char* arguments[] = {name, nullptr};
    static char* environment[] = {nullptr};
    ::syscall(SYS_execveat, kProgram, "", arguments, environment, AT_EMPTY_PATH);
    ::_exit(125);
}

}  // namespace

Result<Started> start_in_sandbox(ByteView program, const SandboxLimits& limits) {
    static const auto filter = make_filter();
    if (!filter) return std::unexpected(filter.error());
    const Descriptor file(TRY(in_memory(program)));
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) return no_sandbox("socketpair");
    Descriptor ours(ends[0]);
    const Descriptor theirs(ends[1]);
    const sock_fprog loaded{static_cast<unsigned short>(filter->size()), const_cast<sock_filter*>(filter->data())};
    const auto process = ::fork();
    if (process < 0) return no_sandbox("fork");
    if (process == 0) become(theirs.get(), file.get(), limits, loaded);
    return Started{process, ours.release()};
}

std::string end_process(pid_t process) {
    int status = 0;
    // One that has ended by itself says why; any other is killed.
    if (::waitpid(process, &status, WNOHANG) != process) {
        ::kill(process, SIGKILL);
        ::waitpid(process, &status, 0);
        if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) return "was stopped";
    }
    if (WIFEXITED(status)) return fmt::format("ended with status {}", WEXITSTATUS(status));
    const int signal = WTERMSIG(status);
    if (signal == SIGSYS) return "ended itself by abort, or at a system call that is not allowed (SIGSYS)";
    if (signal == SIGXCPU) return "used up its time on the CPU (SIGXCPU)";
    return fmt::format("ended by the signal SIG{}", ::sigabbrev_np(signal));
}

}  // namespace tally::chaincode::host
