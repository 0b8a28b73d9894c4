#pragma once
// The records of a SenML pack as they are written, from JSON or CBOR. Private to senml*.cpp.

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "crypto/bytes.h"
#include "gateway/mqtt/exact_number.h"

namespace tally::gateway::mqtt {

enum class SenmlLabel { bver, bn, bt, bu, bv, bs, n, u, v, vs, vb, vd, s, t, ut };

// In the order of SenmlLabel, with CBOR's label (RFC 8428, table 4).
struct SenmlLabelName {
    std::string_view text;
    std::int64_t number;
};
inline constexpr std::array<SenmlLabelName, 15> kSenmlLabels = {{{"bver", -1},
                                                                 {"bn", -2},
                                                                 {"bt", -3},
                                                                 {"bu", -4},
                                                                 {"bv", -5},
                                                                 {"bs", -6},
                                                                 {"n", 0},
                                                                 {"u", 1},
                                                                 {"v", 2},
                                                                 {"vs", 3},
                                                                 {"vb", 4},
                                                                 {"vd", 8},
                                                                 {"s", 5},
                                                                 {"t", 6},
                                                                 {"ut", 7}}};

struct SenmlValue {
    enum class Kind { number, text, boolean, bytes, other };
    Kind kind = Kind::other;
    ExactNumber number;
    std::string text;
};

struct SenmlRecord {
    std::array<std::optional<ExactNumber>, kSenmlLabels.size()> numbers;
    std::array<std::optional<std::string>, kSenmlLabels.size()> texts;
    std::array<bool, kSenmlLabels.size()> present{};

    [[nodiscard]] bool has(SenmlLabel label) const { return present[static_cast<std::size_t>(label)]; }
    [[nodiscard]] const std::optional<ExactNumber>& number(SenmlLabel label) const {
        return numbers[static_cast<std::size_t>(label)];
    }
    [[nodiscard]] const std::optional<std::string>& text(SenmlLabel label) const {
        return texts[static_cast<std::size_t>(label)];
    }
    // Checks the value's type, and that the label is new in the record.
    [[nodiscard]] Status set(SenmlLabel label, SenmlValue value);
};

// None: a label that may be ignored. malformed: one that ends in "_", which must be understood.
[[nodiscard]] Result<std::optional<SenmlLabel>> senml_label(std::string_view text);

[[nodiscard]] Result<std::vector<SenmlRecord>> read_senml_json(std::string_view text);
[[nodiscard]] Result<std::vector<SenmlRecord>> read_senml_cbor(ByteView payload);

}  // namespace tally::gateway::mqtt
