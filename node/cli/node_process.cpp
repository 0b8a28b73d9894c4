#include "node/cli/node_process.h"
#include "node/cli/folder_name.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <sstream>
#include <thread>
#include <vector>

#include "node/addresses/host_port.h"
#include "storage/files.h"

extern char** environ;

namespace tally::node::cli {
namespace {

std::string text_of(const std::filesystem::path& file) {
    std::ifstream stream(file);
    return {std::istreambuf_iterator<char>(stream), {}};
}

// The fields of /proc/PID/stat from the state on: the name before them may hold anything.
std::vector<std::string> stat_of(pid_t process) {
    const auto text = text_of(fmt::format("/proc/{}/stat", process));
    const auto end = text.rfind(')');
    std::vector<std::string> fields;
    if (end == std::string::npos) return fields;
    std::istringstream rest(text.substr(end + 1));
    for (std::string word; rest >> word;) fields.push_back(std::move(word));
    return fields;
}

// A process that exits has lost its command line, and has its sockets and locks until its last thread is gone. What is
// left then waits for its parent, and has ended.
bool is_exiting(pid_t process) {
    constexpr std::size_t kFlags = 6;
    constexpr unsigned long kExiting = 0x4;  // PF_EXITING of Linux
    const auto stat = stat_of(process);
    if (stat.size() <= kFlags || (std::stoul(stat[kFlags]) & kExiting) == 0) return false;
    std::error_code gone;
    const std::filesystem::directory_iterator threads(fmt::format("/proc/{}/task", process), gone);
    return stat[0] != "Z" || (!gone && std::distance(begin(threads), end(threads)) > 1);
}

// Between its program and its command line: the parent may run before the kernel has written the latter.
bool is_starting(pid_t process) {
    std::error_code none;
    (void)std::filesystem::read_symlink(fmt::format("/proc/{}/exe", process), none);
    return !none;
}

}  // namespace

NodeProcess::NodeProcess(std::filesystem::path folder)
    : folder_(std::filesystem::weakly_canonical(std::filesystem::absolute(folder))) {}

std::optional<pid_t> NodeProcess::pid() const {
    std::istringstream file(storage::read_file(folder_ / "node.pid", 64).value_or(""));
    pid_t process = 0;
    if (!(file >> process) || process <= 1) return std::nullopt;
    // Ours when this program started it and it has ended: else it stays as a zombie.
    (void)::waitpid(process, nullptr, WNOHANG);
    const auto command = text_of(fmt::format("/proc/{}/cmdline", process));
    const auto expected = fmt::format("node{0}start{0}{1}{0}", '\0', folder_.string());
    const bool ours = command.empty() ? is_exiting(process) || is_starting(process) : command.ends_with(expected);
    return ours ? std::optional(process) : std::nullopt;
}

bool NodeProcess::paused() const {
    const auto process = pid();
    if (!process) return false;
    const auto stat = stat_of(*process);
    return !stat.empty() && stat[0] == "T";
}

bool NodeProcess::exiting() const {
    const auto process = pid();
    return process && is_exiting(*process);
}

Result<pid_t> NodeProcess::start() const {
    if (const auto running = pid())
        return fail(Code::already_exists, "{} runs already, as process {}", folder_.string(), *running);
    constexpr auto kThisProgram = "/proc/self/exe";  // also when the file was replaced meanwhile
    const auto folder = folder_.string();
    const auto log = log_file().string();
    const char* arguments[] = {"tally", "node", "start", folder.c_str(), nullptr};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
    posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
    pid_t process = 0;
    const int status =
        posix_spawn(&process, kThisProgram, &actions, &attributes, const_cast<char**>(arguments), environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    if (status != 0) return fail(Code::io_error, "{}: {}", folder, std::strerror(status));
    const auto written = storage::write_file(folder_ / "node.pid", as_bytes(fmt::format("{}\n", process)));
    if (!written) {  // nobody could stop it
        ::kill(process, SIGKILL);
        (void)::waitpid(process, nullptr, 0);
        return std::unexpected(written.error());
    }
    return process;
}

Status NodeProcess::signal(int number) const {
    const auto process = pid();
    if (!process) return fail(Code::not_found, "{} does not run", folder_name(folder_));
    if (::kill(*process, number) != 0)
        return fail(Code::permission_denied, "process {}: {}", *process, std::strerror(errno));
    return {};
}

bool NodeProcess::wait_for_end(std::chrono::milliseconds patience) const {
    const auto end = std::chrono::steady_clock::now() + patience;
    while (pid()) {
        if (std::chrono::steady_clock::now() > end) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return true;
}

std::uintmax_t NodeProcess::log_size() const {
    std::error_code none;
    const auto size = std::filesystem::file_size(log_file(), none);
    return none ? 0 : size;
}

std::string NodeProcess::last_words(std::uintmax_t from) const {
    std::ifstream log(log_file());
    log.seekg(static_cast<std::streamoff>(from));
    std::string last;
    std::string fault;
    for (std::string line; std::getline(log, line);) {
        if (line.empty()) continue;
        const bool is_fault = line.starts_with("tally:") || line.find("level=error") != std::string::npos ||
                              line.find("level=critical") != std::string::npos;
        if (is_fault) fault = line;
        last = std::move(line);
    }
    return fault.empty() ? last : fault;
}

ProcessUsage usage_of(pid_t process) {
    ProcessUsage usage;
    const auto stat = stat_of(process);
    constexpr std::size_t kUserTicks = 11;  // field 14 of proc(5); system follows
    if (stat.size() > kUserTicks + 1) {
        usage.cpu_seconds = (std::stod(stat[kUserTicks]) + std::stod(stat[kUserTicks + 1])) /
                            static_cast<double>(::sysconf(_SC_CLK_TCK));
    }
    std::istringstream status(text_of(fmt::format("/proc/{}/status", process)));
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with("VmHWM:")) usage.peak_mebibytes = std::stod(line.substr(6)) / 1024;
        if (line.starts_with("VmRSS:")) usage.resident_mebibytes = std::stod(line.substr(6)) / 1024;
    }
    std::istringstream io(text_of(fmt::format("/proc/{}/io", process)));
    for (std::string line; std::getline(io, line);) {
        if (line.starts_with("write_bytes:")) usage.written_bytes = std::stoull(line.substr(12));
    }
    return usage;
}

Status probe_listen(const std::string& address, std::uint16_t port) {
    sockaddr_storage where{};
    const bool six = is_ipv6(address);
    const auto host = address == kEveryAddress ? std::string("0.0.0.0") : address;
    if (six) {
        auto& in = reinterpret_cast<sockaddr_in6&>(where);
        in.sin6_family = AF_INET6;
        in.sin6_port = htons(port);
        ::inet_pton(AF_INET6, host.c_str(), &in.sin6_addr);
    } else {
        auto& in = reinterpret_cast<sockaddr_in&>(where);
        in.sin_family = AF_INET;
        in.sin_port = htons(port);
        if (::inet_pton(AF_INET, host.c_str(), &in.sin_addr) != 1)
            return fail(Code::unsupported, "{} is no IP address; its port is not tested", address);
    }
    const int socket = ::socket(where.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int one = 1;
    ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    const int status =
        ::bind(socket, reinterpret_cast<const sockaddr*>(&where), six ? sizeof(sockaddr_in6) : sizeof(sockaddr_in));
    const int reason = errno;
    ::close(socket);
    if (status == 0) return {};
    return fail(reason == EADDRINUSE ? Code::unavailable : Code::bad_configuration, "{}: {}",
                HostPort{address, port}.text(), std::strerror(reason));
}

}  // namespace tally::node::cli
