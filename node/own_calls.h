#pragma once
// Calls of contracts that a node makes itself, in its own name (node/settling/contract_calls.h).

#include <stop_token>

#include "node/endorsing/submitter.h"
#include "node/settling/contract_calls.h"

namespace tally::node {

class OwnCalls final : public ContractCalls {
  public:
    struct Parts {
        CurrentIdentity identity;
        std::string channel;
        const storage::Ledger& ledger;
        const Evaluator& evaluator;
        Submitter& submitter;
        std::stop_token stop;  // ends a wait, and refuses what comes after it: unavailable
    };
    explicit OwnCalls(Parts parts);

    [[nodiscard]] const std::string& organization() const override { return organization_; }
    [[nodiscard]] Result<boost::json::value> query(std::string_view contract, std::string_view function,
                                                   const boost::json::object& arguments) override;
    // Waits until the transaction is committed: not for a thread of the worker pool.
    [[nodiscard]] Result<boost::json::value> run(std::string_view contract, std::string_view function,
                                                 std::string arguments, std::vector<ByteView> attachments) override;
    [[nodiscard]] Result<Bytes> raw_transaction(const std::string& id) override;

  private:
    Parts parts_;
    std::string organization_;
};

}  // namespace tally::node
