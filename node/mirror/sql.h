#pragma once
// PostgreSQL through libpq: statements, and rows in bulk (COPY).
//
// libpq and not libpqxx: Debian 12 and 13 have versions of that whose interfaces differ, and the older one takes no
// rows whose width is not known when it is compiled.
//
// One connection, one thread. Failures: unavailable (the server cannot be reached, stops, or the connection broke: open
// another), conflict (a row exists already), disk_full, io_error (any other), with the server's words.

#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "crypto/error.h"
#include "crypto/hash.h"

struct pg_conn;
struct pg_result;

namespace tally::node {

// Rows as COPY reads them. A text that SQL cannot hold is for the caller to avoid (rows.cpp).
class SqlRows {
  public:
    SqlRows& text(std::string_view value);
    SqlRows& number(std::int64_t value);
    SqlRows& bytes(ByteView value);
    SqlRows& null();
    SqlRows& maybe(const std::optional<std::string>& value) { return value ? text(*value) : null(); }
    void end_row();
    void append(const SqlRows& other);

    [[nodiscard]] std::size_t count() const { return count_; }
    [[nodiscard]] const std::string& copy_text() const { return text_; }

  private:
    void begin_value();
    std::string text_;
    std::size_t count_ = 0;
    bool first_ = true;
};

class SqlResult {
  public:
    explicit SqlResult(pg_result* result) : result_(result) {}

    [[nodiscard]] std::size_t rows() const;
    [[nodiscard]] std::size_t columns() const;
    [[nodiscard]] std::string column(std::size_t column) const;
    [[nodiscard]] std::optional<std::string> at(std::size_t row, std::size_t column) const;  // none: NULL
    [[nodiscard]] std::string text(std::size_t row, std::size_t column) const { return at(row, column).value_or(""); }
    [[nodiscard]] std::int64_t number(std::size_t row, std::size_t column) const;
    [[nodiscard]] std::int64_t affected() const;  // by an UPDATE

  private:
    struct Clear {
        void operator()(pg_result* result) const;
    };
    std::unique_ptr<pg_result, Clear> result_;
};

class SqlConnection {
  public:
    // `where`: as libpq takes it. Waits 10 s for the server at most, unless `where` says otherwise.
    [[nodiscard]] static Result<SqlConnection> open(const std::string& where);

    // One or more statements without parameters; the result of the last.
    [[nodiscard]] Result<SqlResult> run(const std::string& statements);
    // One statement with $1, $2, ...
    [[nodiscard]] Result<SqlResult> run(const std::string& statement, std::initializer_list<std::string> values);
    // Rows with all columns of the table, in its order.
    [[nodiscard]] Status copy(const std::string& table, const SqlRows& rows);

  private:
    struct Finish {
        void operator()(pg_conn* connection) const;
    };
    explicit SqlConnection(pg_conn* connection) : connection_(connection) {}
    [[nodiscard]] Result<SqlResult> judged(pg_result* result) const;
    [[nodiscard]] std::unexpected<Error> failure(std::string_view state) const;
    std::unique_ptr<pg_conn, Finish> connection_;
};

// BEGIN, and ROLLBACK unless it was committed.
class SqlTransaction {
  public:
    [[nodiscard]] static Result<SqlTransaction> begin(SqlConnection& connection);
    SqlTransaction(SqlTransaction&& other) noexcept : connection_(std::exchange(other.connection_, nullptr)) {}
    ~SqlTransaction();
    [[nodiscard]] Status commit();

  private:
    explicit SqlTransaction(SqlConnection& connection) : connection_(&connection) {}
    SqlConnection* connection_;
};

}  // namespace tally::node
