#include "node/cli/interval.h"

#include <charconv>

#include "chaincode/calendar.h"

namespace tally::node::cli {

Result<std::int64_t> parse_interval(const std::string& text) {
    std::int64_t number = 0;
    const auto* const end = text.data() + text.size();
    const auto [after, error] = std::from_chars(text.data(), end, number);
    const std::string_view unit(after, end);
    const std::int64_t factor = unit.empty() || unit == "s" ? 1 : unit == "m" ? 60 : unit == "h" ? 3600 : 0;
    if (error != std::errc{} || factor == 0)
        return fail(Code::invalid_argument, "the interval \"{}\" is not like 90s, 15m or 2h", text);
    if (number < 1 || number > chaincode::kDay_s / factor)
        return fail(Code::invalid_argument, "the interval \"{}\" is not between a second and a day", text);
    return number * factor;
}

}  // namespace tally::node::cli
