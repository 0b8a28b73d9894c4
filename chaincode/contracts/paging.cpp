#include "chaincode/contracts/paging.h"

#include <charconv>

namespace tally::chaincode {

Result<std::size_t> page_limit(const std::optional<std::int64_t>& limit, std::size_t usual, std::size_t most) {
    if (!limit) return usual;
    if (*limit < 1 || static_cast<std::uint64_t>(*limit) > most) {
        return fail(Code::invalid_argument, "\"limit\" is {}; 1 to {} are allowed", *limit, most);
    }
    return static_cast<std::size_t>(*limit);
}

std::string just_behind(std::string_view key) { return std::string(key) + '\1'; }

std::string_view last_part(std::string_view key) {
    const auto at = key.rfind('\0');
    return at == std::string_view::npos ? key : key.substr(at + 1);
}

std::optional<std::int64_t> unpadded(std::string_view part) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), number);
    if (error != std::errc() || end != part.data() + part.size() || number < 0) return std::nullopt;
    return number;
}

}  // namespace tally::chaincode
