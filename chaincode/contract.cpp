#include "chaincode/contract.h"

#include <algorithm>

namespace tally::chaincode {

const Function* Contract::find(std::string_view function) const {
    const auto found =
        std::find_if(functions_.begin(), functions_.end(), [&](const auto& f) { return f.name == function; });
    return found == functions_.end() ? nullptr : &*found;
}

const Contract* ContractSet::find(std::string_view name) const {
    for (const auto& each : contracts_) {
        if (each->name() == name) return each.get();
    }
    return nullptr;
}

std::shared_ptr<const Contract> ContractSet::share(std::string_view name) const {
    for (const auto& each : contracts_) {
        if (each->name() == name) return each;
    }
    return nullptr;
}

Result<ContractSet> Catalogue::select(std::span<const ContractVersion> wanted) const {
    ContractSet set;
    for (const auto& [name, version, manifest] : wanted) {
        const auto found = std::find_if(contracts_.begin(), contracts_.end(), [&](const auto& each) {
            return each->name() == name && each->version() == version && each->package() == manifest.value_or("");
        });
        if (found == contracts_.end() && manifest) {
            Contract absent(name, version, "A package that is not installed at this node");
            absent.set_package(*manifest);
            set.add(std::move(absent));
            continue;
        }
        if (found == contracts_.end()) {
            return fail(Code::needs_upgrade, "this program does not know version {} of the contract \"{}\"", version,
                        name.substr(0, 64));
        }
        set.add(*found);
    }
    return set;
}

std::vector<ContractVersion> Catalogue::versions() const {
    std::vector<ContractVersion> out;
    for (const auto& each : contracts_) {
        if (each->recomputed()) out.push_back({each->name(), each->version(), {}});
    }
    std::sort(out.begin(), out.end());
    return out;
}

std::vector<ContractVersion> Catalogue::newest() const {
    std::vector<ContractVersion> out;
    for (auto& each : versions()) {  // ascending
        if (!out.empty() && out.back().contract == each.contract) out.pop_back();
        out.push_back(std::move(each));
    }
    return out;
}

}  // namespace tally::chaincode
