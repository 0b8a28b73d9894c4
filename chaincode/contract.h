#pragma once
// A contract: a name, a version, and functions that are declared once with everything that others need to know of them.
//
//   Contract contract("registry", 1, "Devices, their keys, schemas and certificates");
//   contract.add<GetDevice>({.name = "get_device", .summary = "One device"}, &get_device);
//
// where `Result<json::value> get_device(Stub&, const GetDevice&)`. Contracts are built at start-up and immutable
// afterwards; functions run on many threads at once and keep no state of their own.
//
// A program knows many versions of a contract (Catalogue). A channel's configuration names the one that is in force
// (ContractSet). A version never changes once a release has it: old blocks are judged by it for ever. What changes a
// function's result, its writes or its refusals is another version.

#include <boost/describe.hpp>
#include <boost/json/object.hpp>
#include <compare>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "chaincode/json/reflect.h"
#include "chaincode/stub.h"

namespace tally::chaincode {

struct FunctionInfo {
    std::string name;
    std::string summary;             // one sentence, for the OpenAPI document and --help
    bool writes = false;             // else a query: may read history, may not write
    std::vector<std::string> roles;  // who may call; empty: any member
};

struct Function : FunctionInfo {
    json::object schema;  // JSON Schema of the arguments
    std::function<Result<json::value>(Stub&, const json::value& arguments)> run;
};

class Contract {
  public:
    Contract(std::string name, std::uint32_t version, std::string summary)
        : name_(std::move(name)), version_(version), summary_(std::move(summary)) {}

    template <class Arguments>
    Contract& add(FunctionInfo info, Result<json::value> (*handler)(Stub&, const Arguments&)) {
        Function function{std::move(info), schema_of<Arguments>(), {}};
        function.run = [handler](Stub& stub, const json::value& arguments) -> Result<json::value> {
            return handler(stub, TRY(from_json<Arguments>(arguments)));
        };
        functions_.push_back(std::move(function));
        return *this;
    }

    // A function of another version, as it is.
    Contract& add(Function function) {
        functions_.push_back(std::move(function));
        return *this;
    }

    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] std::uint32_t version() const { return version_; }
    [[nodiscard]] const std::string& summary() const { return summary_; }
    [[nodiscard]] const std::vector<Function>& functions() const { return functions_; }
    [[nodiscard]] const Function* find(std::string_view function) const;

  private:
    std::string name_;
    std::uint32_t version_;
    std::string summary_;
    std::vector<Function> functions_;
};

// The contracts in force: one version of each. Cheap to copy.
class ContractSet {
  public:
    void add(Contract contract) { contracts_.push_back(std::make_shared<const Contract>(std::move(contract))); }
    void add(std::shared_ptr<const Contract> contract) { contracts_.push_back(std::move(contract)); }
    [[nodiscard]] const Contract* find(std::string_view name) const;  // null: there is none
    [[nodiscard]] std::shared_ptr<const Contract> share(std::string_view name) const;
    [[nodiscard]] const std::vector<std::shared_ptr<const Contract>>& all() const { return contracts_; }

  private:
    std::vector<std::shared_ptr<const Contract>> contracts_;
};

struct ContractVersion {
    std::string contract;
    std::uint32_t version = 0;

    friend auto operator<=>(const ContractVersion&, const ContractVersion&) = default;
};
BOOST_DESCRIBE_STRUCT(ContractVersion, (), (contract, version))

// Every version of every contract that a program knows.
class Catalogue {
  public:
    void add(Contract contract) { contracts_.push_back(std::make_shared<const Contract>(std::move(contract))); }
    // The named versions; needs_upgrade when one is not here.
    [[nodiscard]] Result<ContractSet> select(std::span<const ContractVersion> wanted) const;
    [[nodiscard]] std::vector<ContractVersion> versions() const;
    [[nodiscard]] std::vector<ContractVersion> newest() const;  // the highest version of each contract

  private:
    std::vector<std::shared_ptr<const Contract>> contracts_;
};

// The metering contracts, every version.
void add_standard_contracts(Catalogue& catalogue);
// Their newest versions.
[[nodiscard]] const ContractSet& standard_contracts();

}  // namespace tally::chaincode
