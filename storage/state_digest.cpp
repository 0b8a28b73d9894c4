#include "storage/state_digest.h"

#include <set>

#include "storage/model/archive.h"

namespace tally::storage {

crypto::Hash state_entry_hash(const StateKey& key, const Version& version, ByteView value) {
    Encoder head;
    head(key, version);
    head.write_size(value.size());
    return crypto::sha256({head.take(), value});
}

Status update_state_digest(crypto::MultisetHash& digest, const StateReader& before,
                           std::span<const StateUpdate> updates) {
    std::set<StateKey> seen;
    for (auto update = updates.rbegin(); update != updates.rend(); ++update) {
        if (!seen.insert(update->key).second) continue;  // a later one of the block replaced it
        if (const auto old = TRY(before.get(update->key))) {
            digest.remove(state_entry_hash(update->key, old->version, old->value));
        }
        if (update->value) digest.add(state_entry_hash(update->key, update->version, *update->value));
    }
    return {};
}

}  // namespace tally::storage
