#pragma once
// A contract: a name, and functions that are declared once with everything that others need to know of them.
//
//   Contract contract("registry", "Devices, their keys, schemas and certificates");
//   contract.add<GetDevice>({.name = "get_device", .summary = "One device"}, &get_device);
//
// where `Result<json::value> get_device(Stub&, const GetDevice&)`. Contracts are built at start-up and immutable
// afterwards; functions run on many threads at once and keep no state of their own.

#include <boost/json/object.hpp>
#include <functional>
#include <memory>
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
    bool origin_signed = false;      // committers refuse a transaction without an origin signature
    std::vector<std::string> roles;  // who may call; empty: any member
};

struct Function : FunctionInfo {
    json::object schema;  // JSON Schema of the arguments
    std::function<Result<json::value>(Stub&, const json::value& arguments)> run;
};

class Contract {
  public:
    Contract(std::string name, std::string summary) : name_(std::move(name)), summary_(std::move(summary)) {}

    template <class Arguments>
    Contract& add(FunctionInfo info, Result<json::value> (*handler)(Stub&, const Arguments&)) {
        Function function{std::move(info), schema_of<Arguments>(), {}};
        function.run = [handler](Stub& stub, const json::value& arguments) -> Result<json::value> {
            return handler(stub, TRY(from_json<Arguments>(arguments)));
        };
        functions_.push_back(std::move(function));
        return *this;
    }

    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] const std::string& summary() const { return summary_; }
    [[nodiscard]] const std::vector<Function>& functions() const { return functions_; }
    [[nodiscard]] const Function* find(std::string_view function) const;

  private:
    std::string name_;
    std::string summary_;
    std::vector<Function> functions_;
};

// The contracts of a node: the same on every endorser of a channel.
class ContractSet {
  public:
    void add(Contract contract) { contracts_.push_back(std::move(contract)); }
    [[nodiscard]] const Contract* find(std::string_view name) const;
    [[nodiscard]] const std::vector<Contract>& all() const { return contracts_; }

  private:
    std::vector<Contract> contracts_;
};

// Every contract that is linked into this binary.
[[nodiscard]] const ContractSet& standard_contracts();

}  // namespace tally::chaincode
