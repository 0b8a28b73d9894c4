#pragma once
// The places for connections: who has one, and who makes way for another. Internal to the HTTP server.
//
// A connection is a stranger's until a request on it has named a member. Strangers hold at most half of the places, and
// so do the connections of one organization. Where the places, those of strangers or those of one address are taken, a
// newcomer has the place of a stranger: the oldest one of the address that has most of them. Only where no stranger is
// left to make way, the newcomer is refused. So strangers delay each other, and members get in.
//
// Any thread may call. A place belongs to one connection and is given back once, by `leave` or by `enter`.

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
    std::pair<const std::string, OfAddress>* address_ = nullptr;  // none: the place is given back
    std::string organization_;                                    // empty: a stranger's
    std::list<std::shared_ptr<Place>>::iterator stranger_;        // where it stands among them
};

class Places {
  public:
    Places(unsigned most, unsigned most_per_address) : most_(most), most_each_(most_per_address) {}

    // The newcomer's place, or none; and the connection that has lost its place to it and must be cut.
    struct Entered {
        std::shared_ptr<Place> place;
        std::shared_ptr<Place> cut;
    };
    [[nodiscard]] Entered enter(const std::string& address, Loop& loop);
    // The connection is a member's from now on. False, and it stays a stranger's, when the organization has its half.
    [[nodiscard]] bool belongs_to(Place& place, const std::string& organization);
    void leave(Place& place);

    [[nodiscard]] std::size_t total() const;
    // Until there are none, at most this long; true when there are none.
    bool wait_for_none(std::chrono::milliseconds at_most);

  private:
    using Strangers = std::list<std::shared_ptr<Place>>;
    // Under the mutex.
    [[nodiscard]] std::shared_ptr<Place> give_way(const std::pair<const std::string, Place::OfAddress>* address);
    void give_back(Place& place);
    [[nodiscard]] unsigned half() const { return most_ > 1 ? most_ / 2 : 1; }

    const unsigned most_, most_each_;
    mutable std::mutex mutex_;
    std::condition_variable none_;
    std::size_t total_ = 0;
    Strangers strangers_;  // the oldest first
    std::unordered_map<std::string, Place::OfAddress> addresses_;
    std::unordered_map<std::string, unsigned> organizations_;
};

}  // namespace tally::gateway
