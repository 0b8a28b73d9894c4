#include "chaincode/records/identifier.h"

#include <algorithm>

namespace tally::chaincode {
namespace {

constexpr std::size_t kMaxUnit = 32;

bool is_letter_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }
bool is_identifier_character(char c) { return is_letter_or_digit(c) || c == '.' || c == '_' || c == ':' || c == '-'; }

}  // namespace

Status check_identifier(std::string_view text, std::string_view what) {
    if (text.empty() || text.size() > kMaxIdentifier) {
        return fail(Code::malformed, "{} has {} characters; 1 to {} are allowed", what, text.size(), kMaxIdentifier);
    }
    if (!std::all_of(text.begin(), text.end(), is_identifier_character)) {
        return fail(Code::malformed, "{} may hold letters, digits and . _ : - only", what);
    }
    if (!std::any_of(text.begin(), text.end(), is_letter_or_digit))
        return fail(Code::malformed, "{} must hold a letter or a digit", what);
    if (text.front() == '-' || text.front() == '.')
        return fail(Code::malformed, "{} begins with a letter, a digit, _ or :", what);
    return {};
}

Status check_unit(std::string_view text, std::string_view what) {
    const auto visible = [](char c) { return c > ' ' && c < 127 && c != '"' && c != '\\'; };
    if (text.empty() || text.size() > kMaxUnit || !std::all_of(text.begin(), text.end(), visible)) {
        return fail(Code::malformed, "{} must be 1 to {} visible ASCII characters", what, kMaxUnit);
    }
    return {};
}

}  // namespace tally::chaincode
