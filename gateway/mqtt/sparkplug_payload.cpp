#include "gateway/mqtt/sparkplug_payload.h"

#include <bit>

#include "gateway/mqtt/exact_number.h"

namespace tally::gateway::mqtt {
namespace {

constexpr std::uint64_t kBoolean = 11;  // a datatype
constexpr std::string_view kRebirth = "Node Control/Rebirth";

enum class Wire : std::uint8_t { varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5 };

// The fields of one protobuf message. The first fault stays, and nothing is read after it.
class PayloadReader {
  public:
    PayloadReader(ByteView in, std::size_t offset) : in_(in), offset_(offset) {}

    // The next field; false at the end and at a fault. Its value is in `number` or `bytes`.
    bool next() {
        if (fault_ || at_ == in_.size()) return false;
        const auto key = varint();
        field = key >> 3U;
        wire = static_cast<Wire>(key & 7U);
        if (field == 0) fault("a field without a number");
        switch (wire) {
            case Wire::varint: number = varint(); break;
            case Wire::fixed64: number = fixed(8); break;
            case Wire::fixed32: number = fixed(4); break;
            case Wire::bytes: {
                const auto length = varint();
                if (length > in_.size() - at_) {
                    fault("a field is longer than the message");
                    break;
                }
                bytes_at_ = at_;
                bytes = in_.subspan(at_, length);
                at_ += length;
                break;
            }
            default: fault("an encoding that is not known");
        }
        return !fault_;
    }
    bool is(std::uint64_t wanted, Wire as) {
        if (field != wanted) return false;
        if (wire != as) fault("a field has another type than sparkplug_b.proto says");
        return wire == as;
    }
    [[nodiscard]] PayloadReader inner() const { return {bytes, offset_ + bytes_at_}; }
    void fault(std::string_view what) {
        if (!fault_)
            fault_ = Error{Code::malformed, fmt::format("a Sparkplug payload: {} (at byte {})", what, offset_ + at_)};
    }
    [[nodiscard]] Status status() const { return fault_ ? Status(std::unexpected(*fault_)) : Status(); }

    std::uint64_t field = 0;
    Wire wire = Wire::varint;
    std::uint64_t number = 0;
    ByteView bytes;

  private:
    std::uint64_t varint() {
        std::uint64_t out = 0;
        for (unsigned shift = 0; shift < 64; shift += 7) {
            if (at_ == in_.size()) break;
            const auto byte = in_[at_++];
            out |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
            if ((byte & 0x80U) == 0) return out;
        }
        fault("a number has no end");
        return 0;
    }
    std::uint64_t fixed(unsigned size) {
        if (in_.size() - at_ < size) {
            fault("it ends inside a number");
            return 0;
        }
        std::uint64_t out = 0;
        for (unsigned i = 0; i < size; ++i) out |= static_cast<std::uint64_t>(in_[at_++]) << (8 * i);
        return out;
    }

    ByteView in_;
    std::size_t offset_;
    std::size_t at_ = 0;
    std::size_t bytes_at_ = 0;
    std::optional<Error> fault_;
};

Result<std::int64_t> time_of(std::uint64_t ms) {
    if (ms >= static_cast<std::uint64_t>(kEndOfTime_ms))
        return fail(Code::malformed, "a Sparkplug payload: the time {} ms is after the year 9999", ms);
    return static_cast<std::int64_t>(ms);
}

// The text of the property engUnit.
Result<std::string> unit_of(PayloadReader properties) {
    std::size_t key = 0, value = 0, wanted = SIZE_MAX;
    std::string out;
    while (properties.next()) {
        if (properties.is(1, Wire::bytes)) {
            if (as_text(properties.bytes) == "engUnit") wanted = key;
            ++key;
        } else if (properties.is(2, Wire::bytes)) {
            if (value++ != wanted) continue;
            auto text = properties.inner();
            while (text.next()) {
                if (text.is(8, Wire::bytes)) out = as_text(text.bytes);
            }
            TRY(text.status());
        }
    }
    TRY(properties.status());
    return out;
}

Result<SparkplugMetric> read_metric(PayloadReader in) {
    SparkplugMetric out;
    bool is_null = false;
    while (in.next()) {
        if (in.is(1, Wire::bytes))
            out.name = as_text(in.bytes);
        else if (in.is(2, Wire::varint))
            out.alias = in.number;
        else if (in.is(3, Wire::varint))
            out.timestamp_ms = TRY(time_of(in.number));
        else if (in.is(4, Wire::varint))
            out.datatype = in.number;
        else if (in.is(7, Wire::varint))
            is_null = in.number != 0;
        else if (in.is(9, Wire::bytes))
            out.unit = TRY(unit_of(in.inner()));
        else if (in.is(10, Wire::varint) || in.is(11, Wire::varint))
            out.bits = in.number;
        else if (in.is(12, Wire::fixed32))
            out.number = TRY(ExactNumber::of_float(std::bit_cast<float>(static_cast<std::uint32_t>(in.number))));
        else if (in.is(13, Wire::fixed64))
            out.number = TRY(ExactNumber::of_double(std::bit_cast<double>(in.number)));
    }
    TRY(in.status());
    if (is_null) {
        out.bits.reset();
        out.number.reset();
    }
    return out;
}

void put_varint(Bytes& out, std::uint64_t value) {
    for (; value >= 0x80; value >>= 7U) out.push_back(static_cast<std::uint8_t>(value | 0x80U));
    out.push_back(static_cast<std::uint8_t>(value));
}
void put_number(Bytes& out, std::uint64_t field, std::uint64_t value) {
    put_varint(out, field << 3U);
    put_varint(out, value);
}
void put_bytes(Bytes& out, std::uint64_t field, ByteView value) {
    put_varint(out, field << 3U | 2U);
    put_varint(out, value.size());
    out.insert(out.end(), value.begin(), value.end());
}

}  // namespace

// A signed integer comes as its two's complement of the datatype's size. Integers are 1 to 4 (signed) and 5 to 8.
std::optional<ExactNumber> SparkplugMetric::value(std::uint64_t datatype_of_birth) const {
    if (number || !bits) return number;
    switch (datatype != 0 ? datatype : datatype_of_birth) {
        case 1: return ExactNumber::of(static_cast<std::int8_t>(*bits));
        case 2: return ExactNumber::of(static_cast<std::int16_t>(*bits));
        case 3: return ExactNumber::of(static_cast<std::int32_t>(*bits));
        case 4: return ExactNumber::of(static_cast<std::int64_t>(*bits));
        case 5:
        case 6:
        case 7:
        case 8: return *ExactNumber::of(chaincode::WideInteger(*bits), 0);
        default: return std::nullopt;  // a time, a boolean, ...
    }
}

Result<SparkplugPayload> read_sparkplug(ByteView payload) {
    SparkplugPayload out;
    PayloadReader in(payload, 0);
    while (in.next()) {
        if (in.is(1, Wire::varint)) {
            out.timestamp_ms = TRY(time_of(in.number));
        } else if (in.is(2, Wire::bytes)) {
            if (out.metrics.size() == kMostMetrics)
                return fail(Code::malformed, "a Sparkplug payload has more than {} metrics", kMostMetrics);
            out.metrics.push_back(TRY(read_metric(in.inner())));
        } else if (in.is(3, Wire::varint)) {
            out.seq = in.number;
        }
    }
    TRY(in.status());
    return out;
}

Bytes rebirth_request(std::int64_t now_ms) {
    const auto now = static_cast<std::uint64_t>(now_ms);
    Bytes metric;
    put_bytes(metric, 1, as_bytes(kRebirth));
    put_number(metric, 3, now);
    put_number(metric, 4, kBoolean);
    put_number(metric, 14, 1);
    Bytes out;
    put_number(out, 1, now);
    put_bytes(out, 2, metric);
    return out;
}

}  // namespace tally::gateway::mqtt
