#pragma once
// Documents: described structs, kept in the state as JSON. A document that does not read back is corrupt.

#include "chaincode/json/reflect.h"
#include "chaincode/json/strict_json.h"
#include "chaincode/stub.h"

namespace tally::chaincode {

template <class T>
[[nodiscard]] Result<T> read_document(std::string_view text, std::string_view what) {
    const auto value = parse_json(text, what);
    auto document = value ? from_json<T>(*value) : Result<T>(std::unexpected(value.error()));
    if (!document) return fail(Code::corrupt, "{} on the ledger does not read: {}", what, document.error().message);
    return document;
}

// A recorded read; none when the key is absent.
template <class T>
[[nodiscard]] Result<std::optional<T>> get_document(Stub& stub, std::string_view key, std::string_view what) {
    const auto text = TRY(stub.get(key));
    if (!text) return std::nullopt;
    return TRY(read_document<T>(*text, what));
}

template <class T>
[[nodiscard]] Status put_document(Stub& stub, std::string_view key, const T& document) {
    return stub.put(key, json_text(to_json(document)));
}

}  // namespace tally::chaincode
