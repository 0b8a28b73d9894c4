#pragma once
// A device's identity: a folder that belongs to one process at a time (locked).
//
//   device.json                {"id", "channel", "shard", "algorithm", "sequence": last one used, "previous": its
//                              content id or null, "previous_daily": that of the last DAILY record, "commits": true
//                              where it signs commitments in the place of its figures}
//   key.pem                    the private key, readable by its owner alone
//   schemas.json               [{"schema": name@version, "fields"}]: those that the ledger lets the device publish, as
//                              far as they are known; records are signed in the fields of one of them
//   series-keys                content keys of encrypted series, a line of hexadecimal each; the last one is used.
//   Without
//                              the file series are not encrypted
//   outbox/<sequence>.cose     signed records that are neither known to be on the ledger nor refused for good
//   refused/<sequence>.cose    signed records that the ledger has refused for good, and .txt, why. Remove both to have
//                              the day signed anew
//   signed/<start>-<end>.json  {"sequence", "root", "fields", "content_id"} of a day that is on the ledger
//
// A sequence is never used twice: the signed record is synced to the outbox, then device.json is replaced, and only
// then the record is given out. After a crash between the two the record in the outbox counts as signed. A day is
// signed once: outbox, refused and signed say which were. One thread.
// Failures: locked, io_error, corrupt (a file was tampered with), already_exists, invalid_argument, period_overlap,
// too_large.

#include <filesystem>
#include <map>

#include "crypto/key.h"
#include "gateway/device_sdk/day_builder.h"
#include "storage/directory_lock.h"

namespace tally::gateway::device_sdk {

struct DeviceIdentity {
    std::string id;
    std::string channel;
    std::string shard;
};

// A day that the device has signed.
struct SignedDay {
    std::int64_t start_s = 0;
    std::int64_t end_s = 0;
    std::int64_t sequence = 0;
    crypto::Hash root;  // of its rows in these fields
    std::vector<chaincode::Field> fields;
    bool refused = false;  // for good, by the ledger
};

struct KnownSchema {
    std::string schema;  // name@version
    std::vector<chaincode::Field> fields;
};
BOOST_DESCRIBE_STRUCT(KnownSchema, (), (schema, fields))

class DeviceKey {
  public:
    // Makes the folder with a new key.
    [[nodiscard]] static Result<DeviceKey> create(const std::filesystem::path& folder, const DeviceIdentity& identity,
                                                  crypto::Algorithm algorithm = crypto::Algorithm::p256);
    // With this key: PEM, or the PKCS#11 URI of one in a secure element or another token (crypto/token_key.h).
    [[nodiscard]] static Result<DeviceKey> create(const std::filesystem::path& folder, const DeviceIdentity& identity,
                                                  const std::string& key_file);
    [[nodiscard]] static Result<DeviceKey> open(const std::filesystem::path& folder);

    [[nodiscard]] const DeviceIdentity& identity() const { return identity_; }
    [[nodiscard]] const crypto::PrivateKey& key() const { return key_; }
    [[nodiscard]] std::int64_t last_sequence() const { return sequence_; }
    [[nodiscard]] const std::optional<crypto::Hash>& previous() const { return previous_; }

    // That it has its key, for the organization that registers it on the device's channel: "proof" of register_device.
    [[nodiscard]] Bytes prove(std::string_view organization) const;

    struct Outgoing {
        std::int64_t sequence = 0;
        crypto::Hash content_id;
        Bytes message;  // COSE, as POST /v1/records takes it
    };
    // Gives the record its device, sequence and predecessors, signs it, and remembers it. A day that overlaps one that
    // was signed is refused, and so is what no node takes (check_size); neither uses a sequence up.
    [[nodiscard]] Result<Outgoing> sign(UnsignedRecord record);
    // Whether the message will be one that a node takes: too_large.
    [[nodiscard]] Status check_size(const UnsignedRecord& record) const;

    // From the next DAILY record on, series are encrypted under a new content key, whose id is the result.
    [[nodiscard]] Result<std::string> encrypt();
    // From the next record on, it signs commitments in the place of its figures; or figures again.
    [[nodiscard]] Status commit_figures(bool commits);
    // The first one first; empty: series are not encrypted.
    [[nodiscard]] const std::vector<Bytes>& series_keys() const { return series_keys_; }
    // In the order of the registry; none are known: empty.
    [[nodiscard]] Result<std::vector<KnownSchema>> schemas() const;
    [[nodiscard]] Status set_schemas(const std::vector<KnownSchema>& schemas);
    // The measurements in the fields of the newest of these schemas that can hold them, exactly; as they are, where no
    // schema is known. schema_mismatch says why the newest does not.
    [[nodiscard]] static Result<Measurements> fit(Measurements measurements, const std::vector<KnownSchema>& schemas);

    // The signed day that overlaps [start, end), if there is one.
    [[nodiscard]] std::optional<SignedDay> signed_day(std::int64_t start_s, std::int64_t end_s) const;

    // The outbox, in order: to be sent again after a restart. Sending twice is harmless.
    [[nodiscard]] Result<std::vector<Outgoing>> pending() const;
    // The record is on the ledger: leaves the outbox. Does nothing where it has left it.
    [[nodiscard]] Status confirm(std::int64_t sequence);
    // The ledger has refused the record for good: it moves from the outbox to refused.
    [[nodiscard]] Status set_aside(std::int64_t sequence, const Error& why);

  private:
    DeviceKey(std::filesystem::path folder, storage::DirectoryLock lock, DeviceIdentity identity,
              crypto::PrivateKey key)
        : folder_(std::move(folder)), lock_(std::move(lock)), identity_(std::move(identity)), key_(std::move(key)) {}

    [[nodiscard]] Status save() const;
    [[nodiscard]] Status recover();
    [[nodiscard]] Status load_days();
    [[nodiscard]] Status load_signed();
    [[nodiscard]] Status load_series_keys();
    [[nodiscard]] Status encrypt_series(UnsignedRecord& record) const;
    [[nodiscard]] Status remember(const chaincode::SignedRecord& record, bool refused);
    [[nodiscard]] Status conceal_figures(UnsignedRecord& record) const;
    void advance(const chaincode::SignedRecord& record);
    [[nodiscard]] std::filesystem::path outbox_file(std::int64_t sequence) const;
    [[nodiscard]] std::filesystem::path refused_file(std::int64_t sequence) const;

    std::filesystem::path folder_;
    storage::DirectoryLock lock_;
    DeviceIdentity identity_;
    crypto::PrivateKey key_;
    std::int64_t sequence_ = 0;
    std::optional<crypto::Hash> previous_;
    std::map<std::int64_t, SignedDay> days_;  // by start
    std::optional<crypto::Hash> previous_daily_;
    std::vector<Bytes> series_keys_;
    bool commits_ = false;
};

}  // namespace tally::gateway::device_sdk
