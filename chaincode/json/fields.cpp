#include "chaincode/json/fields.h"

namespace tally::chaincode {

Status check_number(std::int64_t value, const FieldInfo& info, std::string_view path) {
    if (value >= info.min && value <= info.max) return {};
    if (info.max == INT64_MAX)
        return fail(Code::invalid_argument, "\"{}\" is {}; it must be {} or more", path, value, info.min);
    return fail(Code::invalid_argument, "\"{}\" is {}; {} to {} are allowed", path, value, info.min, info.max);
}

Status check_text(std::string_view value, const FieldInfo& info, std::string_view path) {
    const auto size = static_cast<std::int64_t>(value.size());
    if (size > info.max) return fail(Code::too_large, "\"{}\" has {} bytes; {} are allowed", path, size, info.max);
    if (size < info.min)
        return fail(Code::invalid_argument, "\"{}\" has {} bytes; at least {} are needed", path, size, info.min);
    return info.form == nullptr ? Status() : info.form->check(value, fmt::format("\"{}\"", path));
}

Status check_items(std::size_t count, const FieldInfo& info, std::string_view path) {
    const auto size = static_cast<std::int64_t>(count);
    if (size >= info.min && size <= info.max) return {};
    if (info.max == INT64_MAX)
        return fail(Code::invalid_argument, "\"{}\" has {} entries; at least {} are needed", path, size, info.min);
    return fail(Code::invalid_argument, "\"{}\" has {} entries; {} to {} are allowed", path, size,
                std::max<std::int64_t>(info.min, 0), info.max);
}

}  // namespace tally::chaincode
