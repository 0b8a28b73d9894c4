#pragma once
// Who may read encrypted series: the keys of readers, and content keys that were wrapped for them.
//
// A device may encrypt its series under a content key of its own (key 17 of a record, crypto/sealed.h); figures and
// root stay in the clear and signed. An organization that wants to read publishes a reading key. The device's operator
// wraps the content key for the consumers and verifiers of an agreement that covers the device. The ledger keeps the
// wrapped key; no contract opens it. Whether a key is the right one shows when a record is opened: its rows must give
// the signed root.
//
// State, beside that of data.h:
//   reader\0<organization>                          its reading key (ReadingKeyOf)
//   handed\0<device>\0<organization>\0<key id>      a wrapped content key (HandedKey)

#include "chaincode/contracts/data/model.h"
#include "chaincode/contracts/paging.h"
#include "chaincode/records/identifier.h"
#include "chaincode/stub.h"

namespace tally::chaincode::data {

struct PublishReadingKey {
    std::string public_key;
};
TALLY_FIELDS(PublishReadingKey, (public_key, "an X25519 public key: 32 bytes in hexadecimal"))

struct ReaderOf {
    std::string organization;
};
TALLY_FIELDS(ReaderOf, (organization, "a member of the channel", .form = &kOrganization))

struct ReadingKeyOf {
    std::string organization;
    std::string public_key;
    std::int64_t since_ms = 0;
    std::string transaction;
};
TALLY_FIELDS(ReadingKeyOf, (organization, "whose key it is"), (public_key, "X25519, in hexadecimal"),
             (since_ms, "when it was published"), (transaction, "that published it"))

struct HandOverKey {
    std::string agreement;
    std::string device;
    std::string organization;
    std::string key_id;
    std::string wrapped;
};
TALLY_FIELDS(HandOverKey, (agreement, "that covers the device", .form = &kIdentifier),
             (device, "the device's id", .form = &kIdentifier),
             (organization, "a consumer or verifier of the agreement", .form = &kOrganization),
             (key_id, "the kid of the records that the key opens: 8 bytes in hexadecimal"),
             (wrapped, "the content key, wrapped for the organization's reading key: COSE_Encrypt in base64"))

struct HandedKey {
    std::string device;
    std::string organization;
    std::string key_id;
    std::string reading_key;
    std::string wrapped;
    std::string agreement;
    std::int64_t handed_ms = 0;
    std::string transaction;
};
TALLY_FIELDS(HandedKey, (device, "the device's id"), (organization, "whose reading key opens it"),
             (key_id, "the kid of the records that the key opens"),
             (reading_key, "the public key that it was wrapped for"), (wrapped, "the wrapped content key, in base64"),
             (agreement, "under which it was handed over"), (handed_ms, "when"), (transaction, "that handed it over"))

struct HandedKeys : PageArguments {
    std::string device;
    std::optional<std::string> organization;
};
TALLY_FIELDS_WITH(HandedKeys, (PageArguments), (device, "the device's id", .form = &kIdentifier),
                  (organization, "only the keys for this organization", .form = &kOrganization))

struct HandedPage {
    std::vector<HandedKey> keys;
    std::optional<std::string> next;
};
TALLY_FIELDS(HandedPage, (keys, "by organization and key id"), (next, "the next page's cursor"))

// Of the caller's organization, in the place of an earlier one. Keys that were wrapped for that stay as they are.
[[nodiscard]] Result<ReadingKeyOf> publish_reading_key(Stub& stub, const PublishReadingKey& in);
// not_found: the organization has published none.
[[nodiscard]] Result<ReadingKeyOf> reading_key(Stub& stub, const ReaderOf& in);
// By the device's operator, under an agreement that is in force today and has the organization as a consumer or a
// verifier. A key that was handed over before is wrapped again, for example for a new reading key.
[[nodiscard]] Result<HandedKey> hand_over_key(Stub& stub, const HandOverKey& in);
[[nodiscard]] Result<HandedPage> handed_keys(Stub& stub, const HandedKeys& in);

}  // namespace tally::chaincode::data
