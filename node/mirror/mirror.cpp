#include "node/mirror/mirror.h"

#include <set>

namespace tally::node {

namespace {

constexpr int kMirrorFormat = 1;
constexpr std::size_t kMaxSchemaName = 40;

constexpr std::array kTables{SqlTable::blocks,  SqlTable::transactions, SqlTable::events,
                             SqlTable::records, SqlTable::figures,      SqlTable::readings};

constexpr std::string_view kCursorTable =
    "CREATE TABLE mirror (one boolean PRIMARY KEY DEFAULT true CHECK (one), format integer NOT NULL, "
    "channel text NOT NULL, genesis text NOT NULL, readings boolean NOT NULL, block bigint, hash text)";

// For queries. PostgreSQL names an index so that has no name.
constexpr std::string_view kIndexes = R"sql(
CREATE INDEX IF NOT EXISTS transactions_id_idx ON transactions (id);
CREATE INDEX IF NOT EXISTS events_contract_name_idx ON events (contract, name);
CREATE INDEX IF NOT EXISTS records_device_starts_idx ON records (device, starts);
CREATE INDEX IF NOT EXISTS figures_device_field_starts_idx ON figures (device, field, starts);
)sql";

constexpr std::string_view kReadingsIndex =
    "CREATE INDEX IF NOT EXISTS readings_device_field_time_idx ON readings (device, field, time)";

// What was registered, what is in force, and what is to be paid, each with the transaction that it follows from.
constexpr std::string_view kViews = R"sql(
CREATE VIEW devices AS
SELECT registered.payload ->> 'device' AS device, registered.payload ->> 'organization' AS organization,
       registered.payload ->> 'shard' AS shard, registered.payload ->> 'profile' AS profile,
       coalesce(status.status, 'ACTIVE') AS status, status.reason, registered.time AS registered,
       status.time AS changed
FROM events registered
LEFT JOIN (SELECT DISTINCT ON (payload ->> 'device') payload ->> 'device' AS device, payload ->> 'to' AS status,
                  payload ->> 'reason' AS reason, time
           FROM events WHERE contract = 'registry' AND name = 'status_changed'
           ORDER BY payload ->> 'device', block DESC, position DESC, event DESC) status
       ON status.device = registered.payload ->> 'device'
WHERE registered.contract = 'registry' AND registered.name = 'device_registered';

CREATE VIEW final_days AS
SELECT DISTINCT ON (payload ->> 'agreement', payload ->> 'device', payload ->> 'day')
       payload ->> 'agreement' AS agreement, payload ->> 'device' AS device, (payload ->> 'day')::date AS day_metered,
       payload ->> 'match' AS match, name = 'day_revised' AS revised, time, block, position
FROM events WHERE contract = 'data' AND name IN ('day_final', 'day_revised')
ORDER BY payload ->> 'agreement', payload ->> 'device', payload ->> 'day', block DESC, position DESC, event DESC;

CREATE VIEW invoices AS
SELECT DISTINCT ON (payload ->> 'agreement', payload ->> 'from', payload ->> 'provider')
       payload ->> 'agreement' AS agreement, (payload ->> 'from')::date AS period, payload ->> 'provider' AS provider,
       payload ->> 'state' AS state, (payload ->> 'payable')::numeric AS payable, payload ->> 'currency' AS currency,
       payload ->> 'by' AS by, time, block, position
FROM events WHERE contract = 'billing' AND name IN ('invoice_computed', 'invoice_changed')
ORDER BY payload ->> 'agreement', payload ->> 'from', payload ->> 'provider', block DESC, position DESC, event DESC;
)sql";

Status check_schema_name(std::string_view name) {
    const bool fits =
        !name.empty() && name.size() <= kMaxSchemaName && !(name[0] >= '0' && name[0] <= '9') &&
        std::ranges::all_of(name, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
    if (fits) return {};
    return fail(Code::invalid_argument, "--schema \"{}\": 1 to {} characters of a-z 0-9 _, not beginning with a digit",
                name, kMaxSchemaName);
}

std::optional<storage::ValidationCode> code_named(std::string_view name) {
    for (std::uint64_t number = 0; number < enum_limit(storage::ValidationCode::VALID); ++number)
        if (const auto code = storage::validation_code(number); code && code_name(*code) == name) return code;
    return std::nullopt;
}

std::string partition_name(const SqlShape& shape, std::string_view day) {
    std::string out(shape.name);
    out += '_';
    for (const char c : day)
        if (c != '-') out += c;
    return out;
}

}  // namespace

std::string_view mirror_views() { return kViews; }

struct Mirror::Impl {
    SqlConnection connection;
    std::string schema;
    bool readings = false;
    std::optional<MirrorPlace> place{};
    std::set<std::string> days{};  // whose partitions are there
    bool indexed = false;

    [[nodiscard]] bool has(SqlTable table) const { return table != SqlTable::readings || readings; }

    Result<bool> exists() {
        return TRY(connection.run(
                       "SELECT 1 FROM information_schema.tables WHERE table_schema = $1 AND table_name = 'mirror'",
                       {schema}))
                   .rows() > 0;
    }

    Status create(const MirrorOptions& options, const std::string& channel, const crypto::Hash& genesis) {
        readings = options.readings;
        auto transaction = TRY(SqlTransaction::begin(connection));
        TRY(connection.run(fmt::format("CREATE SCHEMA IF NOT EXISTS {}", schema)));
        TRY(connection.run(std::string(kCursorTable)));
        for (const auto table : kTables) {
            if (!has(table)) continue;
            const auto& shape = shape_of(table);
            TRY(connection.run(fmt::format("CREATE TABLE {} ({}){}", shape.name, shape.definition,
                                           shape.by_day ? " PARTITION BY RANGE (day)" : "")));
        }
        TRY(connection.run(std::string(kViews)));
        TRY(connection.run("INSERT INTO mirror (format, channel, genesis, readings) VALUES ($1, $2, $3, $4)",
                           {std::to_string(kMirrorFormat), channel, genesis.hex(), readings ? "true" : "false"}));
        return transaction.commit();
    }

    Status read(const std::string& channel, const crypto::Hash& genesis) {
        const auto found = TRY(connection.run("SELECT format, channel, genesis, readings, block, hash FROM mirror"));
        if (found.rows() != 1)
            return fail(Code::conflict, "schema \"{}\": the table \"mirror\" has {} rows", schema, found.rows());
        if (found.number(0, 0) != kMirrorFormat) {
            return fail(Code::unsupported, "schema \"{}\" has tables of format {}; this program writes format {}",
                        schema, found.number(0, 0), kMirrorFormat);
        }
        if (found.text(0, 1) != channel || found.text(0, 2) != genesis.hex()) {
            return fail(Code::conflict,
                        "schema \"{}\" mirrors channel \"{}\" with genesis block {}; the node has channel \"{}\" with "
                        "genesis block {}: name another --schema",
                        schema, found.text(0, 1), found.text(0, 2), channel, genesis.hex());
        }
        readings = found.text(0, 3) == "t";
        if (found.at(0, 4)) {
            place = MirrorPlace{static_cast<storage::BlockNumber>(found.number(0, 4)),
                                TRY(crypto::Hash::from_hex(found.text(0, 5)))};
        }
        return {};
    }

    Status make_partitions(const std::string& day) {
        for (const auto table : kTables) {
            const auto& shape = shape_of(table);
            if (!shape.by_day || !has(table)) continue;
            TRY(connection.run(
                fmt::format("CREATE TABLE IF NOT EXISTS {} PARTITION OF {} FOR VALUES FROM ('{}') TO (date '{}' + 1)",
                            partition_name(shape, day), shape.name, day, day)));
        }
        return {};
    }

    // Only from where this program has seen it.
    Status move_cursor(const MirrorPlace& last) {
        const auto block = std::to_string(last.block);
        const auto moved =
            place ? TRY(connection.run("UPDATE mirror SET block = $1, hash = $2 WHERE block = $3 AND hash = $4",
                                       {block, last.hash.hex(), std::to_string(place->block), place->hash.hex()}))
                  : TRY(connection.run("UPDATE mirror SET block = $1, hash = $2 WHERE block IS NULL",
                                       {block, last.hash.hex()}));
        if (moved.affected() == 1) return {};
        return fail(Code::conflict, "another program has moved the cursor of schema \"{}\"", schema);
    }

    // The first row of `these` that is not among `those`; empty when there is none.
    Result<std::string> first_without(const std::string& these, const std::string& those, std::string_view order) {
        const auto found = TRY(connection.run(
            fmt::format("SELECT * FROM ({} EXCEPT ALL {}) rows ORDER BY {} LIMIT 1", these, those, order)));
        if (found.rows() == 0) return std::string();
        std::vector<std::string> parts;
        for (std::size_t i = 0; i < found.columns(); ++i)
            parts.push_back(fmt::format("{} {}", found.column(i), found.at(0, i).value_or("NULL")));
        return fmt::format("{}", fmt::join(parts, ", "));
    }
};

Mirror::Mirror(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Mirror::Mirror(Mirror&&) noexcept = default;
Mirror& Mirror::operator=(Mirror&&) noexcept = default;
Mirror::~Mirror() = default;

const std::optional<MirrorPlace>& Mirror::place() const { return impl_->place; }

bool Mirror::has_readings() const { return impl_->readings; }

Result<Mirror> Mirror::connect(const MirrorOptions& options) {
    TRY(check_schema_name(options.schema));
    auto connection = TRY(SqlConnection::open(options.postgres));
    // Rows and cursor are one transaction: what a crash of PostgreSQL loses, it loses whole, and it is added again.
    TRY(
        connection.run(fmt::format("SET search_path TO {}; SET client_min_messages TO warning; SET timezone TO 'UTC'; "
                                   "SET synchronous_commit TO off",
                                   options.schema)));
    return Mirror(std::make_unique<Impl>(Impl{std::move(connection), options.schema}));
}

Result<Mirror> Mirror::open(const MirrorOptions& options, const std::string& channel, const crypto::Hash& genesis) {
    auto out = TRY(connect(options));
    auto& impl = *out.impl_;
    const auto lock =
        TRY(impl.connection.run("SELECT pg_try_advisory_lock(hashtext($1))", {"tally mirror " + impl.schema}));
    if (lock.text(0, 0) != "t")
        return fail(Code::locked, "another tally mirror run writes to schema \"{}\"", impl.schema);
    if (!TRY(impl.exists())) {
        TRY(impl.create(options, channel, genesis));
        return out;
    }
    TRY(impl.read(channel, genesis));
    if (options.readings && !impl.readings) {
        return fail(Code::conflict,
                    "schema \"{}\" was made without readings: name another --schema for a mirror that has them",
                    impl.schema);
    }
    return out;
}

Result<Mirror> Mirror::open_existing(const MirrorOptions& options, const std::string& channel,
                                     const crypto::Hash& genesis) {
    auto out = TRY(connect(options));
    if (!TRY(out.impl_->exists())) {
        return fail(Code::not_found, "the database has no mirror in schema \"{}\": tally mirror run makes one",
                    options.schema);
    }
    TRY(out.impl_->read(channel, genesis));
    return out;
}

Status Mirror::append(std::span<const BlockRows> rows, const MirrorPlace& last) {
    auto& impl = *impl_;
    auto transaction = TRY(SqlTransaction::begin(impl.connection));
    TRY(impl.move_cursor(last));
    std::set<std::string> made;
    for (const auto& block : rows)
        if (!impl.days.contains(block.day) && made.insert(block.day).second) TRY(impl.make_partitions(block.day));
    for (const auto table : kTables) {
        SqlRows all;
        for (const auto& block : rows) all.append(block.of(table));
        if (auto copied = impl.connection.copy(std::string(shape_of(table).name), all); !copied) {
            if (copied.error().code != Code::conflict) return copied;
            return fail(Code::conflict, "the database has rows of blocks that its cursor has not reached: {}",
                        copied.error().message);
        }
    }
    TRY(transaction.commit());
    impl.place = last;
    impl.days.merge(made);
    return {};
}

Status Mirror::index() {
    auto& impl = *impl_;
    if (impl.indexed) return {};
    auto transaction = TRY(SqlTransaction::begin(impl.connection));
    TRY(impl.connection.run(std::string(kIndexes)));
    if (impl.readings) TRY(impl.connection.run(std::string(kReadingsIndex)));
    TRY(transaction.commit());
    impl.indexed = true;
    return {};
}

Result<std::optional<std::string>> Mirror::difference(std::span<const BlockRows> rows, storage::BlockNumber first,
                                                      storage::BlockNumber last, bool readings) {
    auto& impl = *impl_;
    const auto transaction = TRY(SqlTransaction::begin(impl.connection));  // its tables go when it is rolled back
    for (const auto table : kTables) {
        if (table == SqlTable::readings && !readings) continue;
        const auto& shape = shape_of(table);
        SqlRows all;
        for (const auto& block : rows) all.append(block.of(table));
        const auto expected = fmt::format("pg_temp.expected_{}", shape.name);
        TRY(impl.connection.run(fmt::format("CREATE TABLE {} (LIKE {})", expected, shape.name)));
        TRY(impl.connection.copy(expected, all));
        const auto number = shape.by_day ? "block" : "number";
        const auto stored = fmt::format("SELECT * FROM {} WHERE {} BETWEEN {} AND {}", shape.name, number, first, last);
        const auto wanted = fmt::format("SELECT * FROM {}", expected);
        const auto order = shape.by_day ? "block, position" : "number";
        const auto missing = TRY(impl.first_without(wanted, stored, order));
        const auto extra = TRY(impl.first_without(stored, wanted, order));
        if (missing.empty() && extra.empty()) continue;
        auto text = fmt::format("table {}", shape.name);
        if (!missing.empty()) text += fmt::format("; expected {}", missing);
        if (!extra.empty()) text += fmt::format("; found {}", extra);
        return text;
    }
    return std::nullopt;
}

Result<std::vector<storage::LogLeaf>> Mirror::leaves_of(storage::BlockNumber block) {
    const auto found = TRY(impl_->connection.run(
        "SELECT encode(id, 'hex'), code, encode(hash, 'hex') FROM transactions WHERE block = $1 ORDER BY position",
        {std::to_string(block)}));
    std::vector<storage::LogLeaf> out;
    for (std::size_t row = 0; row < found.rows(); ++row) {
        const auto code = code_named(found.text(row, 1));
        if (!code) return fail(Code::bad_proof, "block {}: \"{}\" is no validation code", block, found.text(row, 1));
        out.push_back({TRY(crypto::Hash::from_hex(found.text(row, 0))), *code,
                       TRY(crypto::Hash::from_hex(found.text(row, 2))), block});
    }
    return out;
}

Result<crypto::Hash> Mirror::hash_of(storage::BlockNumber block) {
    const auto found =
        TRY(impl_->connection.run("SELECT encode(hash, 'hex') FROM blocks WHERE number = $1", {std::to_string(block)}));
    if (found.rows() == 0) return fail(Code::bad_proof, "the database has no block {}", block);
    return crypto::Hash::from_hex(found.text(0, 0));
}

}  // namespace tally::node
