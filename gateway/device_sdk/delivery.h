#pragma once
// What the answer to POST /v1/records means for the record that was sent. The holder of a signed record may delete it
// only when the record is on the ledger or can never be; in all other cases it keeps the record. Pure; any thread.

#include <boost/json/value.hpp>

#include "crypto/hash.h"
#include "gateway/http/client.h"

namespace tally::gateway::device_sdk {

enum class Delivery {
    committed,  // this very record is on the ledger, and valid
    refused,    // the contract refuses it for what is in it and on the ledger: no later attempt can succeed
    waiting,    // this record is not accepted now and may be later, when a schema, a key or a status has been
                // registered, or some time has passed. Other records may be accepted.
    failed,     // no node has judged the record: a proxy's page, a wrong profile, no permission, overload, no network
};

struct Judgement {
    Delivery delivery = Delivery::failed;
    Error error;                     // unless it is committed
    bool duplicate = false;          // committed earlier
    boost::json::value answer = {};  // of a committed one: {content_id, duplicate, transaction}
};

// `content_id` is that of the record that was sent. `answer` is an error where none came.
[[nodiscard]] Judgement judge(const Result<ClientResponse>& answer, const crypto::Hash& content_id);

}  // namespace tally::gateway::device_sdk
