#pragma once
// Endorsement policies in Fabric's language:
//   'ORG.role'            one signature of that organization in that role (role "member" is any role)
//   AND(p, p, ...)  OR(p, p, ...)  OutOf(n, p, p, ...)
//   MAJORITY, ANY, ALL    of the channel's organizations' peers (MAJORITY: more than half)
// One signature counts for one principal only: AND('A.peer', 'A.peer') wants two different endorsers of A.
// Within one expression a principal with a role takes its signature before 'ORG.member' does, and both before nested
// expressions; beyond that each takes the first that fits, as in Fabric.
// A policy is immutable; evaluation is deterministic and safe from any thread.

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/error.h"

namespace tally::node {

struct Principal {
    std::string organization;
    std::string role;

    friend auto operator<=>(const Principal&, const Principal&) = default;
};

class Policy {
  public:
    // bad_configuration with the place of the fault. `organizations` is what MAJORITY, ANY and ALL range over, and
    // every organization that the policy names must be among them.
    // "peers" are members in the role `role`.
    [[nodiscard]] static Result<Policy> parse(std::string_view text, std::span<const std::string> organizations,
                                              std::string_view role = "peer");

    // `signers` holds one entry per distinct signer.
    [[nodiscard]] bool satisfied_by(std::span<const Principal> signers) const;

    struct Node {
        std::size_t needed = 0;  // 0: a leaf
        Principal principal;
        std::vector<Node> children;
    };

  private:
    explicit Policy(std::shared_ptr<const Node> root) : root_(std::move(root)) {}
    std::shared_ptr<const Node> root_;
};

}  // namespace tally::node
