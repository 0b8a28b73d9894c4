#include "gateway/mqtt/senml.h"

#include <algorithm>

#include "gateway/mqtt/exact_number.h"
#include "gateway/mqtt/senml_records.h"

namespace tally::gateway::mqtt {
namespace {

constexpr std::int64_t kNewestVersion = 10;
constexpr std::int64_t kFirstAbsolute_ms = (std::int64_t{1} << 28) * 1000;
constexpr std::size_t kMostName = 256;
constexpr std::size_t kMostUnit = 32;

using enum SenmlLabel;

bool is_name(std::string_view name) {
    const auto is_alphanumeric = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    };
    return !name.empty() && name.size() <= kMostName && is_alphanumeric(name.front()) &&
           std::ranges::all_of(name, [&](char c) {
               return is_alphanumeric(c) || std::string_view("-:./_").find(c) != std::string_view::npos;
           });
}

// What holds from a record on.
struct Base {
    std::string name;
    std::string unit;
    ExactNumber time;
    ExactNumber value;
    std::optional<std::int64_t> version;

    Status take(const SenmlRecord& record) {
        if (record.has(bver)) {
            const auto said = record.number(bver)->at_scale(0);
            if (!said || *said < 1 || *said > kNewestVersion)
                return fail(Code::invalid_argument, "\"bver\" is {}; versions up to {} are known",
                            record.number(bver)->text(), kNewestVersion);
            if (version && *version != *said)
                return fail(Code::invalid_argument, "\"bver\" is {} after {}", *said, *version);
            version = *said;
        }
        if (record.has(bn)) name = *record.text(bn);
        if (record.has(bu)) unit = *record.text(bu);
        if (record.has(bt)) time = *record.number(bt);
        if (record.has(bv)) value = *record.number(bv);
        return {};
    }
};

struct Time {
    std::int64_t ms = 0;
    bool is_relative = false;
};

Result<Time> time_of(const Base& base, const SenmlRecord& record, std::int64_t now_ms) {
    const auto seconds = TRY(base.time.plus(record.number(t).value_or(ExactNumber())));
    Time out{TRY(seconds.milli_floor()), false};
    if (out.ms < kFirstAbsolute_ms) {
        if (out.ms < -now_ms) return fail(Code::invalid_argument, "the time {} is before 1970", seconds.text());
        out = {now_ms + out.ms, true};
    }
    if (out.ms >= kEndOfTime_ms)
        return fail(Code::invalid_argument, "the time {} is after the year 9999", seconds.text());
    return out;
}

Status take(const SenmlRecord& record, Base& base, std::int64_t now_ms, SenmlPack& out) {
    TRY(base.take(record));
    const auto values = std::ranges::count_if(std::array{v, vs, vb, vd}, [&](auto label) { return record.has(label); });
    if (values > 1) return fail(Code::invalid_argument, "it has {} values; one is allowed", values);
    if (values == 0 && !record.has(s)) {
        if (record.has(n) || record.has(u) || record.has(t) || record.has(ut))
            return fail(Code::invalid_argument, "it has neither a value nor a sum");
        return {};  // base fields alone
    }
    const auto name = base.name + record.text(n).value_or("");
    if (!is_name(name))
        return fail(Code::invalid_argument, "\"{}\" is no name; it has 1 to {} of A-Z a-z 0-9 - : . / _",
                    name.substr(0, 64), kMostName);
    if (!record.has(v)) {
        if (values == 0) return {};  // a sum alone
        return fail(Code::invalid_argument, "the value of \"{}\" is no number", name);
    }
    auto unit = record.text(u).value_or(base.unit);
    if (unit.size() > kMostUnit) return fail(Code::invalid_argument, "the unit of \"{}\" is too long", name);
    const auto time = TRY(time_of(base, record, now_ms));
    out.has_relative_times |= time.is_relative;
    out.samples.push_back({name, std::move(unit), TRY(base.value.plus(*record.number(v))), time.ms, time.is_relative});
    return {};
}

}  // namespace

Status SenmlRecord::set(SenmlLabel label, SenmlValue value) {
    const auto index = static_cast<std::size_t>(label);
    const auto name = kSenmlLabels[index].text;
    if (present[index]) return fail(Code::malformed, "\"{}\" occurs twice", name);
    present[index] = true;
    using Kind = SenmlValue::Kind;
    const bool is_text = label == bn || label == bu || label == n || label == u || label == vs;
    const auto wanted = is_text       ? Kind::text
                        : label == vb ? Kind::boolean
                        : label == vd ? Kind::bytes  // in JSON a text, which is not looked into
                                      : Kind::number;
    if (value.kind != wanted && !(label == vd && value.kind == Kind::text))
        return fail(Code::malformed, "\"{}\" has a value of another type", name);
    if (wanted == Kind::number) numbers[index] = value.number;
    if (wanted == Kind::text) texts[index] = std::move(value.text);
    return {};
}

Result<std::optional<SenmlLabel>> senml_label(std::string_view text) {
    const auto found = std::ranges::find(kSenmlLabels, text, &SenmlLabelName::text);
    if (found != kSenmlLabels.end()) return static_cast<SenmlLabel>(found - kSenmlLabels.begin());
    if (text.ends_with('_'))
        return fail(Code::malformed, "the label \"{}\" must be understood, and is not known", text.substr(0, 64));
    return std::nullopt;
}

Result<SenmlPack> read_senml(ByteView payload, std::int64_t now_ms) {
    const auto text = as_text(payload);
    const auto first = text.find_first_not_of(" \t\r\n");
    const bool is_json = first != std::string_view::npos && text[first] == '[';
    const auto records = TRY(is_json ? read_senml_json(text) : read_senml_cbor(payload));
    if (records.empty()) return fail(Code::malformed, "a SenML pack is empty");
    SenmlPack out;
    Base base;
    for (std::size_t i = 0; i < records.size(); ++i) {
        if (const auto taken = take(records[i], base, now_ms, out); !taken)
            return std::unexpected(taken.error().within(fmt::format("record {} of a SenML pack", i + 1)));
    }
    return out;
}

}  // namespace tally::gateway::mqtt
