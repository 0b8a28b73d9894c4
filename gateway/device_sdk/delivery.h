#pragma once
// What the answer to POST /v1/records says of the record that was sent. The holder of a signed record may let go of it
// only when it is on the ledger, or can never be: everything else keeps it. Pure; from any thread.

#include <boost/json/value.hpp>

#include "crypto/hash.h"
#include "gateway/http/client.h"

namespace tally::gateway::device_sdk {

enum class Delivery {
    committed,  // this very record is on the ledger, and valid
    refused,    // the contract refuses it for what is in it and on the ledger: no later attempt can have another end
    waiting,    // it is this record that is not taken, and that may change: a schema, a key or a status is registered,
                // time passes. Others may be taken.
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
