#include "chaincode/records/ocmf_record.h"

#include <algorithm>
#include <chrono>

#include "chaincode/json/strict_json.h"
#include "crypto/printable.h"

namespace tally::chaincode {
namespace {

constexpr std::string_view kHead = "OCMF|";
constexpr std::string_view kWhite = " \t\r\n";
constexpr std::size_t kMostPageDigits = 15;

void skip_white(std::string_view& text) { text.remove_prefix(std::min(text.find_first_not_of(kWhite), text.size())); }

// The bytes of the JSON object that `text` begins with, white space before it included; 0: it does not end.
std::size_t object_bytes(std::string_view text) {
    std::size_t depth = 0;
    bool in_string = false;
    for (std::size_t i = std::min(text.find_first_not_of(kWhite), text.size()); i < text.size(); ++i) {
        const char c = text[i];
        if (in_string) {
            if (c == '\\') ++i;
            if (c == '"') in_string = false;
            continue;
        }
        if (c == '"') in_string = true;
        if (c == '{') ++depth;
        if (c == '}' && --depth == 0) return i + 1;
        if (depth == 0) return 0;
    }
    return 0;
}

struct Parts {
    std::string_view whole;
    std::string_view payload;
    std::string_view signature;
};

// The record that `text` begins with.
Result<Parts> parts_of(std::string_view text) {
    if (!text.starts_with(kHead))
        return fail(Code::malformed, "this is no OCMF record: it begins with \"{}\", not with \"OCMF|\"",
                    printable(text.substr(0, 16)));
    auto rest = text.substr(kHead.size());
    const auto object = object_bytes(rest);
    if (object == 0) return fail(Code::malformed, "the OCMF payload is no JSON object, or the text ends inside it");
    const auto bar = rest.find_first_not_of(kWhite, object);
    if (bar == std::string_view::npos || rest[bar] != '|')
        return fail(Code::malformed, "the signature is missing: no \"|\" follows the OCMF payload");
    const auto payload = rest.substr(0, bar);
    rest.remove_prefix(bar + 1);
    const auto signature = object_bytes(rest);
    if (signature == 0)
        return fail(Code::malformed, "the OCMF signature section is no JSON object, or the text ends inside it");
    return Parts{text.substr(0, kHead.size() + bar + 1 + signature), payload, rest.substr(0, signature)};
}

std::string_view trimmed(std::string_view text) {
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    skip_white(text);
    return text.substr(0, text.find_last_not_of(kWhite) + 1);
}

std::unexpected<Error> refuse(std::string_view name, std::string_view what) {
    return fail(Code::malformed, "{}: {}", name, what);
}

// What a name of an object stands for; none: it is not there, or null.
const json::value* find(const json::object& in, std::string_view name) {
    const auto* const value = in.if_contains(name);
    return value == nullptr || value->is_null() ? nullptr : value;
}

// Leaves `out` as it is where the name is not there.
Status read_text(const json::object& in, std::string_view name, std::string& out, std::size_t max = kMaxOcmfText) {
    const auto* const value = find(in, name);
    if (value == nullptr) return {};
    if (!value->is_string()) return refuse(name, "it must be a text");
    if (value->get_string().size() > max)
        return fail(Code::too_large, "{}: {} bytes where {} are allowed", name, value->get_string().size(), max);
    out = value->get_string();
    return {};
}

Status read_decimal(const json::object& in, std::string_view name, std::optional<Decimal>& out) {
    std::string text;
    TRY(read_text(in, name, text));
    if (text.empty()) return {};
    const auto number = Decimal::parse(text);
    if (!number) return refuse(name, number.error().message);
    out = *number;
    return {};
}

Status read_bool(const json::object& in, std::string_view name, std::optional<bool>& out) {
    const auto* const value = find(in, name);
    if (value == nullptr) return {};
    if (!value->is_bool()) return refuse(name, "it must be true or false");
    out = value->get_bool();
    return {};
}

Status read_pagination(const json::object& in, std::optional<OcmfPagination>& out) {
    std::string text;
    TRY(read_text(in, "PG", text));
    if (text.empty()) return {};
    const auto page = OcmfPagination::parse(text);
    if (!page) return std::unexpected(page.error().within("PG"));
    out = *page;
    return {};
}

Status read_flags(const json::object& in, std::vector<std::string>& out) {
    const auto* const value = find(in, "IF");
    if (value == nullptr) return {};
    if (!value->is_array()) return refuse("IF", "it must be a list");
    for (const auto& flag : value->get_array()) {
        if (!flag.is_string() || flag.get_string().size() > kMaxOcmfText)
            return refuse("IF", "its items must be short texts");
        if (out.size() == 16) return refuse("IF", "it has more than 16 items");
        out.emplace_back(flag.get_string());
    }
    return {};
}

Status read_losses(const json::object& in, std::optional<OcmfLosses>& out) {
    const auto* const value = find(in, "LC");
    if (value == nullptr) return {};
    if (!value->is_object()) return refuse("LC", "it must be an object");
    const auto& object = value->get_object();
    out.emplace();
    TRY(read_text(object, "LN", out->name));
    TRY(read_text(object, "LI", out->id));
    TRY(read_decimal(object, "LR", out->resistance));
    return read_text(object, "LU", out->unit);
}

Status read_time(OcmfReading& reading) {
    if (reading.time.empty()) return {};
    const auto space = reading.time.find(' ');
    const auto status = space == std::string::npos ? "U" : std::string_view(reading.time).substr(space + 1);
    if (status.size() != 1 || std::string_view("UISR").find(status[0]) == std::string_view::npos)
        return refuse("TM", fmt::format("\"{}\": a time's status is U, I, S or R", printable(reading.time)));
    reading.time_status = status;
    const auto time = ocmf_time(std::string_view(reading.time).substr(0, space));
    if (!time) return std::unexpected(time.error().within("TM"));
    reading.time_ms = *time;
    return {};
}

// `reading` holds the reading before.
Status read_reading(const json::value& in, OcmfReading& reading) {
    if (!in.is_object()) return fail(Code::malformed, "it must be an object");
    const auto& object = in.get_object();
    for (const auto& [name, member] : {std::pair{"TM", &OcmfReading::time},
                                       {"TX", &OcmfReading::transaction},
                                       {"RI", &OcmfReading::register_id},
                                       {"RU", &OcmfReading::unit},
                                       {"RT", &OcmfReading::current},
                                       {"EF", &OcmfReading::errors},
                                       {"ST", &OcmfReading::status}}) {
        TRY(read_text(object, name, reading.*member));
    }
    TRY(read_decimal(object, "RV", reading.value));
    TRY(read_decimal(object, "CL", reading.losses));
    return read_time(reading);
}

Status read_readings(const json::object& in, std::vector<OcmfReading>& out) {
    const auto* const list = find(in, "RD");
    if (list == nullptr || !list->is_array() || list->get_array().empty())
        return refuse("RD", "the record must have a list of readings, with one at least");
    if (list->get_array().size() > kMaxOcmfReadings)
        return fail(Code::too_large, "RD: {} readings where {} are allowed", list->get_array().size(),
                    kMaxOcmfReadings);
    OcmfReading reading;
    for (const auto& each : list->get_array()) {
        if (const auto read = read_reading(each, reading); !read)
            return std::unexpected(read.error().within(fmt::format("RD[{}]", out.size())));
        out.push_back(reading);
    }
    return {};
}

Status read_payload(const json::object& in, OcmfRecord& out) {
    for (const auto& [name, member] : {std::pair{"FV", &OcmfRecord::format_version},
                                       {"GI", &OcmfRecord::gateway},
                                       {"GS", &OcmfRecord::gateway_serial},
                                       {"GV", &OcmfRecord::gateway_version},
                                       {"MV", &OcmfRecord::vendor},
                                       {"MM", &OcmfRecord::model},
                                       {"MS", &OcmfRecord::serial},
                                       {"MF", &OcmfRecord::firmware},
                                       {"IL", &OcmfRecord::user_level},
                                       {"IT", &OcmfRecord::user_type},
                                       {"ID", &OcmfRecord::user_id},
                                       {"CF", &OcmfRecord::controller_firmware},
                                       {"CT", &OcmfRecord::point_type},
                                       {"CI", &OcmfRecord::point_id}}) {
        TRY(read_text(in, name, out.*member));
    }
    TRY(read_text(in, "TT", out.tariff, kMaxOcmfLongText));
    TRY(read_pagination(in, out.pagination));
    TRY(read_bool(in, "IS", out.user_known));
    TRY(read_flags(in, out.user_flags));
    TRY(read_losses(in, out.losses));
    return read_readings(in, out.readings);
}

Status read_signature(const json::object& in, OcmfSignature& out) {
    TRY(read_text(in, "SA", out.algorithm));
    TRY(read_text(in, "SE", out.encoding));
    TRY(read_text(in, "SM", out.mime_type));
    TRY(read_text(in, "SD", out.data, kMaxOcmfLongText));
    if (out.data.empty()) return refuse("SD", "the signature is missing");
    return {};
}

Result<json::object> object_in(std::string_view text, std::string_view what) {
    auto value = TRY(parse_json(text, what, {.max_bytes = kMaxOcmfBytes, .numbers = JsonNumbers::text}));
    if (!value.is_object()) return fail(Code::malformed, "{} is no JSON object", what);
    return std::move(value.get_object());
}

}  // namespace

const TextForm OcmfPagination::kForm{"^[TF][0-9]{1,15}$", [](std::string_view text, std::string_view what) -> Status {
                                         if (const auto page = OcmfPagination::parse(text); !page)
                                             return std::unexpected(page.error().within(what));
                                         return {};
                                     }};

Result<OcmfPagination> OcmfPagination::parse(std::string_view text) {
    const auto digits = text.substr(std::min<std::size_t>(1, text.size()));
    const bool readable = (text.starts_with('T') || text.starts_with('F')) && !digits.empty() &&
                          digits.size() <= kMostPageDigits &&
                          digits.find_first_not_of("0123456789") == std::string_view::npos;
    if (!readable)
        return fail(Code::malformed, "\"{}\" is not T or F and a number of at most {} digits",
                    printable(text.substr(0, 32)), kMostPageDigits);
    OcmfPagination out{text[0], 0};
    for (const char digit : digits) out.number = out.number * 10 + (digit - '0');
    return out;
}

Result<OcmfRecord> read_ocmf(std::string_view text) {
    if (text.size() > kMaxOcmfBytes)
        return fail(Code::too_large, "an OCMF record of {} bytes; {} are allowed", text.size(), kMaxOcmfBytes);
    const auto record = trimmed(text);
    const auto parts = TRY(parts_of(record));
    if (parts.whole.size() != record.size())
        return fail(Code::malformed, "text follows the OCMF record: \"{}\"",
                    printable(record.substr(parts.whole.size(), 16)));
    OcmfRecord out;
    TRY(read_payload(TRY(object_in(parts.payload, "the OCMF payload")), out));
    TRY(read_signature(TRY(object_in(parts.signature, "the OCMF signature section")), out.signature));
    out.payload = parts.payload;
    out.content_id = crypto::sha256(as_bytes(parts.payload));
    return out;
}

Result<std::vector<std::string_view>> split_ocmf(std::string_view text) {
    std::vector<std::string_view> out;
    for (auto rest = trimmed(text); !rest.empty() || out.empty(); skip_white(rest)) {
        const auto parts = parts_of(rest);
        if (!parts) return std::unexpected(parts.error().within(fmt::format("record {}", out.size() + 1)));
        out.push_back(parts->whole);
        rest.remove_prefix(parts->whole.size());
    }
    return out;
}

Result<std::int64_t> ocmf_time(std::string_view text) {
    const auto refuse_time = [&] {
        return fail(Code::malformed, "\"{}\" is no time like 2021-10-06T13:13:56,000+0200",
                    printable(text.substr(0, 64)));
    };
    auto rest = text;
    bool good = true;
    const auto number = [&](std::size_t digits) {
        std::int64_t value = 0;
        for (std::size_t i = 0; i < digits; ++i) {
            good = good && i < rest.size() && rest[i] >= '0' && rest[i] <= '9';
            if (good) value = value * 10 + (rest[i] - '0');
        }
        rest.remove_prefix(std::min(digits, rest.size()));
        return value;
    };
    const auto take = [&](std::string_view any) {
        const bool there = !rest.empty() && any.find(rest[0]) != std::string_view::npos;
        if (there) rest.remove_prefix(1);
        return there;
    };
    const auto year = number(4);
    good = good && take("-");
    const auto month = number(2);
    good = good && take("-");
    const auto day = number(2);
    good = good && take("T");
    const auto hour = number(2);
    good = good && take(":");
    const auto minute = number(2);
    good = good && take(":");
    const auto second = number(2);
    const auto fraction = take(",.") ? number(3) : 0;
    std::int64_t offset_min = 0;
    if (!take("Z")) {
        const bool west = rest.starts_with('-');
        good = good && take("+-");
        const auto hours = number(2);
        take(":");
        const auto minutes = number(2);
        good = good && hours < 24 && minutes < 60;
        offset_min = (hours * 60 + minutes) * (west ? -1 : 1);
    }
    const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(year)),
                                           std::chrono::month(static_cast<unsigned>(month)),
                                           std::chrono::day(static_cast<unsigned>(day))};
    if (!good || !rest.empty() || !date.ok() || year < 1970 || hour > 23 || minute > 59 || second > 60)
        return refuse_time();
    const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
    return (((days * 24 + hour) * 60 + minute - offset_min) * 60 + second) * 1000 + fraction;
}

}  // namespace tally::chaincode
