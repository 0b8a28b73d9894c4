#pragma once
// A node as a background process of this machine: started from its folder in a session of its own, with its output in
// FOLDER/node.log and its number in FOLDER/node.pid. The number counts only while the process that has it is `node
// start` of this very folder, so a stale file harms nothing. One thread.

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>

#include "crypto/error.h"

namespace tally::node::cli {

struct ProcessUsage {
    double cpu_seconds = 0;
    double peak_mebibytes = 0;
    double resident_mebibytes = 0;    // now
    std::uint64_t written_bytes = 0;  // to the disk
};

class NodeProcess {
  public:
    explicit NodeProcess(std::filesystem::path folder);

    [[nodiscard]] std::optional<pid_t> pid() const;  // none: it does not run, and all that it held is free
    [[nodiscard]] bool paused() const;
    [[nodiscard]] bool exiting() const;  // killed, and not gone yet
    [[nodiscard]] std::filesystem::path log_file() const { return folder_ / "node.log"; }

    // Starts it with this program's own binary. already_exists when it runs.
    [[nodiscard]] Result<pid_t> start() const;
    // not_found when it does not run.
    [[nodiscard]] Status signal(int number) const;
    // Waits until it has ended; false when the patience has.
    [[nodiscard]] bool wait_for_end(std::chrono::milliseconds patience) const;
    [[nodiscard]] std::uintmax_t log_size() const;
    // The last line of its log after `from` bytes that tells of a fault, or else the last.
    [[nodiscard]] std::string last_words(std::uintmax_t from) const;

  private:
    std::filesystem::path folder_;  // absolute
};

[[nodiscard]] ProcessUsage usage_of(pid_t process);
// Whether a program could listen there now. unavailable when another does, bad_configuration when it is no address of
// this machine, unsupported when it is a name.
[[nodiscard]] Status probe_listen(const std::string& address, std::uint16_t port);

}  // namespace tally::node::cli
