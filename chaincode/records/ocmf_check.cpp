#include "chaincode/records/ocmf_check.h"

#include <algorithm>
#include <map>

#include "crypto/meter_key.h"
#include "crypto/printable.h"

namespace tally::chaincode {
namespace {

constexpr std::string_view kAlgorithm = "ECDSA-secp256r1-SHA256";

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return out;
}

// SA is "ECDSA-<curve>-<hash>"; a curve's name may hold a hyphen, and so may SHA-256.
Status check_algorithm(const OcmfSignature& signature) {
    const std::string_view text = signature.algorithm;
    const auto first = text.find('-');
    const auto last = lower(text).ends_with("-sha-256") ? text.size() - 8 : text.rfind('-');
    if (first == std::string_view::npos || first == last || lower(text.substr(0, first)) != "ecdsa")
        return fail(Code::unsupported, "SA is \"{}\"; only {} is verified", printable(text.substr(0, 64)), kAlgorithm);
    const auto curve = text.substr(first + 1, last - first - 1), hash = text.substr(last + 1);
    const auto known = lower(curve);
    if (known != "secp256r1" && known != "prime256v1" && known != "p-256")
        return fail(Code::unsupported, "the signature is on the curve {}; only secp256r1 is verified",
                    printable(curve.substr(0, 64)));
    if (lower(hash) != "sha256" && lower(hash) != "sha-256")
        return fail(Code::unsupported, "the signature is over a hash {}; only SHA256 is verified",
                    printable(hash.substr(0, 64)));
    return {};
}

Result<Bytes> signature_bytes(const OcmfSignature& signature) {
    std::string text = signature.data;
    std::erase_if(text, [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; });
    const auto encoding = lower(signature.encoding);
    if (encoding != "hex" && encoding != "base64")
        return fail(Code::unsupported, "SE is \"{}\"; it must be hex or base64", printable(signature.encoding));
    const auto bytes = encoding == "hex" ? from_hex(text) : from_base64(text);
    if (!bytes) return fail(Code::bad_signature, "SD is not {}, which SE says or leaves as the default", encoding);
    return *bytes;
}

OcmfVerdict verdict(std::string_view check, OcmfResult result, std::string detail) {
    return {std::string(check), result, std::move(detail)};
}
OcmfVerdict failed(std::string_view check, std::string detail) {
    return verdict(check, OcmfResult::FAILED, std::move(detail));
}

OcmfVerdict judge_pagination(const OcmfRecord& record) {
    if (!record.pagination) return failed("pagination", "PG is missing");
    return verdict("pagination", OcmfResult::PASSED, record.pagination->text());
}

OcmfVerdict judge_clock(const OcmfRecord& record, bool informative_accepted) {
    std::optional<std::int64_t> before;
    bool flagged = false;
    for (std::size_t i = 0; i < record.readings.size(); ++i) {
        const auto& reading = record.readings[i];
        if (!reading.time_ms) return failed("clock", fmt::format("RD[{}] has no time", i));
        if (before && *reading.time_ms < *before)
            return failed("clock", fmt::format("the time of RD[{}] is before that of the reading before", i));
        before = reading.time_ms;
        flagged = flagged || reading.errors.find('t') != std::string::npos;
        if (reading.time_status == "U") return failed("clock", fmt::format("the time of RD[{}] is unknown (U)", i));
        if (reading.time_status == "I" && !informative_accepted)
            return failed("clock", fmt::format("the time of RD[{}] is informative (I)", i));
    }
    if (flagged) return verdict("clock", OcmfResult::NOTED, "the meter reports an error of its clock (EF t)");
    return verdict("clock", OcmfResult::PASSED, "every time is synchronised (S) or relative to such a time (R)");
}

OcmfVerdict judge_status(const OcmfRecord& record) {
    for (std::size_t i = 0; i < record.readings.size(); ++i) {
        const auto& reading = record.readings[i];
        if (reading.status != "G")
            return failed("status", reading.status.empty()
                                        ? fmt::format("ST of RD[{}] is missing", i)
                                        : fmt::format("ST of RD[{}] is {}, not G", i, printable(reading.status)));
        if (reading.errors.find('E') != std::string::npos)
            return failed("status", fmt::format("the meter reports an error of the energy in RD[{}] (EF {})", i,
                                                printable(reading.errors)));
    }
    return verdict("status", OcmfResult::PASSED, "every reading is good (G)");
}

struct Register {
    const OcmfReading* last = nullptr;
    bool began = false;
};

std::optional<std::string> fault_of(const OcmfReading& reading, Register& known) {
    if (!reading.value) return "has no value (RV)";
    if (reading.register_id.empty()) return "names no register (RI)";
    if (reading.unit.empty()) return "has no unit (RU)";
    if (*reading.value < Decimal()) return fmt::format("is {}: a register is not negative", reading.value->text());
    if (known.last != nullptr) {
        if (known.last->unit != reading.unit)
            return fmt::format("is in {}; the register was in {}", printable(reading.unit),
                               printable(known.last->unit));
        if (*reading.value < *known.last->value)
            return fmt::format("is {}; the register was {} before", reading.value->text(), known.last->value->text());
    }
    if (begins_transaction(reading) && known.began) return "begins a transaction that has begun";
    if (begins_transaction(reading) && known.last != nullptr) return "begins a transaction after other readings of it";
    return std::nullopt;
}

OcmfVerdict judge_plausibility(const OcmfRecord& record) {
    std::map<std::string_view, Register> registers;
    for (std::size_t i = 0; i < record.readings.size(); ++i) {
        const auto& reading = record.readings[i];
        auto& known = registers[reading.register_id];
        if (const auto fault = fault_of(reading, known))
            return failed("plausibility", fmt::format("RD[{}] {}", i, *fault));
        known.last = &reading;
        known.began = known.began || begins_transaction(reading);
    }
    return verdict(
        "plausibility", OcmfResult::PASSED,
        fmt::format("{} {} of {} {}", record.readings.size(), record.readings.size() == 1 ? "reading" : "readings",
                    registers.size(), registers.size() == 1 ? "register" : "registers"));
}

OcmfVerdict judge_identity(const OcmfRecord& record) {
    const auto level = printable(record.user_level);
    if (!record.user_known) return verdict("identity", OcmfResult::NOTED, "the record does not say (IS)");
    if (level == "MISMATCH" || level == "INVALID" || level == "OUTDATED")
        return failed("identity", fmt::format("the user's identification is {}", level));
    if (!*record.user_known) return verdict("identity", OcmfResult::NOTED, "no user is assigned (IS false)");
    if (level.empty()) return verdict("identity", OcmfResult::PASSED, "a user is assigned; IL gives no level");
    if (level == "NONE" || level == "UNKNOWN")
        return verdict("identity", OcmfResult::NOTED, fmt::format("a user is assigned with the level {}", level));
    return verdict("identity", OcmfResult::PASSED, fmt::format("a user is assigned with the level {}", level));
}

}  // namespace

Status verify_ocmf(const OcmfRecord& record, const crypto::PublicKey& key) {
    TRY(check_algorithm(record.signature));
    const auto signature = TRY(crypto::meter_signature_from(TRY(signature_bytes(record.signature))));
    return key.verify(as_bytes(record.payload), signature);
}

OcmfVerdict judge_signature(const OcmfRecord& record, std::string_view key) {
    const auto status = [&]() -> Status {
        TRY(check_algorithm(record.signature));
        if (key.empty()) return {};
        return verify_ocmf(record, TRY(crypto::meter_key_from(key)));
    }();
    if (!status)
        return verdict("signature",
                       status.error().code == Code::unsupported ? OcmfResult::UNSUPPORTED : OcmfResult::FAILED,
                       status.error().message);
    if (key.empty()) return verdict("signature", OcmfResult::NOT_CHECKED, "no public key was given");
    return verdict("signature", OcmfResult::PASSED, "it verifies under the key");
}

std::vector<OcmfVerdict> judge_content(const OcmfRecord& record) {
    return {judge_pagination(record), judge_clock(record, false), judge_status(record), judge_plausibility(record),
            judge_identity(record)};
}

OcmfVerdict judge_informative_clock(const OcmfRecord& record) { return judge_clock(record, true); }

OcmfVerdict judge_succession(const OcmfPagination& page, const std::optional<OcmfPagination>& before) {
    if (!before) return verdict("pagination", OcmfResult::PASSED, page.text());
    const auto missing = page.number - before->number - 1;
    if (missing == 0)
        return verdict("pagination", OcmfResult::PASSED, fmt::format("{} follows {}", page.text(), before->text()));
    if (missing == -1) return failed("pagination", fmt::format("{} was used by another record", page.text()));
    if (missing < 0)
        return verdict("pagination", OcmfResult::NOTED, fmt::format("{} comes after {}", page.text(), before->text()));
    const auto first = OcmfPagination{page.context, before->number + 1},
               last = OcmfPagination{page.context, page.number - 1};
    return verdict("pagination", OcmfResult::NOTED,
                   missing == 1
                       ? fmt::format("{} is missing before {}", first.text(), page.text())
                       : fmt::format("{} to {} are missing before {}", first.text(), last.text(), page.text()));
}

bool begins_transaction(const OcmfReading& reading) { return reading.transaction == "B"; }

bool ends_transaction(const OcmfReading& reading) {
    return reading.transaction.size() == 1 &&
           std::string_view("ELRAP").find(reading.transaction[0]) != std::string_view::npos;
}

std::vector<OcmfSession> sessions_of(std::span<const OcmfReading> readings) {
    std::vector<OcmfSession> out;
    std::map<std::string_view, const OcmfReading*> begun;
    for (const auto& reading : readings) {
        if (!reading.value || !reading.time_ms) continue;
        if (begins_transaction(reading)) begun[reading.register_id] = &reading;
        if (!ends_transaction(reading)) continue;
        const auto found = begun.find(reading.register_id);
        if (found == begun.end() || found->second->unit != reading.unit) continue;
        const auto quantity = reading.value->minus(*found->second->value);
        if (quantity)
            out.push_back({reading.register_id, reading.unit, *found->second->value, *reading.value, *quantity,
                           *found->second->time_ms, *reading.time_ms});
        begun.erase(found);
    }
    return out;
}

std::vector<OcmfSession> sessions_between(const OcmfRecord& begin, const OcmfRecord& end) {
    const bool together = begin.pagination && end.pagination && begin.pagination->context == end.pagination->context &&
                          begin.pagination->number < end.pagination->number && begin.meter() == end.meter() &&
                          begin.user_id == end.user_id && begin.user_type == end.user_type &&
                          begin.point_id == end.point_id;
    if (!together) return {};
    auto readings = begin.readings;
    readings.insert(readings.end(), end.readings.begin(), end.readings.end());
    return sessions_of(readings);
}

}  // namespace tally::chaincode
