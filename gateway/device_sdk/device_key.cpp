#include "gateway/device_sdk/device_key.h"

#include "chaincode/contracts/data/refusals.h"
#include "chaincode/json/reflect.h"
#include "chaincode/json/strict_json.h"
#include "chaincode/records/identifier.h"
#include "chaincode/records/opening.h"
#include "chaincode/records/packed_series.h"
#include "chaincode/records/possession.h"
#include "chaincode/records/refusals.h"
#include "crypto/random.h"
#include "crypto/sealed.h"
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
    std::optional<bool> commits;
};
BOOST_DESCRIBE_STRUCT(DeviceFile, (), (id, channel, shard, algorithm, sequence, previous, previous_daily, commits))

struct SignedFile {
    std::int64_t sequence = 0;
    std::string root;
    std::vector<chaincode::Field> fields;
    std::string content_id;
};
BOOST_DESCRIBE_STRUCT(SignedFile, (), (sequence, root, fields, content_id))

constexpr unsigned kOwnerOnly = 0600;
// Days and sequences have at most 15 digits. A file whose name has more is none of this outbox.
constexpr std::size_t kMaxDigits = 15;

std::optional<std::string> hex_of(const std::optional<crypto::Hash>& hash) {
    return hash ? std::optional(hash->hex()) : std::nullopt;
}

Status check(const DeviceIdentity& identity) {
    TRY(chaincode::check_identifier(identity.id, "the device's id"));
    TRY(chaincode::check_identifier(identity.channel, "the channel"));
    return chaincode::check_identifier(identity.shard, "the shard");
}

std::optional<std::int64_t> number_of(std::string_view text) {
    if (text.empty() || text.size() > kMaxDigits || text.find_first_not_of("0123456789") != std::string_view::npos)
        return std::nullopt;
    return std::stoll(std::string(text));
}

// The signed records of a folder by their sequence; other files are left alone. A folder that is not there is empty.
Result<std::map<std::int64_t, fs::path>> records_in(const fs::path& folder) {
    std::map<std::int64_t, fs::path> out;
    std::error_code error;
    for (fs::directory_iterator each(folder, error), end; !error && each != end; each.increment(error)) {
        const auto& path = each->path();
        if (const auto sequence = number_of(path.stem().string()); sequence && path.extension() == ".cose")
            out.emplace(*sequence, path);
    }
    if (error && error != std::errc::no_such_file_or_directory)
        return fail(Code::io_error, "{}: {}", folder.string(), error.message());
    return out;
}

Result<Bytes> read_message(const fs::path& path) { return to_bytes(std::string_view(TRY(storage::read_file(path)))); }

Result<chaincode::SignedRecord> decode(const fs::path& path, const Bytes& message) {
    auto record = chaincode::decode_record(message, message.size());
    if (!record) return fail(Code::corrupt, "{}: {}", path.string(), record.error().message);
    return record;
}

std::string signed_name(std::int64_t start_s, std::int64_t end_s) { return fmt::format("{}-{}.json", start_s, end_s); }

}  // namespace

fs::path DeviceKey::outbox_file(std::int64_t sequence) const {
    return folder_ / "outbox" / fmt::format("{:012}.cose", sequence);
}

fs::path DeviceKey::refused_file(std::int64_t sequence) const {
    return folder_ / "refused" / fmt::format("{:012}.cose", sequence);
}

Result<DeviceKey> DeviceKey::create(const fs::path& folder, const DeviceIdentity& identity,
                                    crypto::Algorithm algorithm) {
    return create(folder, identity, crypto::PrivateKey::generate(algorithm).pem());
}

Result<DeviceKey> DeviceKey::create(const fs::path& folder, const DeviceIdentity& identity,
                                    const std::string& key_file) {
    TRY(check(identity));
    auto key = TRY(crypto::PrivateKey::from_pem(key_file));
    TRY(storage::make_directory(folder / "outbox"));
    auto lock = TRY(storage::DirectoryLock::take(folder));
    if (fs::exists(folder / "device.json"))
        return fail(Code::already_exists, "{} holds a device already", folder.string());
    DeviceKey device(folder, std::move(lock), identity, std::move(key));
    TRY(storage::write_file(folder / "key.pem", as_bytes(key_file), kOwnerOnly));
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
    device.commits_ = file.commits.value_or(false);
    TRY(storage::make_directory(folder / "outbox"));
    TRY(device.recover());
    TRY(device.load_days());
    TRY(device.load_series_keys());
    return device;
}

Status DeviceKey::save() const {
    const DeviceFile file{
        identity_.id, identity_.channel, identity_.shard,         std::string(crypto::algorithm_name(key_.algorithm())),
        sequence_,    hex_of(previous_), hex_of(previous_daily_), commits_ ? std::optional(true) : std::nullopt};
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
        advance(record);
        TRY(save());
    }
    return {};
}

void DeviceKey::advance(const chaincode::SignedRecord& record) {
    sequence_ = record.record.sequence;
    previous_ = record.content_id;
    if (record.record.kind == chaincode::RecordKind::DAILY && !record.record.corrects)
        previous_daily_ = record.content_id;
}

Bytes DeviceKey::prove(std::string_view organization) const {
    return chaincode::sign_possession(key_, identity_.channel, {std::string(organization), identity_.id});
}

namespace {

// The root that a record has, or that its commitment stands for.
Result<crypto::Hash> root_of(const chaincode::SignedRecord& record) {
    if (!record.opening) return record.record.root;
    return TRY(chaincode::reveal(record.record, *record.opening)).root;
}

}  // namespace

Status DeviceKey::remember(const chaincode::SignedRecord& in, bool refused) {
    const auto& record = in.record;
    if (record.kind != chaincode::RecordKind::DAILY) return {};
    days_[record.start_s] = {record.start_s, record.end_s, record.sequence, TRY(root_of(in)), record.fields, refused};
    return {};
}

Status DeviceKey::load_days() {
    for (const auto& [folder, refused] : {std::pair("refused", true), std::pair("outbox", false)}) {
        for (const auto& [sequence, path] : TRY(records_in(folder_ / folder))) {
            const auto message = TRY(read_message(path));
            TRY(remember(TRY(decode(path, message)), refused));
        }
    }
    return load_signed();
}

Status DeviceKey::load_series_keys() {
    const auto file = folder_ / "series-keys";
    const auto text = storage::read_file(file, 1 << 16);
    if (!text) return text.error().code == Code::not_found ? Status{} : std::unexpected(text.error());
    for (std::size_t at = 0, end = 0; (end = text->find('\n', at)) != std::string::npos; at = end + 1) {
        auto key = from_hex(text->substr(at, end - at));
        if (!key || key->size() != crypto::kContentKeyBytes) {
            return fail(Code::corrupt, "{}: line {} is no key of {} bytes in hexadecimal", file.string(),
                        series_keys_.size() + 1, crypto::kContentKeyBytes);
        }
        series_keys_.push_back(std::move(*key));
    }
    if (series_keys_.empty()) return fail(Code::corrupt, "{} has no line with a key", file.string());
    return {};
}

Result<std::string> DeviceKey::encrypt() {
    series_keys_.push_back(crypto::random_bytes(crypto::kContentKeyBytes));
    std::string text;
    for (const auto& key : series_keys_) text += to_hex(key) + "\n";
    TRY(storage::write_file(folder_ / "series-keys", as_bytes(text), kOwnerOnly));
    return to_hex(crypto::content_key_id(series_keys_.back()));
}

// In the place of the rows, wherever they would travel.
Status DeviceKey::encrypt_series(UnsignedRecord& in) const {
    auto& record = in.record;
    const bool has_rows = record.series || !in.packed.empty();
    if (series_keys_.empty() || record.kind != chaincode::RecordKind::DAILY || !has_rows) return {};
    if (in.packed.empty()) in.packed = TRY(chaincode::pack_series(record, *record.series));
    in.encrypted = crypto::seal(series_keys_.back(), in.packed);
    in.packed.clear();
    record.series.reset();
    record.encrypted_series = in.encrypted;
    return {};
}

Status DeviceKey::commit_figures(bool commits) {
    commits_ = commits;
    return save();
}

// Whatever its kind: the figures of an interval say as much as those of a day.
Status DeviceKey::conceal_figures(UnsignedRecord& in) const {
    auto& record = in.record;
    if (!commits_ || record.fields.empty()) return {};
    if (record.series && in.packed.empty()) in.packed = TRY(chaincode::pack_series(record, *record.series));
    in.opening = chaincode::make_opening(record, crypto::random_bytes(chaincode::kSaltBytes));
    record = chaincode::conceal(std::move(record), in.opening);
    return {};
}

Status DeviceKey::load_signed() {
    std::error_code error;
    for (fs::directory_iterator each(folder_ / "signed", error), end; !error && each != end; each.increment(error)) {
        const auto& path = each->path();
        const auto stem = path.stem().string();
        const auto dash = stem.find('-');
        if (path.extension() != ".json" || dash == std::string::npos) continue;
        const auto start_s = number_of(stem.substr(0, dash)), end_s = number_of(stem.substr(dash + 1));
        if (!start_s || !end_s) continue;
        const auto text = TRY(storage::read_file(path, 1 << 16));
        const auto file = TRY(chaincode::from_json<SignedFile>(TRY(chaincode::parse_json(text, path.string()))));
        const auto root = crypto::Hash::from_hex(file.root);
        if (!root) return fail(Code::corrupt, "{}: {}", path.string(), root.error().message);
        days_[*start_s] = {*start_s, *end_s, file.sequence, *root, file.fields, false};
    }
    if (error && error != std::errc::no_such_file_or_directory)
        return fail(Code::io_error, "{}: {}", (folder_ / "signed").string(), error.message());
    return {};
}

Result<std::vector<KnownSchema>> DeviceKey::schemas() const {
    const auto file = folder_ / "schemas.json";
    const auto text = storage::read_file(file, 1 << 20);
    if (!text) {
        if (text.error().code == Code::not_found) return std::vector<KnownSchema>();
        return std::unexpected(text.error());
    }
    const auto value = TRY(chaincode::parse_json(*text, file.string()));
    if (!value.is_array()) return fail(Code::corrupt, "{} is no list", file.string());
    std::vector<KnownSchema> out;
    for (const auto& each : value.get_array()) out.push_back(TRY(chaincode::from_json<KnownSchema>(each)));
    return out;
}

Status DeviceKey::set_schemas(const std::vector<KnownSchema>& schemas) {
    boost::json::array list;
    for (const auto& each : schemas) list.push_back(chaincode::to_json(each));
    return storage::write_file(folder_ / "schemas.json", as_bytes(chaincode::json_text(list) + "\n"));
}

Result<Measurements> DeviceKey::fit(Measurements measurements, const std::vector<KnownSchema>& schemas) {
    std::optional<Error> first;
    for (auto each = schemas.rbegin(); each != schemas.rend(); ++each) {
        auto conformed = conform(measurements, each->fields);
        // A field that no schema has would be lost.
        if (conformed && conformed->fields.size() == measurements.fields.size()) return conformed;
        if (first) continue;
        first = conformed
                    ? Error{chaincode::refusals::schema_mismatch, "the file has fields that the schema does not have"}
                    : conformed.error();
        first->message = fmt::format("{}: {}", each->schema, first->message);
    }
    if (first) return std::unexpected(*first);
    return measurements;
}

std::optional<SignedDay> DeviceKey::signed_day(std::int64_t start_s, std::int64_t end_s) const {
    std::optional<SignedDay> found;
    for (auto each = days_.upper_bound(start_s - chaincode::kLongestPeriod_s); each != days_.lower_bound(end_s);
         ++each) {
        const auto& day = each->second;
        if (day.end_s > start_s && (!found || found->refused)) found = day;
    }
    return found;
}

Status DeviceKey::check_size(const UnsignedRecord& unsigned_record) const {
    // What the envelope adds: at most two identifiers, a signature and a few numbers.
    constexpr std::size_t kEnvelope = 512;
    const auto& record = unsigned_record.record;
    const auto size = chaincode::encode_payload(record).size() + unsigned_record.packed.size() +
                      unsigned_record.opening.size() + kEnvelope;
    if (size <= chaincode::kMaxRecordBytes) return {};
    return fail(
        Code::too_large,
        "a record of {} rows with {} fields has {} bytes; nodes take {}: give it fewer fields, or rows that are "
        "further apart",
        record.rows(), record.fields.size(), size, chaincode::kMaxRecordBytes);
}

Result<DeviceKey::Outgoing> DeviceKey::sign(UnsignedRecord unsigned_record) {
    auto& record = unsigned_record.record;
    record.device = identity_.id;
    record.sequence = sequence_ + 1;
    record.previous = previous_;
    if (record.kind == chaincode::RecordKind::DAILY && !record.corrects) record.previous_daily = previous_daily_;
    TRY(chaincode::check_record(record));
    if (commits_ && !series_keys_.empty())
        return fail(Code::invalid_argument,
                    "{} encrypts its series, and signs commitments: a record has one or the other", identity_.id);
    TRY(encrypt_series(unsigned_record));
    TRY(conceal_figures(unsigned_record));
    TRY(chaincode::check_record(record));
    TRY(check_size(unsigned_record));
    if (const auto there = signed_day(record.start_s, record.end_s);
        there && record.kind == chaincode::RecordKind::DAILY) {
        return fail(chaincode::data::refusals::period_overlap, "record {} is for the same day; a day is signed once",
                    there->sequence);
    }
    auto message =
        chaincode::sign_record(key_, identity_.channel, record, unsigned_record.packed, unsigned_record.opening);
    TRY(storage::write_file(outbox_file(record.sequence), message));
    const auto signed_record = TRY(chaincode::decode_record(message, message.size()));
    advance(signed_record);
    TRY(save());
    TRY(remember(signed_record, false));
    return Outgoing{record.sequence, signed_record.content_id, std::move(message)};
}

Result<std::vector<DeviceKey::Outgoing>> DeviceKey::pending() const {
    std::vector<Outgoing> out;
    for (const auto& [sequence, path] : TRY(records_in(folder_ / "outbox"))) {
        auto message = TRY(read_message(path));
        const auto content_id = TRY(decode(path, message)).content_id;
        out.push_back({sequence, content_id, std::move(message)});
    }
    return out;
}

Status DeviceKey::confirm(std::int64_t sequence) {
    const auto path = outbox_file(sequence);
    const auto message = read_message(path);
    if (!message) return message.error().code == Code::not_found ? Status{} : std::unexpected(message.error());
    const auto in = TRY(decode(path, *message));
    if (in.record.kind == chaincode::RecordKind::DAILY) {
        const SignedFile file{sequence, TRY(root_of(in)).hex(), in.record.fields, in.content_id.hex()};
        TRY(storage::make_directory(folder_ / "signed"));
        TRY(storage::write_file(folder_ / "signed" / signed_name(in.record.start_s, in.record.end_s),
                                as_bytes(chaincode::json_text(chaincode::to_json(file)) + "\n")));
    }
    std::error_code error;
    fs::remove(path, error);
    if (error) return fail(Code::io_error, "{}: {}", path.string(), error.message());
    return {};
}

Status DeviceKey::set_aside(std::int64_t sequence, const Error& why) {
    const auto path = outbox_file(sequence), aside = refused_file(sequence);
    const auto message = TRY(read_message(path));
    const auto in = TRY(decode(path, message));
    TRY(storage::make_directory(aside.parent_path()));
    TRY(storage::write_file(fs::path(aside).replace_extension(".txt"),
                            as_bytes(fmt::format("{} [{}]\n", why.message, why.code.name()))));
    std::error_code error;
    fs::rename(path, aside, error);
    if (error) return fail(Code::io_error, "{}: {}", path.string(), error.message());
    TRY(storage::sync_directory(aside.parent_path()));
    TRY(remember(in, true));
    return {};
}

}  // namespace tally::gateway::device_sdk
