#pragma once
// How every room says that something failed for a reason outside the program.
//
// A fallible function returns Result<T>. The Error carries a Code and a sentence that says what was wrong with which
// input. A Code is a stable name that travels to clients, and a kind from which the HTTP status and the exit code
// follow. The codes of this file belong to the platform; a contract declares its own (chaincode/refusal.h).
// A broken invariant is not an Error: it aborts (see `invariant`).

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace tally {

// What a failure means to the caller. The values travel between nodes: append only.
enum class Kind : std::uint8_t {
    failed,           // the program, or its disk, failed
    damaged,          // stored data is not what was written
    invalid,          // the request cannot be read, or has a value that is not allowed
    unauthenticated,  // nobody was identified
    forbidden,        // who asks may not do that
    untrusted,        // a certificate does not count
    not_found,
    gone,  // it was here and is not kept any more
    conflict,
    too_large,
    refused,     // the request is well formed, and the rules refuse it
    not_proven,  // a signature or a proof is false
    limited,     // too many requests
    unavailable,
    timed_out,
};
inline constexpr Kind kLastKind = Kind::timed_out;

// A value type without heap memory: codes that other programs declare arrive over the network.
class Code {
  public:
    static constexpr std::size_t kMaxName = 30;

    // `name`: 1 to kMaxName of a-z 0-9 _; a longer one is cut.
    constexpr Code(std::string_view name, Kind kind)
        : size_(static_cast<std::uint8_t>(std::min(name.size(), kMaxName))), kind_(kind) {
        for (std::size_t i = 0; i < size_; ++i) name_[i] = name[i];
    }

    [[nodiscard]] constexpr std::string_view name() const& { return {name_.data(), size_}; }
    std::string_view name() const&& = delete;
    [[nodiscard]] constexpr Kind kind() const { return kind_; }

    friend constexpr bool operator==(const Code& a, const Code& b) { return a.name() == b.name(); }

    // the request
    static const Code malformed, invalid_argument, too_large, unsupported, not_found, not_kept, already_exists,
        conflict, unauthenticated, permission_denied, unknown_contract, unknown_function, wrong_channel,
        proposal_expired, proposal_replayed;
    // keys, signatures, certificates
    static const Code bad_key, bad_signature, bad_proof, certificate_malformed, certificate_untrusted,
        certificate_not_yet_valid, certificate_expired, certificate_revoked, certificate_wrong_purpose, crl_expired;
    // the transaction, once ordered; the message names the validation code
    static const Code endorsement_refused, endorsements_differ, transaction_invalid;
    // the node
    static const Code busy, rate_limited, unavailable, timeout, disk_full, io_error, corrupt, locked, bad_configuration,
        needs_upgrade, internal;

  private:
    std::array<char, kMaxName> name_{};
    std::uint8_t size_;
    Kind kind_;
};

inline constexpr Code Code::malformed{"malformed", Kind::invalid};
inline constexpr Code Code::invalid_argument{"invalid_argument", Kind::invalid};
inline constexpr Code Code::too_large{"too_large", Kind::too_large};
inline constexpr Code Code::unsupported{"unsupported", Kind::invalid};
inline constexpr Code Code::not_found{"not_found", Kind::not_found};
inline constexpr Code Code::not_kept{"not_kept", Kind::gone};
inline constexpr Code Code::already_exists{"already_exists", Kind::conflict};
inline constexpr Code Code::conflict{"conflict", Kind::conflict};
inline constexpr Code Code::unauthenticated{"unauthenticated", Kind::unauthenticated};
inline constexpr Code Code::permission_denied{"permission_denied", Kind::forbidden};
inline constexpr Code Code::unknown_contract{"unknown_contract", Kind::not_found};
inline constexpr Code Code::unknown_function{"unknown_function", Kind::not_found};
inline constexpr Code Code::wrong_channel{"wrong_channel", Kind::refused};
inline constexpr Code Code::proposal_expired{"proposal_expired", Kind::refused};
inline constexpr Code Code::proposal_replayed{"proposal_replayed", Kind::conflict};
inline constexpr Code Code::bad_key{"bad_key", Kind::refused};
inline constexpr Code Code::bad_signature{"bad_signature", Kind::not_proven};
inline constexpr Code Code::bad_proof{"bad_proof", Kind::not_proven};
inline constexpr Code Code::certificate_malformed{"certificate_malformed", Kind::untrusted};
inline constexpr Code Code::certificate_untrusted{"certificate_untrusted", Kind::untrusted};
inline constexpr Code Code::certificate_not_yet_valid{"certificate_not_yet_valid", Kind::untrusted};
inline constexpr Code Code::certificate_expired{"certificate_expired", Kind::untrusted};
inline constexpr Code Code::certificate_revoked{"certificate_revoked", Kind::untrusted};
inline constexpr Code Code::certificate_wrong_purpose{"certificate_wrong_purpose", Kind::untrusted};
inline constexpr Code Code::crl_expired{"crl_expired", Kind::untrusted};
inline constexpr Code Code::endorsement_refused{"endorsement_refused", Kind::refused};
inline constexpr Code Code::endorsements_differ{"endorsements_differ", Kind::conflict};
inline constexpr Code Code::transaction_invalid{"transaction_invalid", Kind::conflict};
inline constexpr Code Code::busy{"busy", Kind::unavailable};
inline constexpr Code Code::rate_limited{"rate_limited", Kind::limited};
inline constexpr Code Code::unavailable{"unavailable", Kind::unavailable};
inline constexpr Code Code::timeout{"timeout", Kind::timed_out};
inline constexpr Code Code::disk_full{"disk_full", Kind::unavailable};
inline constexpr Code Code::io_error{"io_error", Kind::failed};
inline constexpr Code Code::corrupt{"corrupt", Kind::damaged};
inline constexpr Code Code::locked{"locked", Kind::unavailable};
inline constexpr Code Code::bad_configuration{"bad_configuration", Kind::refused};
inline constexpr Code Code::needs_upgrade{"needs_upgrade", Kind::refused};
inline constexpr Code Code::internal{"internal", Kind::failed};

// Every code of this file.
inline constexpr std::array kPlatformCodes = {
    Code::malformed,
    Code::invalid_argument,
    Code::too_large,
    Code::unsupported,
    Code::not_found,
    Code::not_kept,
    Code::already_exists,
    Code::conflict,
    Code::unauthenticated,
    Code::permission_denied,
    Code::unknown_contract,
    Code::unknown_function,
    Code::wrong_channel,
    Code::proposal_expired,
    Code::proposal_replayed,
    Code::bad_key,
    Code::bad_signature,
    Code::bad_proof,
    Code::certificate_malformed,
    Code::certificate_untrusted,
    Code::certificate_not_yet_valid,
    Code::certificate_expired,
    Code::certificate_revoked,
    Code::certificate_wrong_purpose,
    Code::crl_expired,
    Code::endorsement_refused,
    Code::endorsements_differ,
    Code::transaction_invalid,
    Code::busy,
    Code::rate_limited,
    Code::unavailable,
    Code::timeout,
    Code::disk_full,
    Code::io_error,
    Code::corrupt,
    Code::locked,
    Code::bad_configuration,
    Code::needs_upgrade,
    Code::internal,
};

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
