#pragma once
// What this program knows: the versions of its contracts, and the levels of the rules by which transactions are judged.
//
// A channel's configuration names those that are in force (ChannelConfig::contracts and ::rules), so a verdict depends
// on the chain alone and never on the program that reads it. A program that does not know what a configuration names
// stops before the first block under it (Code::needs_upgrade). Versions and levels are for ever: a change is a new one.
//
// The limits of the parsers that take part in a verdict belong to every level: COSE and CBOR (crypto/cose.h, cbor.h),
// JSON (chaincode/json), X.509 (crypto/x509.h) and the archives (storage/model/archive.h). To change one, give it a
// member here.
//
// `known` is alone in its source file: a test program that links another definition is a program of another release.

#include <cstdint>
#include <vector>

#include "chaincode/contract.h"
#include "chaincode/execute.h"
#include "chaincode/proposal.h"

namespace tally::node {

struct Rules {
    std::uint32_t level = 1;
    std::int64_t clock_skew_ms = 30'000;  // a proposal's time of creation may be so long after its block's
    chaincode::ProposalLimits proposal{};
    chaincode::ExecutionLimits execution{};
    std::size_t max_approvals = 256;              // of a configuration update
    std::size_t max_approval_bytes = 64U << 10U;  // each
};

struct Known {
    chaincode::Catalogue contracts;
    std::vector<Rules> rules;  // level 1, 2, ...
};

[[nodiscard]] const Known& known();
// Adds the contract of a package. Before the first channel opens, from one thread.
void install(chaincode::Contract contract);
// Those that a configuration names: of this program, or of a package. needs_upgrade as Catalogue::select.
[[nodiscard]] Result<chaincode::ContractSet> contracts_named(std::span<const chaincode::ContractVersion> wanted);
// The newest version of each contract, for help texts and the OpenAPI document.
[[nodiscard]] const chaincode::ContractSet& documented_contracts();

// What a configuration names, or a program knows.
struct Versions {
    std::uint32_t rules = 0;  // the level; a program knows those below it too
    std::vector<chaincode::ContractVersion> contracts;

    friend bool operator==(const Versions&, const Versions&) = default;
};
BOOST_DESCRIBE_STRUCT(Versions, (), (rules, contracts))

[[nodiscard]] Versions known_versions();
[[nodiscard]] Versions newest_versions();  // one version of each contract
// needs_upgrade with everything that is missing.
[[nodiscard]] Status check_covered(const Versions& needed, const Versions& by);
// "rules 1, config 1, data 1"
[[nodiscard]] std::string text_of(const Versions& versions);

}  // namespace tally::node
