#include "node/channel/policy.h"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace tally::node {
namespace {

constexpr std::size_t kMaxDepth = 8;
constexpr std::size_t kMaxPolicyText = 4096;

class Parser {
  public:
    Parser(std::string_view text, std::span<const std::string> organizations, std::string_view role)
        : text_(text), organizations_(organizations), role_(role) {}

    Result<Policy::Node> parse() {
        if (text_.size() > kMaxPolicyText) return fault("the policy is longer than 4096 characters");
        auto node = TRY(expression(0));
        skip_space();
        if (at_ != text_.size()) return fault("text follows the policy");
        return node;
    }

  private:
    std::unexpected<Error> fault(std::string_view sentence) const {
        return fail(Code::bad_configuration, "policy \"{}\": {} (at character {})", text_.substr(0, 200), sentence,
                    at_ + 1);
    }
    void skip_space() {
        while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0) ++at_;
    }
    bool take(char wanted) {
        skip_space();
        if (at_ >= text_.size() || text_[at_] != wanted) return false;
        ++at_;
        return true;
    }
    std::string_view word() {
        skip_space();
        const auto start = at_;
        while (at_ < text_.size() && std::isalnum(static_cast<unsigned char>(text_[at_])) != 0) ++at_;
        return text_.substr(start, at_ - start);
    }

    Result<Policy::Node> expression(std::size_t depth) {
        if (depth > kMaxDepth) return fault("it is nested too deeply");
        skip_space();
        if (at_ < text_.size() && (text_[at_] == '\'' || text_[at_] == '"')) return principal();
        const auto name = word();
        if (name == "MAJORITY") return peers(organizations_.size() / 2 + 1);
        if (name == "ALL") return peers(organizations_.size());
        if (name == "ANY") return peers(1);
        if (name != "AND" && name != "OR" && name != "OutOf") {
            return fault("AND, OR, OutOf, MAJORITY, ALL, ANY or a quoted 'ORG.role' is wanted");
        }
        if (!take('(')) return fault("\"(\" is wanted");
        Policy::Node node;
        if (name == "OutOf") {
            const auto digits = word();
            const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), node.needed);
            if (error != std::errc() || end != digits.data() + digits.size())
                return fault("OutOf wants a number first");
            if (!take(',')) return fault("\",\" is wanted");
        }
        do node.children.push_back(TRY(expression(depth + 1)));
        while (take(','));
        if (!take(')')) return fault("\",\" or \")\" is wanted");
        // What is choosier takes its signature first, so that the order in which a policy is written does not matter.
        const auto choice = [](const Policy::Node& child) {
            return child.needed > 0 ? 2 : child.principal.role == "member" ? 1 : 0;
        };
        std::stable_sort(node.children.begin(), node.children.end(),
                         [&](const auto& a, const auto& b) { return choice(a) < choice(b); });
        if (name == "AND") node.needed = node.children.size();
        if (name == "OR") node.needed = 1;
        if (node.needed < 1 || node.needed > node.children.size()) {
            return fault(fmt::format("OutOf wants a number from 1 to {}", node.children.size()));
        }
        return node;
    }

    Result<Policy::Node> principal() {
        const char quote = text_[at_++];
        const auto end = text_.find(quote, at_);
        if (end == std::string_view::npos) return fault("the quote is not closed");
        const auto inner = text_.substr(at_, end - at_);
        const auto dot = inner.rfind('.');
        if (dot == std::string_view::npos) return fault("a principal is written 'ORG.role'");
        Policy::Node node;
        node.principal = {std::string(inner.substr(0, dot)), std::string(inner.substr(dot + 1))};
        static constexpr std::string_view kRoles[] = {"member", "client", "peer", "orderer", "admin", "auditor"};
        if (std::find(std::begin(kRoles), std::end(kRoles), node.principal.role) == std::end(kRoles)) {
            return fault(fmt::format("there is no role \"{}\"", node.principal.role));
        }
        if (std::find(organizations_.begin(), organizations_.end(), node.principal.organization) ==
            organizations_.end()) {
            return fault(fmt::format("there is no organization \"{}\" in the channel", node.principal.organization));
        }
        at_ = end + 1;
        return node;
    }

    Result<Policy::Node> peers(std::size_t needed) {
        Policy::Node node;
        node.needed = needed;
        for (const auto& organization : organizations_)
            node.children.push_back({0, {organization, std::string(role_)}, {}});
        if (node.children.empty()) return fault("the channel has no organizations");
        return node;
    }

    std::string_view text_;
    std::span<const std::string> organizations_;
    std::string_view role_;
    std::size_t at_ = 0;
};

// Whether `node` holds with signers that are not used yet; what it uses is marked.
bool satisfied(const Policy::Node& node, std::span<const Principal> signers, std::vector<bool>& used) {
    if (node.needed == 0) {
        for (std::size_t i = 0; i < signers.size(); ++i) {
            if (used[i] || signers[i].organization != node.principal.organization) continue;
            if (node.principal.role != "member" && signers[i].role != node.principal.role) continue;
            used[i] = true;
            return true;
        }
        return false;
    }
    std::size_t count = 0;
    for (const auto& child : node.children) {
        auto trial = used;
        if (!satisfied(child, signers, trial)) continue;
        used = std::move(trial);
        if (++count == node.needed) return true;
    }
    return false;
}

}  // namespace

Result<Policy> Policy::parse(std::string_view text, std::span<const std::string> organizations, std::string_view role) {
    return Policy(std::make_shared<const Node>(TRY(Parser(text, organizations, role).parse())));
}

bool Policy::satisfied_by(std::span<const Principal> signers) const {
    std::vector<bool> used(signers.size(), false);
    return satisfied(*root_, signers, used);
}

}  // namespace tally::node
