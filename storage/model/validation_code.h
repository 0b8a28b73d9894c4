#pragma once
// What committers decided about an ordered transaction. Names and numbers follow Fabric's where Fabric has one.

#include <cstdint>
#include <optional>
#include <string_view>

namespace tally::storage {

#define TALLY_VALIDATION_CODES(X)      \
    X(VALID, 0)                        \
    X(BAD_PAYLOAD, 2)                  \
    X(BAD_CREATOR_SIGNATURE, 4)        \
    X(INVALID_ENDORSER_TRANSACTION, 5) \
    X(BAD_PROPOSAL_TXID, 8)            \
    X(DUPLICATE_TXID, 9)               \
    X(ENDORSEMENT_POLICY_FAILURE, 10)  \
    X(MVCC_READ_CONFLICT, 11)          \
    X(PHANTOM_READ_CONFLICT, 12)       \
    X(UNKNOWN_TX_TYPE, 13)             \
    X(TARGET_CHAIN_NOT_FOUND, 14)      \
    X(INVALID_CONFIG_TRANSACTION, 16)  \
    X(ILLEGAL_WRITESET, 20)            \
    X(INVALID_CHAINCODE, 22)           \
    X(EXPIRED_CHAINCODE, 23)           \
    X(SIMULATION_MISMATCH, 100)        \
    X(INCREMENT_OUT_OF_BOUNDS, 101)    \
    X(PROPOSAL_EXPIRED, 102)

enum class ValidationCode : std::uint8_t {
#define TALLY_VALIDATION_CODE(name, number) name = (number),
    TALLY_VALIDATION_CODES(TALLY_VALIDATION_CODE)
#undef TALLY_VALIDATION_CODE
};

constexpr std::uint64_t enum_limit(ValidationCode) { return 103; }

// Whether a transaction with this code makes its id used: a proposal takes effect at most once. A refused proposal may
// be submitted again within its lifetime, endorsed on a newer state, so a conflict needs no new signature of the
// client; and a bad transaction that somebody else makes of a client's proposal does not block the client's own.
constexpr bool uses_id(ValidationCode code) { return code == ValidationCode::VALID; }

// Whether the transaction was refused because something that it had read has changed: it is worth endorsing again.
constexpr bool is_conflict(ValidationCode code) {
    return code == ValidationCode::MVCC_READ_CONFLICT || code == ValidationCode::PHANTOM_READ_CONFLICT;
}

// "VALID", "MVCC_READ_CONFLICT", ...; "UNASSIGNED" for a number that has no name.
[[nodiscard]] std::string_view code_name(ValidationCode code);
// The code with this number; none for a number that has no name.
[[nodiscard]] std::optional<ValidationCode> validation_code(std::uint64_t number);

}  // namespace tally::storage
