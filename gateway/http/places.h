#pragma once
// The limit on connections: who has how many, and which one is cut for a new one. Internal to the HTTP server.
//
// A connection is a stranger's until a request on it has named a member; from then on it is that organization's. An
// organization gets one more place while it holds fewer places than are free; so do all strangers together. So one
// alone holds at most half of the places, two a third each, and there is always a place for the next one.
// A newcomer is a stranger. Where strangers or their address may have no more, the oldest stranger of the address with
// most of them is cut. Only where there is none to cut, the newcomer is refused. So strangers delay each other,
// and members get in.
//
// Any thread may call. A place belongs to one connection, which leaves it when it ends, cut or not.

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

namespace tally::gateway {

class Connection;
struct Loop;

// One connection's place.
class Place {
  public:
    explicit Place(Loop& of) : loop(of) {}

    Loop& loop;                            // that the connection runs on
    std::weak_ptr<Connection> connection;  // for the loop's thread alone

  private:
    friend class Places;
    struct OfAddress {
        unsigned all = 0;
        unsigned strangers = 0;
    };
    using Address = std::pair<const std::string, OfAddress>;

    Address* address_ = nullptr;                            // none: the connection is cut
    std::string organization_;                              // empty: a stranger's
    std::list<std::shared_ptr<Place>>::iterator stranger_;  // where it stands among them
};

class Places {
  public:
    Places(unsigned most, unsigned most_per_address) : most_(most), most_each_(most_per_address) {}

    // The newcomer's place, or none; and the one whose connection must be cut for it.
    struct Entered {
        std::shared_ptr<Place> place;
        std::shared_ptr<Place> cut;
    };
    [[nodiscard]] Entered enter(const std::string& address, Loop& loop);
    // The connection is this organization's from now on. False, and nothing changes, when that may have no more.
    [[nodiscard]] bool belongs_to(Place& place, const std::string& organization);
    void leave(Place& place);

    [[nodiscard]] std::size_t total() const;    // connections that have not ended, with those that were cut
    [[nodiscard]] std::size_t leaving() const;  // of these, those that were cut
    // Until there are none, at most this long; true when there are none.
    bool wait_for_none(std::chrono::milliseconds at_most);

  private:
    // Under the mutex.
    [[nodiscard]] std::shared_ptr<Place> give_way(const Place::Address* address);
    void give_back(Place& place);
    void let_go(Place& place);  // by who has it: the strangers, or an organization

    const unsigned most_, most_each_;
    mutable std::mutex mutex_;
    std::condition_variable none_;
    std::size_t held_ = 0;
    std::size_t leaving_ = 0;
    std::list<std::shared_ptr<Place>> strangers_;  // the oldest first
    std::unordered_map<std::string, Place::OfAddress> addresses_;
    std::unordered_map<std::string, unsigned> organizations_;
};

}  // namespace tally::gateway
