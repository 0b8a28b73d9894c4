#pragma once
// A contract: a name, a version, and functions that are declared once with everything that others need to know of them.
//
//   Contract contract("registry", 1, "Devices, their keys, schemas and certificates");
//   contract.add(&get_device, {.name = "get_device", .summary = "One device", .routes = {"/v1/devices/{id}"}});
//
// where `Result<DeviceView> get_device(Stub&, const OneDevice&)`. The structs are described (json/fields.h). From this
// declaration come the parsing of arguments, the JSON Schemas, the OpenAPI document, the REST paths, the command line's
// subcommand, the reference page and the clients' types.
//
// Contracts are built at start-up and immutable afterwards; functions run on many threads at once and keep no state of
// their own.
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
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "chaincode/answer.h"
#include "chaincode/refusal.h"
#include "chaincode/stub.h"

namespace tally::chaincode {

// Who may see the answer of a query that comes from outside.
enum class Visibility {
    members,  // every member of the channel
    parties,  // whom the function lets see it; a refusal is the same whether the thing exists or not
};

// An attachment of a proposal: bytes beside the arguments.
struct Attachment {
    std::string about;
    bool optional = false;  // only the last ones may be
};

struct FunctionInfo {
    std::string name;
    std::string summary;                    // one sentence
    bool writes = false;                    // else a query: may read history, may not write
    std::vector<std::string> roles = {};    // who may call; empty: any member
    std::vector<std::string> callers = {};  // the contracts that may call it; empty: anyone, from outside too
    Visibility visibility = Visibility::members;
    std::vector<Attachment> attachments = {};
    std::vector<Refusal> refusals = {};    // beside the platform's codes
    std::vector<std::string> routes = {};  // of a query: GET paths, "/v1/devices/{id}"; {id} is an argument
};

struct Function : FunctionInfo {
    json::object schema;  // JSON Schema of the arguments
    json::object answer;  // JSON Schema of the answer
    std::function<Result<Answer>(Stub&, const json::value& arguments)> run;
};

struct Event {
    std::string name;
    std::string summary;
    json::object schema;  // JSON Schema of the payload
};

class Contract {
  public:
    Contract(std::string name, std::uint32_t version, std::string summary)
        : name_(std::move(name)), version_(version), summary_(std::move(summary)) {}

    template <class Arguments, class T>
    Contract& add(Result<T> (*handler)(Stub&, const Arguments&), FunctionInfo info) {
        Function function{std::move(info), schema_of<Arguments>(), answer_schema_of<T>(), {}};
        function.run = [handler](Stub& stub, const json::value& arguments) -> Result<Answer> {
            return Answer::of(TRY(handler(stub, TRY(from_json<Arguments>(arguments)))));
        };
        functions_.push_back(std::move(function));
        return *this;
    }

    // A function of another version, unchanged.
    Contract& add(Function function) {
        functions_.push_back(std::move(function));
        return *this;
    }

    template <class Payload>
    Contract& event(std::string name, std::string summary) {
        return event({std::move(name), std::move(summary), schema_of<Payload>()});
    }
    Contract& event(Event event) {
        events_.push_back(std::move(event));
        return *this;
    }

    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] std::uint32_t version() const { return version_; }
    [[nodiscard]] const std::string& summary() const { return summary_; }
    [[nodiscard]] const std::vector<Function>& functions() const { return functions_; }
    [[nodiscard]] const std::vector<Event>& events() const { return events_; }
    [[nodiscard]] const Function* find(std::string_view function) const;

    // The SHA-256 of its manifest, hex, for a contract of a package (host/package.h); empty for one of the program's
    // own. Committers do not run a package's contract again: not all of them have it. So it writes no state of those
    // that are run again, and those never call it.
    [[nodiscard]] const std::string& package() const { return package_; }
    [[nodiscard]] bool recomputed() const { return package_.empty(); }
    void set_package(std::string manifest_hash) { package_ = std::move(manifest_hash); }

  private:
    std::string name_;
    std::uint32_t version_;
    std::string summary_;
    std::vector<Function> functions_;
    std::vector<Event> events_;
    std::string package_;
};

[[nodiscard]] std::string_view kind_name(Kind kind);
[[nodiscard]] std::optional<Kind> kind_named(std::string_view name);

// What a contract declares, as JSON: {name, version, summary, functions: [{name, summary, writes, roles, callers,
// visibility, attachments, refusals, routes, arguments, answer}], events: [{name, summary, payload}]}.
[[nodiscard]] json::object manifest_of(const Contract& contract);

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
    std::optional<std::string> manifest;  // of a package: the SHA-256 of its manifest, hex

    friend auto operator<=>(const ContractVersion&, const ContractVersion&) = default;
};
BOOST_DESCRIBE_STRUCT(ContractVersion, (), (contract, version, manifest))

// Every version of every contract that a program knows.
class Catalogue {
  public:
    void add(Contract contract) { contracts_.push_back(std::make_shared<const Contract>(std::move(contract))); }
    // The named versions; needs_upgrade when one is not here. A package that is not installed gives a contract without
    // functions: this node cannot endorse it, and goes on.
    [[nodiscard]] Result<ContractSet> select(std::span<const ContractVersion> wanted) const;
    [[nodiscard]] std::vector<ContractVersion> versions() const;
    [[nodiscard]] std::vector<ContractVersion> newest() const;  // the highest version of each contract

  private:
    std::vector<std::shared_ptr<const Contract>> contracts_;
};

// The metering contracts, every version.
void add_standard_contracts(Catalogue& catalogue);

}  // namespace tally::chaincode
