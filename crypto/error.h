#pragma once
// How every room says that something failed for a reason outside the program.
//
// A fallible function returns Result<T>; the Error carries one code from one enum, which is stable and travels to
// clients (problem documents, exit codes), and a sentence that says what was wrong with which input.
// A broken invariant is not an Error: it aborts (see `invariant`).

#include <fmt/format.h>

#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace tally {

// X(name): the name is also the code's text on every border.
#define TALLY_ERROR_CODES(X)                                                   \
    /* the request */                                                          \
    X(malformed)                                                               \
    X(invalid_argument)                                                        \
    X(too_large)                                                               \
    X(unsupported)                                                             \
    X(not_found)                                                               \
    X(not_kept)                                                                \
    X(already_exists)                                                          \
    X(conflict)                                                                \
    X(unauthenticated)                                                         \
    X(permission_denied)                                                       \
    X(unknown_contract)                                                        \
    X(unknown_function)                                                        \
    X(wrong_channel)                                                           \
    X(proposal_expired)                                                        \
    X(proposal_replayed)                                                       \
    /* keys, signatures, certificates */                                       \
    X(bad_key)                                                                 \
    X(bad_signature)                                                           \
    X(bad_proof)                                                               \
    X(certificate_malformed)                                                   \
    X(certificate_untrusted)                                                   \
    X(certificate_not_yet_valid)                                               \
    X(certificate_expired)                                                     \
    X(certificate_revoked)                                                     \
    X(certificate_wrong_purpose)                                               \
    X(crl_expired)                                                             \
    /* device records */                                                       \
    X(unknown_device)                                                          \
    X(device_suspended)                                                        \
    X(device_retired)                                                          \
    X(stale_sequence)                                                          \
    X(chain_broken)                                                            \
    X(period_overlap)                                                          \
    X(schema_mismatch)                                                         \
    X(summary_mismatch)                                                        \
    X(root_mismatch)                                                           \
    X(clock_ahead)                                                             \
    X(too_late)                                                                \
    X(duplicate_record)                                                        \
    /* the transaction, once ordered; the message names the validation code */ \
    X(endorsement_refused)                                                     \
    X(endorsements_differ)                                                     \
    X(transaction_invalid)                                                     \
    /* the node */                                                             \
    X(busy)                                                                    \
    X(rate_limited)                                                            \
    X(unavailable)                                                             \
    X(timeout)                                                                 \
    X(disk_full)                                                               \
    X(io_error)                                                                \
    X(corrupt)                                                                 \
    X(locked)                                                                  \
    X(bad_configuration)                                                       \
    X(needs_upgrade)                                                           \
    X(internal)

enum class Code {
#define TALLY_CODE(name) name,
    TALLY_ERROR_CODES(TALLY_CODE)
#undef TALLY_CODE
};

[[nodiscard]] std::string_view code_name(Code code);

struct Error {
    Code code = Code::internal;
    std::string message;

    // Says where it happened: "row 7: <message>".
    [[nodiscard]] Error within(std::string_view context) const {
        return {code, fmt::format("{}: {}", context, message)};
    }
};

template <class T>
using Result = std::expected<T, Error>;
using Status = Result<void>;

template <class... Args>
[[nodiscard]] std::unexpected<Error> fail(Code code, fmt::format_string<Args...> format, Args&&... args) {
    return std::unexpected(Error{code, fmt::format(format, std::forward<Args>(args)...)});
}

// Aborts with the sentence when what must hold does not: a ledger that may be wrong must not go on.
[[noreturn]] void broken_invariant(std::string_view sentence, const char* file, int line);

}  // namespace tally

#define TALLY_INVARIANT(condition, sentence) \
    ((condition) ? void() : ::tally::broken_invariant((sentence), __FILE__, __LINE__))

// The value of a Result, or an early return of its error: `auto header = TRY(decode(bytes));`
#define TRY(expression) TALLY_TRY_NUMBERED(expression, __COUNTER__)
#define TALLY_TRY_NUMBERED(expression, number) TALLY_TRY_NAMED(expression, number)
#define TALLY_TRY_NAMED(expression, number)                                                                   \
    __extension__({                                                                                           \
        auto&& try_result_##number = (expression);                                                            \
        if (!try_result_##number)                                                                             \
            return std::unexpected(std::forward<decltype(try_result_##number)>(try_result_##number).error()); \
        *std::forward<decltype(try_result_##number)>(try_result_##number);                                    \
    })
