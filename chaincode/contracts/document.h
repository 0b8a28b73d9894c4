#pragma once
// Documents: described structs, kept in the state as JSON. A document that does not read back is corrupt, and one that
// would not read back, or is beyond the bounds that its fields declare, is not written.

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
    TRY(check_bounds(document));
    const auto value = to_json(document);
    constexpr auto kMost = JsonLimits{}.max_bytes;  // that read_document reads
    if (!text_fits(value, kMost)) return fail(Code::too_large, "a document of more than {} bytes", kMost);
    return stub.put(key, json_text(value));
}

// An event with a described struct as its payload; Contract::event declares it.
template <class T>
void emit(Stub& stub, std::string_view event, const T& payload) {
    stub.emit(event, to_json(payload));
}

}  // namespace tally::chaincode
