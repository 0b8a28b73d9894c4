#include "chaincode/stub.h"

namespace tally::chaincode {

std::string composite_key(std::initializer_list<std::string_view> parts) {
    std::string key;
    for (const auto part : parts) {
        if (!key.empty()) key.push_back('\0');
        key.append(part);
    }
    return key;
}

std::string padded(std::int64_t number) {
    // Offset binary in decimal: negative numbers get a leading '-' and their complement, which sorts below '0'.
    if (number < 0) return fmt::format("-{:019}", static_cast<std::uint64_t>(number) + (std::uint64_t{1} << 63U));
    return fmt::format("{:020}", number);
}

std::pair<std::string, std::string> children_of(std::initializer_list<std::string_view> prefix) {
    auto start = composite_key(prefix);
    auto end = start;
    start.push_back('\0');
    end.push_back('\1');
    return {std::move(start), std::move(end)};
}

}  // namespace tally::chaincode
