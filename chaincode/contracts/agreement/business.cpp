#include "chaincode/contracts/agreement/business.h"

#include <algorithm>

#include "crypto/ascii.h"

namespace tally::chaincode::agreement {
namespace {

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_upper_or_digit(char c) { return is_upper(c) || is_digit(c); }

// ISO 7064 MOD 97-10 over the account with its first four characters at the end, letters as 10 to 35.
int mod_97(std::string_view iban) {
    int rest = 0;
    const auto add = [&](char c) {
        const int value = is_digit(c) ? c - '0' : c - 'A' + 10;
        rest = (rest * (value < 10 ? 10 : 100) + value) % 97;
    };
    for (const char c : iban.substr(4)) add(c);
    for (const char c : iban.substr(0, 4)) add(c);
    return rest;
}

}  // namespace

Status check_iban(std::string_view text, std::string_view what) {
    const bool shaped = text.size() >= 15 && text.size() <= 34 && std::ranges::all_of(text, is_upper_or_digit) &&
                        is_upper(text[0]) && is_upper(text[1]) && is_digit(text[2]) && is_digit(text[3]);
    if (!shaped)
        return fail(Code::invalid_argument,
                    "{} is no IBAN: 15 to 34 capital letters and digits, without spaces, such as AT611904300234573201",
                    what);
    if (mod_97(text) != 1)
        return fail(Code::invalid_argument, "{}: the check digits of the IBAN {} are wrong", what, text);
    return {};
}

Status check_bic(std::string_view text, std::string_view what) {
    const bool shaped = (text.size() == 8 || text.size() == 11) && std::ranges::all_of(text, is_upper_or_digit) &&
                        is_upper(text[4]) && is_upper(text[5]);
    if (shaped) return {};
    return fail(Code::invalid_argument, "{} is no BIC: 8 or 11 capital letters and digits, such as BKAUATWW", what);
}

Status check_country(std::string_view text, std::string_view what) {
    if (text.size() == 2 && std::ranges::all_of(text, is_upper)) return {};
    return fail(Code::invalid_argument, "{} is no country code: two capital letters, such as AT", what);
}

Status check_endpoint(std::string_view text, std::string_view what) {
    const auto is_of_address = [](char c) {
        return is_upper_or_digit(c) || (c >= 'a' && c <= 'z') || c == '.' || c == '_' || c == '@' || c == '-';
    };
    const bool shaped = text.size() >= 6 && text.size() <= 55 && std::ranges::all_of(text.substr(0, 4), is_digit) &&
                        text[4] == ':' && std::ranges::all_of(text.substr(5), is_of_address);
    if (shaped) return {};
    return fail(Code::invalid_argument,
                "{} is no electronic address: four digits of its scheme, a colon and the address, such as "
                "9914:ATU12345678",
                what);
}

}  // namespace tally::chaincode::agreement
