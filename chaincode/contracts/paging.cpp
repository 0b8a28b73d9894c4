#include "chaincode/contracts/paging.h"

#include <charconv>
#include <tuple>

namespace tally::chaincode {

Pager::Pager(std::initializer_list<std::string_view> prefix) {
    std::tie(start_, end_) = children_of(prefix);
    prefix_ = start_;
}

Pager& Pager::from(std::string_view part) {
    start_ = prefix_ + std::string(part);
    return *this;
}

Pager& Pager::before(std::string_view part) {
    end_ = prefix_ + std::string(part);
    return *this;
}

// A cursor is what the last key has after the prefix, NUL written as "/", and "~" and "/" as in a JSON Pointer.
std::string Pager::cursor_of(std::string_view key) const {
    std::string cursor;
    for (const char c : key.substr(prefix_.size())) {
        if (c == '~')
            cursor += "~0";
        else if (c == '/')
            cursor += "~1";
        else
            cursor += c == '\0' ? '/' : c;
    }
    return cursor;
}

Result<std::string> Pager::start_of(const PageArguments& in) const {
    if (!in.cursor) return start_;
    auto key = prefix_;
    for (std::size_t i = 0; i < in.cursor->size(); ++i) {
        const char c = (*in.cursor)[i];
        const char escaped = i + 1 < in.cursor->size() ? (*in.cursor)[i + 1] : ' ';
        if (c == '\0' || (c == '~' && escaped != '0' && escaped != '1')) {
            return fail(Code::invalid_argument, "\"cursor\" is \"{}\", which no page ended with",
                        in.cursor->substr(0, 64));
        }
        if (c == '~') {
            key += escaped == '0' ? '~' : '/';
            ++i;
        } else {
            key += c == '/' ? '\0' : c;
        }
    }
    return std::max(start_, after(key));
}

std::string Pager::after(std::string_view key) { return std::string(key) + '\0'; }

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
