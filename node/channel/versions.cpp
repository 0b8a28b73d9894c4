#include <algorithm>

#include "node/channel/known.h"

namespace tally::node {

namespace {

// The program's own contracts and the installed packages. Written before the first channel opens.
chaincode::Catalogue& available() {
    static chaincode::Catalogue all = known().contracts;
    return all;
}

}  // namespace

void install(chaincode::Contract contract) { available().add(std::move(contract)); }

Result<chaincode::ContractSet> contracts_named(std::span<const chaincode::ContractVersion> wanted) {
    return available().select(wanted);
}

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
        if (each.manifest) continue;  // a node without the package goes on
        if (std::find(by.contracts.begin(), by.contracts.end(), each) == by.contracts.end())
            missing.contracts.push_back(each);
    }
    if (missing == Versions{}) return {};
    return fail(Code::needs_upgrade, "{} is needed; {} is known", text_of(missing), text_of(by));
}

std::string text_of(const Versions& versions) {
    std::string text = versions.rules > 0 ? fmt::format("rules {}", versions.rules) : "";
    for (const auto& [contract, version, manifest] : versions.contracts) {
        text += fmt::format("{}{} {}{}", text.empty() ? "" : ", ", contract.substr(0, 64), version,
                            manifest ? " (package)" : "");
    }
    return text;
}

}  // namespace tally::node
