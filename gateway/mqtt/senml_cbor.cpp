#include <algorithm>
#include <bit>
#include <cmath>

#include "gateway/mqtt/senml.h"
#include "gateway/mqtt/senml_records.h"

namespace tally::gateway::mqtt {
namespace {

using chaincode::WideInteger;
using ValueKind = SenmlValue::Kind;

constexpr unsigned kMostDepth = 8;
constexpr std::uint64_t kDecimalFraction = 4;  // tag: [exponent, mantissa]

// CBOR (RFC 8949) as SenML's senders write it: any length of integers, floats, and indefinite arrays and maps. The
// first fault stays, and nothing is read after it. crypto/cbor.h reads the deterministic encoding alone.
class SenmlReader {
  public:
    explicit SenmlReader(ByteView in) : in_(in) {}

    struct Head {
        unsigned major = 7;
        unsigned info = 0;
        std::uint64_t argument = 0;
    };

    Head head() {
        Head out;
        const auto first = byte();
        out.major = first >> 5U;
        out.info = first & 31U;
        out.argument = out.info;
        if (out.info >= 24 && out.info <= 27) {
            out.argument = 0;
            for (unsigned i = 0; i < 1U << (out.info - 24); ++i) out.argument = out.argument << 8U | byte();
        } else if (out.info >= 28 && !(out.info == 31 && (out.major == 4 || out.major == 5 || out.major == 7))) {
            fault(out.info == 31 ? "a text in pieces is not read" : "a reserved length");
        }
        return out;
    }

    // Whether the next byte ends an indefinite array or map; consumed if it does.
    bool at_break() {
        if (!ok() || at_ == in_.size() || in_[at_] != 0xff) return false;
        ++at_;
        return true;
    }

    ByteView string(std::uint64_t length) {
        if (length > in_.size() - at_) {
            fault("a text is longer than the message");
            return {};
        }
        const auto out = in_.subspan(at_, length);
        at_ += length;
        return out;
    }

    // The rest of an item whose head was read. Of a number, a text, bytes or a boolean also its value.
    SenmlValue value(const Head& head, unsigned depth) {
        if (depth > kMostDepth) fault("it is nested too deeply");
        if (!ok()) return {};
        switch (head.major) {
            case 0:
            case 1: return number(of_integer(head));
            case 2: return {ValueKind::bytes, {}, std::string(as_text(string(head.argument)))};
            case 3: return {ValueKind::text, {}, std::string(as_text(string(head.argument)))};
            case 4:
            case 5: {
                const auto each = head.major == 4 ? 1U : 2U;
                for (std::uint64_t i = 0; ok() && (head.info == 31 ? !at_break() : i < head.argument); ++i) {
                    for (unsigned k = 0; k < each; ++k) (void)value(this->head(), depth + 1);
                }
                return {};
            }
            case 6:
                if (head.argument == kDecimalFraction) return decimal_fraction();
                (void)value(this->head(), depth + 1);
                return {};
            default: return simple(head);
        }
    }

    void fault(std::string_view what) {
        if (!fault_) fault_ = Error{Code::malformed, fmt::format("a SenML pack in CBOR: {} (at byte {})", what, at_)};
        at_ = in_.size();
    }
    [[nodiscard]] bool ok() const { return !fault_; }
    [[nodiscard]] bool at_end() const { return at_ == in_.size(); }
    [[nodiscard]] Status status() const { return fault_ ? Status(std::unexpected(*fault_)) : Status(); }

  private:
    std::uint8_t byte() {
        if (at_ == in_.size()) {
            fault("it ends inside an item");
            return 0;
        }
        return in_[at_++];
    }

    static Result<ExactNumber> of_integer(const Head& head) {
        const WideInteger value = head.argument;
        return ExactNumber::of(head.major == 0 ? value : -1 - value, 0);
    }

    SenmlValue number(Result<ExactNumber> value) {
        if (!value) {
            fault(value.error().message);
            return {};
        }
        return {ValueKind::number, *value, {}};
    }

    SenmlValue decimal_fraction() {
        const auto list = head();
        if (list.major != 4 || list.argument != 2 || list.info == 31) fault("a decimal fraction is no array of two");
        const auto exponent = head(), mantissa = head();
        if (ok() && (exponent.major > 1 || mantissa.major > 1 || exponent.argument > 400))
            fault("a decimal fraction has no integers of 64 bits, or an exponent beyond 400");
        if (!ok()) return {};
        const auto power = static_cast<int>(exponent.argument);
        const auto units = head_integer(mantissa);
        return number(ExactNumber::of(units, exponent.major == 0 ? power : -1 - power));
    }

    static WideInteger head_integer(const Head& head) {
        const WideInteger value = head.argument;
        return head.major == 0 ? value : -1 - value;
    }

    SenmlValue simple(const Head& head) {
        switch (head.info) {
            case 20:
            case 21: return {ValueKind::boolean, {}, {}};
            case 25: return number(ExactNumber::of_double(half(static_cast<std::uint16_t>(head.argument))));
            case 26:
                return number(ExactNumber::of_float(std::bit_cast<float>(static_cast<std::uint32_t>(head.argument))));
            case 27: return number(ExactNumber::of_double(std::bit_cast<double>(head.argument)));
            case 31: fault("an end without a beginning"); return {};
            default: return {};
        }
    }

    // RFC 8949, appendix D.
    static double half(std::uint16_t bits) {
        const int exponent = bits >> 10U & 31U;
        const double mantissa = bits & 1023U;
        const auto size = exponent == 0    ? std::ldexp(mantissa, -24)
                          : exponent != 31 ? std::ldexp(mantissa + 1024, exponent - 25)
                          : mantissa == 0  ? HUGE_VAL
                                           : std::nan("");
        return (bits & 0x8000U) != 0 ? -size : size;
    }

    ByteView in_;
    std::size_t at_ = 0;
    std::optional<Error> fault_;
};

Result<std::optional<SenmlLabel>> label_of(SenmlReader& reader) {
    const auto head = reader.head();
    if (head.major == 3) return senml_label(as_text(reader.string(head.argument)));
    if (head.major > 1) {
        reader.fault("a label is neither a number nor a text");
        return std::nullopt;
    }
    const auto found = std::ranges::find_if(kSenmlLabels, [&](const SenmlLabelName& each) {
        return (each.number < 0) == (head.major == 1) &&
               static_cast<std::uint64_t>(each.number < 0 ? -1 - each.number : each.number) == head.argument;
    });
    if (found == kSenmlLabels.end()) return std::nullopt;
    return static_cast<SenmlLabel>(found - kSenmlLabels.begin());
}

Status read_record(SenmlReader& reader, SenmlRecord& record) {
    const auto map = reader.head();
    if (map.major != 5) reader.fault("an element of the pack is no map");
    for (std::uint64_t i = 0; reader.ok() && (map.info == 31 ? !reader.at_break() : i < map.argument); ++i) {
        const auto label = TRY(label_of(reader));
        auto value = reader.value(reader.head(), 1);
        if (reader.ok() && label) TRY(record.set(*label, std::move(value)));
    }
    return {};
}

}  // namespace

Result<std::vector<SenmlRecord>> read_senml_cbor(ByteView payload) {
    SenmlReader reader(payload);
    const auto pack = reader.head();
    if (pack.major != 4) return fail(Code::malformed, "it is no SenML pack: neither a JSON nor a CBOR array");
    std::vector<SenmlRecord> out;
    for (std::uint64_t i = 0; reader.ok() && (pack.info == 31 ? !reader.at_break() : i < pack.argument); ++i) {
        if (out.size() == kMostSenmlRecords)
            return fail(Code::malformed, "a SenML pack has more than {} records", kMostSenmlRecords);
        if (const auto read = read_record(reader, out.emplace_back()); !read)
            return std::unexpected(read.error().within(fmt::format("record {} of a SenML pack", i + 1)));
    }
    TRY(reader.status());
    if (!reader.at_end()) return fail(Code::malformed, "a SenML pack in CBOR: bytes follow it");
    return out;
}

}  // namespace tally::gateway::mqtt
