#include "node/threads/fair_tasks.h"

#include <deque>
#include <map>
#include <mutex>

namespace tally::node {

struct FairTasks::State {
    struct Task {
        std::uint64_t bytes = 0;
        std::function<void()> run;
    };
    struct Party {
        Share taken;  // waiting and running
        std::deque<Task> waiting;
    };
    std::mutex mutex;
    std::map<std::string, Party> parties;
    std::deque<std::string> turns;  // each party that has something waiting, once

    // Under the mutex.
    void give_back(const std::string& name, std::uint64_t bytes) {
        const auto party = parties.find(name);
        party->second.taken.bytes -= bytes;
        if (--party->second.taken.count == 0) parties.erase(party);
    }

    // The next party's first task. There is one for each call: a call is posted with each task.
    void run_one() {
        std::unique_lock lock(mutex);
        const auto name = std::move(turns.front());
        turns.pop_front();
        auto& waiting = parties[name].waiting;
        auto task = std::move(waiting.front());
        waiting.pop_front();
        if (!waiting.empty()) turns.push_back(name);
        lock.unlock();
        task.run();
        task.run = nullptr;  // what it holds goes before its share is given back
        lock.lock();
        give_back(name, task.bytes);
    }
};

FairTasks::FairTasks(WorkerPool& pool, Share most) : pool_(pool), most_(most), state_(std::make_shared<State>()) {}

Status FairTasks::post(const std::string& party, std::uint64_t bytes, std::function<void()> task) {
    // The pool's threads take the same mutex, so the task is there when they look.
    const std::lock_guard lock(state_->mutex);
    auto& of_party = state_->parties[party];
    const bool fits = of_party.taken.count < most_.count && of_party.taken.bytes + bytes <= most_.bytes;
    if (of_party.taken.count > 0 && !fits) {
        return fail(Code::busy, "{} tasks of {} bytes of {} are waiting; try again", of_party.taken.count,
                    of_party.taken.bytes, party);
    }
    if (!pool_.post([state = state_] { state->run_one(); })) {
        if (of_party.taken.count == 0) state_->parties.erase(party);
        return fail(Code::busy, "too much is waiting; try again");
    }
    ++of_party.taken.count;
    of_party.taken.bytes += bytes;
    if (of_party.waiting.empty()) state_->turns.push_back(party);
    of_party.waiting.push_back({bytes, std::move(task)});
    return {};
}

}  // namespace tally::node
