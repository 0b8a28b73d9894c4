#include "chaincode/contracts/data/series_keys.h"

#include <algorithm>

#include "chaincode/contracts/agreement/api.h"
#include "chaincode/contracts/data/refusals.h"
#include "chaincode/contracts/data/settle.h"
#include "chaincode/contracts/registry/api.h"
#include "crypto/sealed.h"

namespace tally::chaincode::data {
namespace {

std::string reader_key(std::string_view organization) { return composite_key({"reader", organization}); }

// Lower-case hexadecimal of so many bytes, so that there is one way to write a key.
Status check_hex(const std::string& text, std::size_t bytes, std::string_view name) {
    const auto value = from_hex(text);
    if (value && value->size() == bytes && to_hex(*value) == text) return {};
    return fail(Code::invalid_argument, "\"{}\": {} bytes in lower-case hexadecimal are expected", name, bytes);
}

Result<ReadingKeyOf> find_reading_key(Stub& stub, const std::string& organization) {
    auto found = TRY(get_document<ReadingKeyOf>(stub, reader_key(organization), "a reading key"));
    if (!found) return fail(Code::not_found, "the organization {} has published no reading key", organization);
    return std::move(*found);
}

bool may_read(const agreement::Party& party) {
    return party.role == agreement::PartyRole::RC || party.role == agreement::PartyRole::DV;
}

}  // namespace

Result<ReadingKeyOf> publish_reading_key(Stub& stub, const PublishReadingKey& in) {
    TRY(check_hex(in.public_key, crypto::kReadingKeyBytes, "public_key"));
    const ReadingKeyOf out{stub.caller().organization, in.public_key, stub.time_ms(), stub.transaction_id().hex()};
    TRY(put_document(stub, reader_key(out.organization), out));
    emit(stub, "reading_key_published", out);
    return out;
}

Result<ReadingKeyOf> reading_key(Stub& stub, const ReaderOf& in) { return find_reading_key(stub, in.organization); }

Result<HandedKey> hand_over_key(Stub& stub, const HandOverKey& in) {
    TRY(check_hex(in.key_id, crypto::kKidBytes, "key_id"));
    const auto wrapped = from_base64(in.wrapped);
    if (!wrapped) return fail(Code::invalid_argument, "\"wrapped\" is no base64");
    if (const auto form = crypto::check_wrapped(*wrapped); !form)
        return fail(Code::invalid_argument, "\"wrapped\": {}", form.error().message);

    const auto device = TRY(registry::api::get_device(stub, {in.device}));
    const auto& caller = stub.caller();
    if (caller.organization != device.organization) {
        return fail(Code::permission_denied, "the device \"{}\" is {}'s; the caller is of {}", in.device,
                    device.organization, caller.organization);
    }
    const auto today = Date::of(std::chrono::floor<std::chrono::days>(
        std::chrono::sys_time<std::chrono::milliseconds>(std::chrono::milliseconds(stub.time_ms()))));
    const auto terms = TRY(agreement::api::terms_on(stub, {in.agreement, today}));
    if (!covers(terms.terms, device))
        return fail(refusals::not_in_scope, "the agreement {} does not cover the device {}", terms.id, in.device);
    const bool reads = std::ranges::any_of(terms.terms.parties, [&](const agreement::Party& party) {
        return party.organization == in.organization && may_read(party);
    });
    if (!reads) {
        return fail(Code::invalid_argument, "{} is neither a consumer nor a verifier of the agreement {}",
                    in.organization, terms.id);
    }
    const auto reader = TRY(find_reading_key(stub, in.organization));
    HandedKey out{in.device,  in.organization, in.key_id,      reader.public_key,
                  in.wrapped, in.agreement,    stub.time_ms(), stub.transaction_id().hex()};
    TRY(put_document(stub, composite_key({"handed", in.device, in.organization, in.key_id}), out));
    emit(stub, "key_handed_over", out);
    return out;
}

Result<HandedPage> handed_keys(Stub& stub, const HandedKeys& in) {
    HandedPage page;
    auto pager = in.organization ? Pager({"handed", in.device, *in.organization}) : Pager({"handed", in.device});
    page.next = TRY(pager.read(stub, in, [&](const KeyValue& entry) -> Result<bool> {
        page.keys.push_back(TRY(read_document<HandedKey>(entry.value, "a handed key")));
        return true;
    }));
    return page;
}

}  // namespace tally::chaincode::data
