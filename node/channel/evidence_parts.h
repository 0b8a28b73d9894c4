#pragma once
// What the checks of an evidence file (evidence_file.h) share.

#include <map>

#include "chaincode/contracts/agreement/model.h"
#include "chaincode/contracts/data/settle_answers.h"
#include "chaincode/json/reflect.h"
#include "chaincode/json/strict_json.h"
#include "node/channel/evidence_file.h"
#include "node/channel/receipt_file.h"

namespace tally::node {

using Configurations = std::vector<std::shared_ptr<const Membership>>;

// What the file has proven so far.
struct ProvenFigures {
    const std::string& channel;
    const chaincode::audit::Run& run;
    const std::map<std::int64_t, chaincode::agreement::Version>& versions;
    const std::map<std::string, std::map<chaincode::Date, chaincode::data::SettledDay>>& settled;  // by device

    // The terms that are in force on a day; null: they are not in the file.
    [[nodiscard]] const chaincode::agreement::Terms* terms_on(chaincode::Date day) const;
    // A FINAL day of a device, as it became it; null: it is not in the file.
    [[nodiscard]] const chaincode::data::SettledDay* settled_on(const std::string& device, chaincode::Date day) const;
};

namespace evidence {

// As the contracts write it.
template <class T>
[[nodiscard]] Result<T> parsed(Checks& checks, const std::string& text, const std::string& what) {
    const auto value = chaincode::parse_json(text, what);
    return checks.need(what, "as the contracts write it",
                       value ? chaincode::from_json<T>(*value) : Result<T>(std::unexpected(value.error())));
}

template <class T>
[[nodiscard]] std::string text_of(const T& value) {
    return chaincode::json_text(chaincode::to_json(value));
}

template <class T>
[[nodiscard]] Status status_of(const Result<T>& result) {
    return result ? Status() : Status(std::unexpected(result.error()));
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

}  // namespace tally::node
