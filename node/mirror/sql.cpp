#include "node/mirror/sql.h"

#include <postgresql/libpq-fe.h>

#include <charconv>
#include <vector>

namespace tally::node {

namespace {

constexpr int kMaxCopyBytes = 1 << 20;  // in one call of libpq

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
    return text;
}

std::string_view state_of(const PGresult* result) {
    const auto* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    return state == nullptr ? std::string_view() : std::string_view(state);
}

// Classes of https://www.postgresql.org/docs/current/errcodes-appendix.html
Code code_of(std::string_view state) {
    if (state.starts_with("08") || state.starts_with("57P") || state == "53300") return Code::unavailable;
    if (state == "23505") return Code::conflict;
    if (state == "53100") return Code::disk_full;
    return Code::io_error;
}

}  // namespace

void SqlRows::begin_value() {
    if (!first_) text_ += '\t';
    first_ = false;
}

SqlRows& SqlRows::text(std::string_view value) {
    begin_value();
    for (const char c : value) {
        switch (c) {
            case '\\': text_ += "\\\\"; break;
            case '\t': text_ += "\\t"; break;
            case '\n': text_ += "\\n"; break;
            case '\r': text_ += "\\r"; break;
            default: text_ += c;
        }
    }
    return *this;
}

SqlRows& SqlRows::number(std::int64_t value) {
    begin_value();
    fmt::format_to(std::back_inserter(text_), "{}", value);
    return *this;
}

SqlRows& SqlRows::bytes(ByteView value) {
    begin_value();
    text_ += "\\\\x";
    text_ += to_hex(value);
    return *this;
}

SqlRows& SqlRows::null() {
    begin_value();
    text_ += "\\N";
    return *this;
}

void SqlRows::end_row() {
    text_ += '\n';
    first_ = true;
    ++count_;
}

void SqlRows::append(const SqlRows& other) {
    text_ += other.text_;
    count_ += other.count_;
}

void SqlResult::Clear::operator()(pg_result* result) const { PQclear(result); }

std::size_t SqlResult::rows() const { return static_cast<std::size_t>(PQntuples(result_.get())); }

std::size_t SqlResult::columns() const { return static_cast<std::size_t>(PQnfields(result_.get())); }

std::string SqlResult::column(std::size_t column) const { return PQfname(result_.get(), static_cast<int>(column)); }

std::optional<std::string> SqlResult::at(std::size_t row, std::size_t column) const {
    const auto r = static_cast<int>(row);
    const auto c = static_cast<int>(column);
    if (PQgetisnull(result_.get(), r, c) != 0) return std::nullopt;
    return std::string(PQgetvalue(result_.get(), r, c), static_cast<std::size_t>(PQgetlength(result_.get(), r, c)));
}

std::int64_t SqlResult::number(std::size_t row, std::size_t column) const {
    const auto digits = text(row, column);
    std::int64_t out = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), out);
    return out;
}

std::int64_t SqlResult::affected() const {
    const std::string_view digits = PQcmdTuples(result_.get());
    std::int64_t out = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), out);
    return out;
}

void SqlConnection::Finish::operator()(pg_conn* connection) const { PQfinish(connection); }

Result<SqlConnection> SqlConnection::open(const std::string& where) {
    // What `where` says comes later, and so holds.
    const std::vector<const char*> names{"connect_timeout", "client_encoding", "application_name", "dbname", nullptr};
    const std::vector<const char*> values{"10", "UTF8", "tally mirror", where.c_str(), nullptr};
    SqlConnection out(PQconnectdbParams(names.data(), values.data(), 1));
    if (!out.connection_) return fail(Code::io_error, "libpq has no memory");
    if (PQstatus(out.connection_.get()) == CONNECTION_OK) return out;
    return fail(Code::unavailable, "PostgreSQL: {}", trimmed(PQerrorMessage(out.connection_.get())));
}

std::unexpected<Error> SqlConnection::failure(std::string_view state) const {
    const bool broken = PQstatus(connection_.get()) != CONNECTION_OK;
    return fail(broken ? Code::unavailable : code_of(state), "PostgreSQL: {}",
                trimmed(PQerrorMessage(connection_.get())));
}

Result<SqlResult> SqlConnection::judged(pg_result* result) const {
    SqlResult out(result);
    switch (PQresultStatus(result)) {
        case PGRES_COMMAND_OK:
        case PGRES_TUPLES_OK:
        case PGRES_COPY_IN: return out;
        default: return failure(state_of(result));
    }
}

Result<SqlResult> SqlConnection::run(const std::string& statements) {
    return judged(PQexec(connection_.get(), statements.c_str()));
}

Result<SqlResult> SqlConnection::run(const std::string& statement, std::initializer_list<std::string> values) {
    std::vector<const char*> texts;
    for (const auto& each : values) texts.push_back(each.c_str());
    return judged(PQexecParams(connection_.get(), statement.c_str(), static_cast<int>(texts.size()), nullptr,
                               texts.data(), nullptr, nullptr, 0));
}

Status SqlConnection::copy(const std::string& table, const SqlRows& rows) {
    std::string_view copy_text = rows.copy_text();
    if (copy_text.empty()) return {};
    TRY(run(fmt::format("COPY {} FROM STDIN", table)));
    while (!copy_text.empty()) {
        const auto part = copy_text.substr(0, kMaxCopyBytes);
        if (PQputCopyData(connection_.get(), part.data(), static_cast<int>(part.size())) != 1) return failure({});
        copy_text.remove_prefix(part.size());
    }
    if (PQputCopyEnd(connection_.get(), nullptr) != 1) return failure({});
    Status status;
    while (auto* result = PQgetResult(connection_.get()))
        if (auto judgement = judged(result); !judgement && status) status = std::unexpected(judgement.error());
    return status;
}

Result<SqlTransaction> SqlTransaction::begin(SqlConnection& connection) {
    TRY(connection.run("BEGIN"));
    return SqlTransaction(connection);
}

SqlTransaction::~SqlTransaction() {
    if (connection_ != nullptr) (void)connection_->run("ROLLBACK");
}

Status SqlTransaction::commit() {
    TRY(std::exchange(connection_, nullptr)->run("COMMIT"));
    return {};
}

}  // namespace tally::node
