#include "gateway/http/places.h"

#include <algorithm>

namespace tally::gateway {

Places::Entered Places::enter(const std::string& address, Loop& loop) {
    const std::lock_guard lock(mutex_);
    Entered entered;
    auto& of_address = *addresses_.try_emplace(address).first;
    const bool address_is_full = of_address.second.all >= most_each_;
    ++of_address.second.all;  // before another makes way: that one must not be the address's last
    if (address_is_full || strangers_.size() + held_ >= most_) {
        entered.cut = give_way(address_is_full ? &of_address : nullptr);
        if (!entered.cut) {
            if (--of_address.second.all == 0) addresses_.erase(address);
            return entered;
        }
    }
    ++of_address.second.strangers;
    ++held_;
    entered.place = std::make_shared<Place>(loop);
    entered.place->address_ = &of_address;
    entered.place->stranger_ = strangers_.insert(strangers_.end(), entered.place);
    return entered;
}

// The oldest of this address, or of the one that has most.
std::shared_ptr<Place> Places::give_way(const Place::Address* address) {
    const auto found = address != nullptr
                           ? std::ranges::find(strangers_, address, [](const auto& each) { return each->address_; })
                           : std::ranges::max_element(
                                 strangers_, {}, [](const auto& each) { return each->address_->second.strangers; });
    if (found == strangers_.end()) return nullptr;
    auto place = *found;
    give_back(*place);
    ++leaving_;
    return place;
}

bool Places::belongs_to(Place& place, const std::string& organization) {
    const std::lock_guard lock(mutex_);
    if (place.address_ == nullptr || place.organization_ == organization) return true;
    const auto found = organizations_.find(organization);
    const auto has = found == organizations_.end() ? 0 : found->second;
    if (has + held_ > most_) return false;  // this place is held already
    let_go(place);
    place.organization_ = organization;
    ++organizations_[organization];
    return true;
}

void Places::leave(Place& place) {
    const std::lock_guard lock(mutex_);
    if (place.address_ != nullptr) {
        give_back(place);
    } else {
        --leaving_;
    }
    if (held_ + leaving_ == 0) none_.notify_all();
}

void Places::give_back(Place& place) {
    let_go(place);
    if (--place.address_->second.all == 0) addresses_.erase(place.address_->first);
    place.address_ = nullptr;
    --held_;
}

void Places::let_go(Place& place) {
    if (place.organization_.empty()) {
        --place.address_->second.strangers;
        strangers_.erase(place.stranger_);
        return;
    }
    const auto organization = organizations_.find(place.organization_);
    if (--organization->second == 0) organizations_.erase(organization);
}

std::size_t Places::total() const {
    const std::lock_guard lock(mutex_);
    return held_ + leaving_;
}

std::size_t Places::leaving() const {
    const std::lock_guard lock(mutex_);
    return leaving_;
}

bool Places::wait_for_none(std::chrono::milliseconds at_most) {
    std::unique_lock lock(mutex_);
    return none_.wait_for(lock, at_most, [&] { return held_ + leaving_ == 0; });
}

}  // namespace tally::gateway
