#include "node/channel/current_identity.h"

namespace tally::node {

CurrentIdentity::CurrentIdentity(Identity identity)
    : key(std::move(identity.key)), shared_(std::make_shared<Shared>()) {
    shared_->chain = std::move(identity.chain);
}

std::vector<crypto::Certificate> CurrentIdentity::chain() const {
    const std::lock_guard lock(shared_->mutex);
    return shared_->chain;
}

bool CurrentIdentity::owns(ByteView der) const {
    if (equal(der, certificate().der())) return true;
    const auto other = crypto::Certificate::from_der(der);
    return other && other->public_key() == key.public_key();
}

Status CurrentIdentity::renew(const Identity& next) {
    if (!(next.key.public_key() == key.public_key()))
        return fail(Code::bad_key, "it is of another key; a new key needs a restart");
    const auto& name = next.certificate();
    if (name.subject() != certificate().subject())
        return fail(Code::invalid_argument, "it is of {}, not of {}", name.subject_text(),
                    certificate().subject_text());
    const std::lock_guard lock(shared_->mutex);
    shared_->chain = next.chain;
    return {};
}

}  // namespace tally::node
