#include "chaincode/records/identifier.h"

#include <algorithm>

namespace tally::chaincode {
namespace {

constexpr std::size_t kMaxUnit = 32;
constexpr std::size_t kMaxStatement = 1000;

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

Status check_hash(std::string_view text, std::string_view what) {
    const auto is_digit = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    };
    if (text.size() == 64 && std::ranges::all_of(text, is_digit)) return {};
    return fail(Code::invalid_argument, "{} is not 64 hexadecimal digits", what);
}

Status check_organization(std::string_view text, std::string_view what) {
    if (!text.empty() && text.find('\0') == std::string_view::npos) return {};
    return fail(Code::invalid_argument, "{} is no organization's name", what);
}

Status check_statement(std::string_view text, std::string_view what) {
    const bool blank = text.find_first_not_of(" \t\n\r") == std::string_view::npos;
    if (!blank && text.size() <= kMaxStatement) return {};
    return fail(Code::invalid_argument, "{} must be said in 1 to {} characters", what, kMaxStatement);
}

}  // namespace tally::chaincode
