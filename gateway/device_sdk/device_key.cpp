#include "gateway/device_sdk/device_key.h"

#include <algorithm>

#include "chaincode/json/reflect.h"
#include "chaincode/json/strict_json.h"
#include "chaincode/records/identifier.h"
#include "chaincode/records/possession.h"
#include "storage/files.h"

namespace tally::gateway::device_sdk {

namespace fs = std::filesystem;

namespace {

struct DeviceFile {
    std::string id;
    std::string channel;
    std::string shard;
    std::string algorithm;
    std::int64_t sequence = 0;
    std::optional<std::string> previous;
    std::optional<std::string> previous_daily;
};
BOOST_DESCRIBE_STRUCT(DeviceFile, (), (id, channel, shard, algorithm, sequence, previous, previous_daily))

constexpr unsigned kOwnerOnly = 0600;

std::optional<std::string> hex_of(const std::optional<crypto::Hash>& hash) {
    return hash ? std::optional(hash->hex()) : std::nullopt;
}

Status check(const DeviceIdentity& identity) {
    TRY(chaincode::check_identifier(identity.id, "the device's id"));
    TRY(chaincode::check_identifier(identity.channel, "the channel"));
    return chaincode::check_identifier(identity.shard, "the shard");
}

// The file of a record in the outbox, or nothing for any other file.
std::optional<std::int64_t> sequence_of(const fs::path& path) {
    const auto stem = path.stem().string();
    if (path.extension() != ".cose" || stem.size() != 12 || stem.find_first_not_of("0123456789") != std::string::npos)
        return std::nullopt;
    return std::stoll(stem);
}

}  // namespace

fs::path DeviceKey::outbox_file(std::int64_t sequence) const {
    return folder_ / "outbox" / fmt::format("{:012}.cose", sequence);
}

Result<DeviceKey> DeviceKey::create(const fs::path& folder, const DeviceIdentity& identity,
                                    crypto::Algorithm algorithm) {
    TRY(check(identity));
    TRY(storage::make_directory(folder / "outbox"));
    auto lock = TRY(storage::DirectoryLock::take(folder));
    if (fs::exists(folder / "device.json"))
        return fail(Code::already_exists, "{} holds a device already", folder.string());
    DeviceKey device(folder, std::move(lock), identity, crypto::PrivateKey::generate(algorithm));
    TRY(storage::write_file(folder / "key.pem", as_bytes(device.key_.pem()), kOwnerOnly));
    TRY(device.save());
    return device;
}

Result<DeviceKey> DeviceKey::open(const fs::path& folder) {
    if (!fs::exists(folder / "device.json")) return fail(Code::not_found, "{} holds no device", folder.string());
    auto lock = TRY(storage::DirectoryLock::take(folder));
    const auto what = (folder / "device.json").string();
    const auto text = TRY(storage::read_file(folder / "device.json", 1 << 16));
    const auto file = TRY(chaincode::from_json<DeviceFile>(TRY(chaincode::parse_json(text, what))));
    auto key = TRY(crypto::PrivateKey::from_pem(TRY(storage::read_file(folder / "key.pem", 1 << 16))));
    const DeviceIdentity identity{file.id, file.channel, file.shard};
    TRY(check(identity));
    if (file.sequence < 0) return fail(Code::corrupt, "{}: the sequence is {}", what, file.sequence);
    DeviceKey device(folder, std::move(lock), identity, std::move(key));
    device.sequence_ = file.sequence;
    if (file.previous) device.previous_ = TRY(crypto::Hash::from_hex(*file.previous));
    if (file.previous_daily) device.previous_daily_ = TRY(crypto::Hash::from_hex(*file.previous_daily));
    TRY(storage::make_directory(folder / "outbox"));
    TRY(device.recover());
    return device;
}

Status DeviceKey::save() const {
    const DeviceFile file{
        identity_.id, identity_.channel, identity_.shard,        std::string(crypto::algorithm_name(key_.algorithm())),
        sequence_,    hex_of(previous_), hex_of(previous_daily_)};
    return storage::write_file(folder_ / "device.json",
                               as_bytes(chaincode::json_text(chaincode::to_json(file)) + "\n"));
}

// A record of the next sequence in the outbox was signed before a crash: it may have been given out.
Status DeviceKey::recover() {
    while (fs::exists(outbox_file(sequence_ + 1))) {
        const auto message = TRY(storage::read_file(outbox_file(sequence_ + 1)));
        const auto record = TRY(chaincode::decode_record(as_bytes(message)));
        if (record.record.sequence != sequence_ + 1)
            return fail(Code::corrupt, "{} has another sequence", outbox_file(sequence_ + 1).string());
        remember(record);
        TRY(save());
    }
    return {};
}

void DeviceKey::remember(const chaincode::SignedRecord& record) {
    sequence_ = record.record.sequence;
    previous_ = record.content_id;
    if (record.record.kind == chaincode::RecordKind::DAILY && !record.record.corrects)
        previous_daily_ = record.content_id;
}

Bytes DeviceKey::prove(std::string_view organization) const {
    return chaincode::sign_possession(key_, identity_.channel, {std::string(organization), identity_.id});
}

Result<DeviceKey::Outgoing> DeviceKey::sign(UnsignedRecord unsigned_record) {
    auto& record = unsigned_record.record;
    record.device = identity_.id;
    record.sequence = sequence_ + 1;
    record.previous = previous_;
    if (record.kind == chaincode::RecordKind::DAILY && !record.corrects) record.previous_daily = previous_daily_;
    TRY(chaincode::check_record(record));
    Outgoing out{record.sequence, chaincode::sign_record(key_, identity_.channel, record, unsigned_record.packed)};
    TRY(storage::write_file(outbox_file(out.sequence), out.message));
    remember(TRY(chaincode::decode_record(out.message, out.message.size())));
    TRY(save());
    return out;
}

Result<std::vector<DeviceKey::Outgoing>> DeviceKey::pending() const {
    std::vector<Outgoing> out;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder_ / "outbox", error)) {
        if (const auto sequence = sequence_of(entry.path())) {
            out.push_back({*sequence, to_bytes(std::string_view(TRY(storage::read_file(entry.path()))))});
        }
    }
    if (error) return fail(Code::io_error, "{}: {}", (folder_ / "outbox").string(), error.message());
    std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.sequence < b.sequence; });
    return out;
}

Status DeviceKey::confirm(std::int64_t sequence) {
    std::error_code error;
    fs::remove(outbox_file(sequence), error);
    if (error) return fail(Code::io_error, "{}: {}", outbox_file(sequence).string(), error.message());
    return {};
}

Status DeviceKey::replace_key(crypto::PrivateKey new_key) {
    TRY(storage::write_file(folder_ / "key.pem", as_bytes(new_key.pem()), kOwnerOnly));
    key_ = std::move(new_key);
    return save();
}

}  // namespace tally::gateway::device_sdk
