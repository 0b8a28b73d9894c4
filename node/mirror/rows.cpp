#include "node/mirror/rows.h"

#include "chaincode/json/strict_json.h"
#include "chaincode/proposal.h"
#include "chaincode/records/decimal.h"
#include "chaincode/records/packed_series.h"
#include "chaincode/records/series.h"
#include "crypto/utf8.h"
#include "crypto/x509.h"
#include "node/channel/config_update.h"
#include "node/channel/ledger_json.h"
#include "storage/model/read_transaction.h"

namespace tally::node {

using storage::ValidationCode;

namespace {

constexpr std::size_t kRememberedMembers = 4096;

// PostgreSQL's text has no byte 0.
std::optional<std::string> sql_text(std::string_view text) {
    if (text.contains('\0') || !is_utf8(text)) return std::nullopt;
    return std::string(text);
}

// jsonb is stricter than JSON: it has no U+0000, and its numbers end.
bool fits_jsonb(const boost::json::value& value) {
    switch (value.kind()) {
        case boost::json::kind::string: return value.get_string().find('\0') == boost::json::string::npos;
        case boost::json::kind::array:
            return std::ranges::all_of(value.get_array(), [](const auto& each) { return fits_jsonb(each); });
        case boost::json::kind::object:
            return std::ranges::all_of(value.get_object(), [](const auto& each) {
                return each.key().find('\0') == boost::json::string_view::npos && fits_jsonb(each.value());
            });
        case boost::json::kind::double_: return std::isfinite(value.get_double());
        default: return true;
    }
}

// Written again, as the text of a number may have more digits than SQL's numbers.
std::optional<std::string> sql_json(std::string_view text) {
    const auto value = chaincode::parse_json(text, "the text", {.max_bytes = 64U << 20});
    if (!value || !fits_jsonb(*value)) return std::nullopt;
    return chaincode::json_text(*value);
}

// Of a transaction that was refused, the time may be any number.
std::optional<std::string> sql_time(std::int64_t ms) {
    if (ms < 0 || ms >= chaincode::kLastSecond * 1000) return std::nullopt;
    return iso_time(ms);
}

std::string time_of_seconds(std::int64_t seconds) { return iso_time(seconds * 1000); }

}  // namespace

const SqlShape& shape_of(SqlTable table) {
    static const std::array<SqlShape, kSqlTables> shapes{{
        {"blocks",
         "number bigint PRIMARY KEY, hash bytea NOT NULL, previous_hash bytea NOT NULL, data_root bytea NOT NULL, "
         "time timestamptz NOT NULL, transactions integer NOT NULL, epoch bigint NOT NULL, proposer integer NOT NULL",
         false},
        {"transactions",
         "day date NOT NULL, block bigint NOT NULL, position integer NOT NULL, time timestamptz NOT NULL, id bytea NOT "
         "NULL, "
         "code text NOT NULL, hash bytea NOT NULL, contract text, function text, organization text, member text, "
         "created timestamptz, arguments jsonb, result jsonb, PRIMARY KEY (day, block, position)",
         true},
        {"events",
         "day date NOT NULL, block bigint NOT NULL, position integer NOT NULL, event integer NOT NULL, "
         "time timestamptz NOT NULL, contract text, name text, payload jsonb, "
         "PRIMARY KEY (day, block, position, event)",
         true},
        {"records",
         "day date NOT NULL, block bigint NOT NULL, position integer NOT NULL, device text NOT NULL, "
         "kind text NOT NULL, sequence bigint NOT NULL, starts timestamptz NOT NULL, ends timestamptz NOT NULL, "
         "content_id bytea NOT NULL, interval_s bigint NOT NULL, rows bigint NOT NULL, corrects bytea, "
         "messages bigint, payload_bytes bigint, samples bigint, PRIMARY KEY (day, block, position)",
         true},
        {"figures",
         "day date NOT NULL, block bigint NOT NULL, position integer NOT NULL, device text NOT NULL, "
         "kind text NOT NULL, starts timestamptz NOT NULL, ends timestamptz NOT NULL, field text NOT NULL, "
         "unit text NOT NULL, count bigint NOT NULL, missing bigint NOT NULL, sum numeric NOT NULL, min numeric, "
         "max numeric, first numeric, last numeric, PRIMARY KEY (day, block, position, field)",
         true},
        {"readings",
         "day date NOT NULL, block bigint NOT NULL, position integer NOT NULL, device text NOT NULL, "
         "field text NOT NULL, time timestamptz NOT NULL, value numeric, "
         "PRIMARY KEY (day, block, position, field, time)",
         true},
    }};
    return shapes[static_cast<std::size_t>(table)];
}

struct RowMaker::Place {
    const std::string& day;
    std::int64_t block;
    std::int64_t position;
    std::string_view time;
    ValidationCode code;
    crypto::Hash hash;  // of the transaction's bytes

    SqlRows& begin(SqlRows& rows) const { return rows.text(day).number(block).number(position); }
};

const RowMaker::Member& RowMaker::member_of(const Bytes& certificate) {
    if (const auto known = members_.find(certificate); known != members_.end()) return known->second;
    if (members_.size() >= kRememberedMembers) members_.clear();
    Member out;
    if (const auto parsed = crypto::Certificate::from_der(certificate)) {
        out.organization = sql_text(parsed->subject().organization);
        out.name = sql_text(parsed->subject().common_name);
    }
    return members_.emplace(certificate, std::move(out)).first->second;
}

void RowMaker::add_record(ByteView message, const Place& place, BlockRows& out) const {
    const auto decoded = chaincode::decode_record(message);
    if (!decoded) return;  // an IoT block
    const auto& record = decoded->record;
    const auto kind = chaincode::enum_name(record.kind);
    const auto starts = time_of_seconds(record.start_s);
    const auto ends = time_of_seconds(record.end_s);

    auto& records = place.begin(out.of(SqlTable::records));
    records.text(record.device).text(kind).number(record.sequence).text(starts).text(ends);
    records.bytes(decoded->content_id.view()).number(record.polling_interval_s).number(record.rows());
    record.corrects ? records.bytes(record.corrects->view()) : records.null();
    if (const auto& traffic = record.traffic)
        records.number(traffic->messages).number(traffic->payload_bytes).number(traffic->samples);
    else
        records.null().null().null();
    records.end_row();

    for (std::size_t i = 0; i < record.summary.size(); ++i) {
        const auto& field = record.fields[i];
        const auto& summary = record.summary[i];
        auto& figures = place.begin(out.of(SqlTable::figures));
        figures.text(record.device).text(kind).text(starts).text(ends).text(field.name).text(field.unit);
        figures.number(summary.count).number(summary.missing).text(chaincode::decimal_text(summary.sum, field.scale));
        for (const auto figure : {summary.min, summary.max, summary.first, summary.last})
            summary.count == 0 ? figures.null() : figures.text(chaincode::decimal_text(figure, field.scale));
        figures.end_row();
    }
    if (readings_) add_readings(*decoded, place, out.of(SqlTable::readings));
}

void RowMaker::add_readings(const chaincode::SignedRecord& in, const Place& place, SqlRows& out) {
    const auto& record = in.record;
    Bytes unpacked;
    auto series = record.series;
    if (!series && in.packed) {
        auto rows = chaincode::unpack_series(record, *in.packed);
        if (!rows) return;  // of a transaction that is VALID it can be unpacked
        unpacked = std::move(*rows);
        series = unpacked;
    }
    if (!series) return;
    chaincode::RowReader rows(record, *series);
    while (rows.next()) {
        const auto time = time_of_seconds(record.start_s + rows.offset());
        for (std::size_t i = 0; i < record.fields.size(); ++i) {
            place.begin(out).text(record.device).text(record.fields[i].name).text(time);
            const auto& value = rows.values()[i];
            value ? out.text(chaincode::decimal_text(*value, record.fields[i].scale)) : out.null();
            out.end_row();
        }
    }
}

// The id is the one that the validator gives the transaction (node/channel/validator.cpp).
crypto::Hash RowMaker::add_transaction(ByteView bytes, const Place& place, BlockRows& out) {
    auto& row = place.begin(out.of(SqlTable::transactions)).text(place.time);
    const auto begin = [&](const crypto::Hash& id) -> SqlRows& {
        return row.bytes(id.view()).text(code_name(place.code)).bytes(place.hash.view());
    };
    // contract, function, organization, member, created, arguments, result
    const auto without_proposal = [&](const crypto::Hash& id, std::string_view function) {
        begin(id);
        function.empty() ? row.null().null() : row.text(kConfigSpace).text(function);
        row.null().null().null().null().null().end_row();
        return id;
    };
    const auto unreadable = [&] { return crypto::sha256({as_bytes("tally/unreadable"), bytes}); };
    const auto transaction = storage::read_transaction(bytes, "the transaction");
    if (!transaction) return without_proposal(unreadable(), {});
    if (transaction->kind == storage::Transaction::Kind::genesis) {
        if (place.block != 0) return without_proposal(unreadable(), {});
        return without_proposal(crypto::sha256({as_bytes("tally/genesis"), bytes}), "genesis");
    }
    if (transaction->kind == storage::Transaction::Kind::configuration)
        return without_proposal(config_update_id(*transaction), "apply");
    const auto proposal = chaincode::SignedProposal::decode(transaction->proposal, transaction->proposal.size());
    if (!proposal) return without_proposal(unreadable(), {});

    const auto& asked = proposal->proposal;
    const auto& member = member_of(proposal->cose.headers.x5chain.front());
    std::optional<storage::Simulation> simulation;
    if (place.code == ValidationCode::VALID) {
        auto read = storage::read_simulation(transaction->simulation, "the simulation");
        if (read) simulation = std::move(*read);
    }
    begin(proposal->id).maybe(sql_text(asked.contract)).maybe(sql_text(asked.function));
    row.maybe(member.organization)
        .maybe(member.name)
        .maybe(sql_time(asked.created_ms))
        .maybe(sql_json(asked.arguments));
    row.maybe(simulation ? sql_json(simulation->result) : std::nullopt).end_row();
    if (!simulation) return proposal->id;
    for (std::size_t i = 0; i < simulation->events.size(); ++i) {
        const auto& event = simulation->events[i];
        auto& events = place.begin(out.of(SqlTable::events)).number(static_cast<std::int64_t>(i)).text(place.time);
        events.maybe(sql_text(simulation->contract))
            .maybe(sql_text(event.name))
            .maybe(sql_json(event.payload))
            .end_row();
    }
    if (asked.contract == "data" && asked.function == "publish" && asked.attachments.size() == 1)
        add_record(asked.attachments[0], place, out);
    return proposal->id;
}

Result<BlockRows> RowMaker::rows_of(const storage::Block& block) {
    const auto& header = block.header;
    const auto& codes = block.metadata.codes;
    const auto transactions = transactions_of(block);
    if (transactions.size() != codes.size()) {
        return fail(Code::corrupt, "block {} has {} transactions and {} validation codes", header.number,
                    transactions.size(), codes.size());
    }
    BlockRows out;
    const auto time = iso_time(header.time_ms);
    out.day = time.substr(0, 10);
    const auto number = static_cast<std::int64_t>(header.number);
    auto& blocks = out.of(SqlTable::blocks).number(number).bytes(header.hash().view());
    blocks.bytes(header.previous_hash.view()).bytes(header.data_root.view()).text(time);
    blocks.number(static_cast<std::int64_t>(codes.size())).number(static_cast<std::int64_t>(header.epoch));
    blocks.number(header.proposer).end_row();
    for (std::size_t i = 0; i < transactions.size(); ++i) {
        const Place place{out.day, number,   static_cast<std::int64_t>(i),
                          time,    codes[i], crypto::sha256(transactions[i])};
        const auto id = add_transaction(transactions[i], place, out);
        out.leaves.push_back({id, codes[i], place.hash, header.number});
    }
    return out;
}

}  // namespace tally::node
