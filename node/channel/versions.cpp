#include <algorithm>

#include "node/channel/known.h"

namespace tally::node {

const chaincode::ContractSet& documented_contracts() {
    static const auto contracts = known().contracts.select(known().contracts.newest()).value();
    return contracts;
}

Versions known_versions() { return {known().rules.back().level, known().contracts.versions()}; }
Versions newest_versions() { return {known().rules.back().level, known().contracts.newest()}; }

Status check_covered(const Versions& needed, const Versions& by) {
    Versions missing;
    if (needed.rules > by.rules) missing.rules = needed.rules;
    for (const auto& each : needed.contracts) {
        if (std::find(by.contracts.begin(), by.contracts.end(), each) == by.contracts.end())
            missing.contracts.push_back(each);
    }
    if (missing == Versions{}) return {};
    return fail(Code::needs_upgrade, "{} is needed; {} is known", text_of(missing), text_of(by));
}

std::string text_of(const Versions& versions) {
    std::string text = versions.rules > 0 ? fmt::format("rules {}", versions.rules) : "";
    for (const auto& [contract, version] : versions.contracts)
        text += fmt::format("{}{} {}", text.empty() ? "" : ", ", contract.substr(0, 64), version);
    return text;
}

}  // namespace tally::node
