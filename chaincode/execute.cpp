#include "chaincode/execute.h"

#include "chaincode/json/strict_json.h"
#include "chaincode/simulation_stub.h"
#include "storage/model/archive.h"

namespace tally::chaincode {
namespace {

Result<Answer> run(Recording& recording) {
    const auto& invocation = recording.invocation;
    const auto arguments = TRY(parse_json(invocation.arguments, "the arguments", recording.limits.arguments));
    SimulationStub stub(recording, invocation.contract, 0, {});
    return stub.run(invocation.function, arguments);
}

Result<std::string> run_for_text(Recording& recording) {
    auto text = TRY(run(recording)).text(recording.limits.max_result_bytes);
    if (!text) return std::unexpected(recording.result_too_large());
    return std::move(*text);
}

Recording for_query(const ContractSet& contracts, const storage::LedgerState& state, const Invocation& invocation,
                    const ExecutionLimits& limits, const storage::KeptSeries* kept) {
    const auto* contract = contracts.find(invocation.contract);
    const auto* function = contract == nullptr ? nullptr : contract->find(invocation.function);
    const bool writes = function != nullptr && function->writes;
    return {contracts, state, writes ? nullptr : &state, invocation, limits, nullptr, writes, kept};
}

Result<storage::Simulation> simulate_once(const ContractSet& contracts, const storage::StateReader& state,
                                          const Invocation& invocation, crypto::VerifiedSignatures* verified,
                                          const ExecutionLimits& limits) {
    Recording recording{contracts, state, nullptr, invocation, limits, verified, true};
    const auto* contract = contracts.find(invocation.contract);
    const auto* function = contract == nullptr ? nullptr : contract->find(invocation.function);
    if (function != nullptr && !function->writes) {
        return fail(Code::invalid_argument, "{}.{} is a query; send it to /v1/queries", invocation.contract,
                    invocation.function);
    }
    auto result = TRY(run_for_text(recording));
    return storage::Simulation{
        invocation.id,     invocation.contract,         contract->version(),       invocation.function,
        std::move(result), std::move(recording.events), recording.read_write_set()};
}

}  // namespace

Result<storage::Simulation> simulate(const ContractSet& contracts, const storage::StateReader& state,
                                     const Invocation& invocation, crypto::VerifiedSignatures* verified,
                                     const ExecutionLimits& limits) {
    auto simulation = simulate_once(contracts, state, invocation, verified, limits);
#ifdef TALLY_CHECKED
    const auto* contract = contracts.find(invocation.contract);
    if (simulation && contract->recomputed()) {  // a package's contract is its authors' to test: tally contract test
        const auto again = simulate_once(contracts, state, invocation, verified, limits);
        TALLY_INVARIANT(again && storage::encode(*again) == storage::encode(*simulation),
                        fmt::format("{}.{} is not deterministic", invocation.contract, invocation.function));
    }
#endif
    return simulation;
}

Result<std::string> evaluate_text(const ContractSet& contracts, const storage::LedgerState& state,
                                  const Invocation& invocation, const ExecutionLimits& limits,
                                  const storage::KeptSeries* kept) {
    auto recording = for_query(contracts, state, invocation, limits, kept);
    return run_for_text(recording);
}

Result<json::value> evaluate(const ContractSet& contracts, const storage::LedgerState& state,
                             const Invocation& invocation, const ExecutionLimits& limits,
                             const storage::KeptSeries* kept) {
    auto recording = for_query(contracts, state, invocation, limits, kept);
    auto value = TRY(run(recording)).json();
    if (!text_fits(value, limits.max_result_bytes)) return std::unexpected(recording.result_too_large());
    return value;
}

}  // namespace tally::chaincode
