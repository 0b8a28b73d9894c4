#pragma once
// A device's identity: a folder that belongs to one process at a time (locked).
//
//   device.json    {"id", "channel", "shard", "algorithm", "sequence": last one used, "previous": its content id,
//                            "previous_daily": that of the last DAILY record}
//   key.pem                  the private key, readable by its owner alone
//   outbox/<sequence>.cose   signed records whose delivery was not confirmed
//
// A sequence is never used twice: the signed record is synced to the outbox, then device.json is replaced, and only
// then the record is given out. After a crash between the two the record in the outbox counts as signed. One thread.
// Failures: locked, io_error, corrupt (a file was tampered with), already_exists, invalid_argument.

#include <filesystem>

#include "crypto/key.h"
#include "gateway/device_sdk/day_builder.h"
#include "storage/directory_lock.h"

namespace tally::gateway::device_sdk {

struct DeviceIdentity {
    std::string id;
    std::string channel;
    std::string shard;
};

class DeviceKey {
  public:
    // Makes the folder with a new key.
    [[nodiscard]] static Result<DeviceKey> create(const std::filesystem::path& folder, const DeviceIdentity& identity,
                                                  crypto::Algorithm algorithm = crypto::Algorithm::p256);
    [[nodiscard]] static Result<DeviceKey> open(const std::filesystem::path& folder);

    [[nodiscard]] const DeviceIdentity& identity() const { return identity_; }
    [[nodiscard]] const crypto::PrivateKey& key() const { return key_; }
    [[nodiscard]] std::int64_t last_sequence() const { return sequence_; }
    [[nodiscard]] const std::optional<crypto::Hash>& previous() const { return previous_; }

    // That it has its key, for the organization that registers it on the device's channel: "proof" of register_device.
    [[nodiscard]] Bytes prove(std::string_view organization) const;

    struct Outgoing {
        std::int64_t sequence = 0;
        Bytes message;  // COSE, as POST /v1/records takes it
    };
    // Gives the record its device, sequence and predecessors, signs it, and remembers it.
    [[nodiscard]] Result<Outgoing> sign(UnsignedRecord record);

    // What was signed and not confirmed, in order: to be sent again after a restart. Sending twice is harmless.
    [[nodiscard]] Result<std::vector<Outgoing>> pending() const;
    [[nodiscard]] Status confirm(std::int64_t sequence);

    // Replaces the key, keeping sequence and chain. `new_key` is stored before this returns.
    [[nodiscard]] Status replace_key(crypto::PrivateKey new_key);

  private:
    DeviceKey(std::filesystem::path folder, storage::DirectoryLock lock, DeviceIdentity identity,
              crypto::PrivateKey key)
        : folder_(std::move(folder)), lock_(std::move(lock)), identity_(std::move(identity)), key_(std::move(key)) {}

    [[nodiscard]] Status save() const;
    [[nodiscard]] Status recover();
    void remember(const chaincode::SignedRecord& record);
    [[nodiscard]] std::filesystem::path outbox_file(std::int64_t sequence) const;

    std::filesystem::path folder_;
    storage::DirectoryLock lock_;
    DeviceIdentity identity_;
    crypto::PrivateKey key_;
    std::int64_t sequence_ = 0;
    std::optional<crypto::Hash> previous_;
    std::optional<crypto::Hash> previous_daily_;
};

}  // namespace tally::gateway::device_sdk
