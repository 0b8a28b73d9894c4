#include "gateway/http/places.h"

#include <algorithm>

#include "crypto/error.h"

namespace tally::gateway {

Places::Entered Places::enter(const std::string& address, Loop& loop) {
    const std::lock_guard lock(mutex_);
    Entered entered;
    auto& of_address = *addresses_.try_emplace(address).first;
    const bool address_is_full = of_address.second.all >= most_each_;
    ++of_address.second.all;  // before another makes way: that one must not be the address's last
    if (address_is_full || strangers_.size() >= half() || total_ >= most_) {
        entered.cut = give_way(address_is_full ? &of_address : nullptr);
        if (!entered.cut) {
            if (--of_address.second.all == 0) addresses_.erase(address);
            return entered;
        }
    }
    ++of_address.second.strangers;
    ++total_;
    entered.place = std::make_shared<Place>(loop);
    entered.place->address_ = &of_address;
    entered.place->stranger_ = strangers_.insert(strangers_.end(), entered.place);
    return entered;
}

// The oldest of those whose address has most, or of this address.
std::shared_ptr<Place> Places::give_way(const std::pair<const std::string, Place::OfAddress>* address) {
    const auto found = address != nullptr
                           ? std::ranges::find(strangers_, address, [](const auto& each) { return each->address_; })
                           : std::ranges::max_element(
                                 strangers_, {}, [](const auto& each) { return each->address_->second.strangers; });
    if (found == strangers_.end()) return nullptr;
    auto place = *found;
    give_back(*place);
    return place;
}

bool Places::belongs_to(Place& place, const std::string& organization) {
    const std::lock_guard lock(mutex_);
    if (place.address_ == nullptr || place.organization_ == organization) return true;
    auto& of_organization = organizations_[organization];
    if (of_organization >= half()) return false;
    ++of_organization;
    if (place.organization_.empty()) {
        --place.address_->second.strangers;
        strangers_.erase(place.stranger_);
    } else if (--organizations_[place.organization_] == 0) {
        organizations_.erase(place.organization_);
    }
    place.organization_ = organization;
    return true;
}

void Places::leave(Place& place) {
    const std::lock_guard lock(mutex_);
    if (place.address_ != nullptr) give_back(place);
}

void Places::give_back(Place& place) {
    auto& of_address = place.address_->second;
    if (!place.organization_.empty()) {
        const auto organization = organizations_.find(place.organization_);
        if (--organization->second == 0) organizations_.erase(organization);
    } else {
        --of_address.strangers;
        strangers_.erase(place.stranger_);
    }
    if (--of_address.all == 0) addresses_.erase(place.address_->first);
    place.address_ = nullptr;
    if (--total_ == 0) none_.notify_all();
}

std::size_t Places::total() const {
    const std::lock_guard lock(mutex_);
    return total_;
}

bool Places::wait_for_none(std::chrono::milliseconds at_most) {
    std::unique_lock lock(mutex_);
    return none_.wait_for(lock, at_most, [&] { return total_ == 0; });
}

}  // namespace tally::gateway
