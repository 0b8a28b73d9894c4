#pragma once
// A signed reading of a meter in the field: the Open Charge Metering Format (OCMF, versions 0.4 to 1.4, published by
// the S.A.F.E. initiative).
//
//   OCMF|<payload, a JSON object>|<signature, a JSON object>
//
// The signed bytes are the payload's, exactly as they stand between the two bars. They are found by the end of the JSON
// object, so that a bar in a string does no harm. Content id = SHA-256 of these bytes.
//
//   payload    FV format version; GI GS GV gateway: name, serial, version; PG pagination; MV MM MS MF meter: vendor,
//              model, serial, firmware; IS IL IF IT ID TT user: whether known, how well, flags, type, id, tariff text;
//              CF firmware of the charge controller; LC {LN LI LR LU} loss compensation; CT CI charge point; RD [...]
//   a reading  TM time and its status; TX place in the transaction; RV value; RI OBIS code; RU unit; RT AC or DC;
//              CL cumulated losses; EF error flags; ST status of the meter. A field that is left out has the value of
//              the reading before
//   signature  SA algorithm (ECDSA-secp256r1-SHA256); SE hex (default) or base64; SM; SD
//
// Numbers are exact decimals, whether they were written as JSON numbers or as strings; they never become floating
// point. Names that are not listed here are ignored; a name that occurs twice is refused.
//
// Reading a record checks its form alone; ocmf_check.h says what it is worth. A record borrows its payload from the
// text. Pure; from any thread. Failures: malformed, too_large.

#include <optional>
#include <string>
#include <vector>

#include "chaincode/decimal.h"
#include "crypto/hash.h"

namespace tally::chaincode {

inline constexpr std::size_t kMaxOcmfBytes = 256 << 10;
inline constexpr std::size_t kMaxOcmfReadings = 1000;
inline constexpr std::size_t kMaxOcmfText = 256;  // bytes of a text in a record, but for SD and TT
inline constexpr std::size_t kMaxOcmfLongText = 4096;

// PG: "T32" is the 32nd record of transactions, "F32" the 32nd fiscal reading; each has its own counter.
struct OcmfPagination {
    static const TextForm kForm;  // for JSON (json/reflect.h)

    char context = 'T';  // T or F
    std::int64_t number = 0;

    [[nodiscard]] static Result<OcmfPagination> parse(std::string_view text);
    [[nodiscard]] std::string text() const { return fmt::format("{}{}", context, number); }

    friend bool operator==(const OcmfPagination&, const OcmfPagination&) = default;
};

struct OcmfReading {
    std::optional<std::int64_t> time_ms;
    std::string time;
    std::string time_status = "U";
    std::string transaction;
    std::optional<Decimal> value;
    std::string register_id;
    std::string unit;
    std::string current;
    std::optional<Decimal> losses;
    std::string errors;
    std::string status;

    friend bool operator==(const OcmfReading&, const OcmfReading&) = default;
};
TALLY_FIELDS(OcmfReading, (time_ms, "since 1970, UTC"), (time, "TM as it stands"),
             (time_status, "U unknown, I informative, S synchronised, R relative to a synchronised time"),
             (transaction, "TX: B begin, C during, X exception, E L R A P end, S suspended, T tariff"), (value, "RV"),
             (register_id, "RI, an OBIS code"), (unit, "RU"), (current, "RT: AC or DC"), (losses, "CL, cumulated"),
             (errors, "EF: E energy, t time"), (status, "ST: G good, ..."))

// LC, of a direct current charge point.
struct OcmfLosses {
    std::string name;
    std::string id;
    std::optional<Decimal> resistance;
    std::string unit;

    friend bool operator==(const OcmfLosses&, const OcmfLosses&) = default;
};

struct OcmfSignature {
    std::string algorithm = "ECDSA-secp256r1-SHA256";
    std::string encoding = "hex";
    std::string mime_type = "application/x-der";
    std::string data;
};

struct OcmfRecord {
    std::string format_version;
    std::string gateway, gateway_serial, gateway_version;
    std::optional<OcmfPagination> pagination;
    std::string vendor, model, serial, firmware;  // of the meter
    std::optional<bool> user_known;
    std::string user_level;
    std::vector<std::string> user_flags;
    std::string user_type, user_id, tariff;
    std::string controller_firmware;
    std::optional<OcmfLosses> losses;
    std::string point_type, point_id;
    std::vector<OcmfReading> readings;  // one at least

    OcmfSignature signature;
    std::string_view payload;  // borrowed
    crypto::Hash content_id;

    // The serial of the meter, or of the gateway where the meter's is not given; empty: neither is.
    [[nodiscard]] const std::string& meter() const { return serial.empty() ? gateway_serial : serial; }
};

// Of a text with one record; a byte order mark before it and white space around it are ignored.
[[nodiscard]] Result<OcmfRecord> read_ocmf(std::string_view text);

// The texts of the records that follow each other in `text`, with white space between them. malformed where a record
// does not end or something else stands there.
[[nodiscard]] Result<std::vector<std::string_view>> split_ocmf(std::string_view text);

// "2021-10-06T13:13:56,000+0200" in milliseconds since 1970; a point for the comma, no fraction, +02:00 and Z are
// accepted. malformed.
[[nodiscard]] Result<std::int64_t> ocmf_time(std::string_view text);

}  // namespace tally::chaincode
