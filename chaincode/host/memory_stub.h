#pragma once
// A ledger in memory for the unit tests of a contract.
//
//   MemoryLedger ledger(meter_swap::contract());
//   ledger.caller = {"Grid", "client", "anna", {}};
//   const auto swapped = ledger.call("propose", {{"old", "m-1"}, {"new", "m-2"}});
//   EXPECT_TRUE(swapped) << swapped.error().message;
//
// A call that fails changes nothing. Every call runs twice, and one that gives two answers, or writes two things,
// aborts the test with the function's name: committers would not agree. Other contracts are stood in for by `others`.
// One thread.

#include <map>

#include "chaincode/contract.h"

namespace tally::chaincode {

class MemoryLedger {
  public:
    using Other = std::function<Result<json::value>(const json::value& arguments)>;

    explicit MemoryLedger(Contract contract) : contract_(std::move(contract)) {}

    // Checks who calls, the attachments and the arguments as a node does.
    [[nodiscard]] Result<json::value> call(std::string_view function, const json::object& arguments = {},
                                           std::vector<Bytes> attachments = {});

    Caller caller{"Operator", "admin", "admin", {}};
    std::int64_t time_ms = 1'700'000'000'000;
    std::string channel = "main";
    std::vector<std::string> organizations{"Operator"};
    std::string calling_contract;         // empty: the proposal's own function
    std::map<std::string, Other> others;  // by "contract.function"

    struct Emitted {
        std::string name;
        json::value payload;
        friend bool operator==(const Emitted&, const Emitted&) = default;
    };
    std::vector<Emitted> events;               // of all calls
    std::map<std::string, std::string> state;  // of this contract

  private:
    friend class MemoryStub;

    Contract contract_;
    std::uint64_t calls_ = 0;
};

}  // namespace tally::chaincode
