#pragma once
// The parts of something that runs: started in the order in which they are added, stopped in the reverse of it.
// Belongs to one thread.

#include <functional>
#include <utility>
#include <vector>

#include "crypto/error.h"

namespace tally::node {

class Lifecycle {
  public:
    using Start = std::function<Status()>;
    using Stop = std::function<void()>;

    // `stop` is called once, if `start` was called, even when that failed.
    void add(Start start, Stop stop) { parts_.push_back({std::move(start), std::move(stop)}); }
    // Of a part that runs from its construction on.
    void add_running(Stop stop) {
        add([] { return Status(); }, std::move(stop));
    }

    // The first failure ends it: the parts before stay as they are until `stop`.
    [[nodiscard]] Status start() {
        while (started_ < parts_.size()) TRY(parts_[started_++].start());
        return {};
    }
    void stop() {
        while (started_ > 0) parts_[--started_].stop();
        parts_.clear();
    }

  private:
    struct Part {
        Start start;
        Stop stop;
    };
    std::vector<Part> parts_;
    std::size_t started_ = 0;
};

}  // namespace tally::node
