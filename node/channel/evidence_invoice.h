#pragma once
// Parts of verifying an evidence file (evidence_file.h): what its checks share, and the check of an invoice.

#include <map>

#include "chaincode/contracts/agreement/model.h"
#include "chaincode/contracts/data/settle_answers.h"
#include "chaincode/json/reflect.h"
#include "chaincode/json/strict_json.h"
#include "node/channel/evidence_file.h"
#include "node/channel/receipt_file.h"

namespace tally::node {

using Configurations = std::vector<std::shared_ptr<const Membership>>;

namespace evidence {

template <class T>
[[nodiscard]] Result<T> parsed(const std::string& text, std::string_view what) {
    return chaincode::from_json<T>(TRY(chaincode::parse_json(text, what)));
}

template <class T>
[[nodiscard]] std::string text_of(const T& value) {
    return chaincode::json_text(chaincode::to_json(value));
}

// A receipt of a VALID transaction.
[[nodiscard]] Result<ReceiptFacts> verified(ByteView receipt, const Configurations& configurations);
// The same, of the channel: configurations of several channels may be given.
[[nodiscard]] Result<ReceiptFacts> verified_in(std::string_view channel, ByteView receipt,
                                               const Configurations& configurations);
// The same, of this function: "audit.run".
[[nodiscard]] Result<ReceiptFacts> verified_call(ByteView receipt, const Configurations& configurations,
                                                 std::string_view function);

// Of what is checked often: `checks` is told when it does not hold.
[[nodiscard]] Status must(Checks& checks, bool holds, const std::string& what, std::string expected, std::string found);
[[nodiscard]] Status must(Checks& checks, const std::string& what, std::string expected, const Status& holds);

}  // namespace evidence

// What the file has proven so far.
struct ProvenFigures {
    const std::string& channel;
    const chaincode::audit::Run& run;
    const std::map<std::int64_t, chaincode::agreement::Version>& versions;
    const std::map<std::string, std::map<chaincode::Date, chaincode::data::SettledDay>>& settled;  // by device
};

// The invoice's receipt, which must be one that the run has computed again; its items, its totals, and the lines of
// devices whose FINAL days are all proven.
struct CheckedInvoice {
    ProvenInvoice invoice;
    std::int64_t recomputed = 0;  // devices
};
[[nodiscard]] Result<CheckedInvoice> check_invoice_proof(const InvoiceProof& proof,
                                                         const Configurations& configurations,
                                                         const ProvenFigures& proven, Checks& checks);

}  // namespace tally::node
