#pragma once
// How many of the sources that are left are asked at once. Pure.

#include <span>
#include <vector>

#include "node/channel/policy.h"

namespace tally::node {

// The first of the sources whose signatures would complete those that are there; all of them if even these are too few.
template <class Source>
[[nodiscard]] std::size_t next_wave(const Policy& policy, std::vector<Principal> signers,
                                    std::span<const Source> left) {
    for (std::size_t count = 0; count < left.size(); ++count) {
        signers.push_back({left[count].organization, "peer"});
        if (policy.satisfied_by(signers)) return count + 1;
    }
    return left.size();
}

}  // namespace tally::node
