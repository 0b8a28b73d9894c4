#pragma once
// The digest of a world state, kept up to date write by write: a checkpoint signs it, so a state can be checked without
// the blocks that made it.
//
// It is the set hash (crypto/multiset_hash.h) of the state's entries; an entry is the SHA-256 of its archive form
// (storage/model/archive.h): namespace, key, version, value. Keys are distinct in a state, as the set hash demands.
// Pure functions, from any thread. They fail only when reading the state does.

#include <span>

#include "crypto/multiset_hash.h"
#include "storage/apply.h"

namespace tally::storage {

[[nodiscard]] crypto::Hash state_entry_hash(const StateKey& key, const Version& version, ByteView value);

// `before` is the state that `digest` is of; `updates` lead to the state that it is of afterwards.
[[nodiscard]] Status update_state_digest(crypto::MultisetHash& digest, const StateReader& before,
                                         std::span<const StateUpdate> updates);

}  // namespace tally::storage
