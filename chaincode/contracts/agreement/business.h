#pragma once
// The business that an organization of the channel is: its name, address and account, for banks and invoices.

#include <optional>
#include <string>
#include <string_view>

#include "chaincode/json/fields.h"

namespace tally::chaincode::agreement {

// ISO 13616: a country, two check digits (mod 97) and an account, in upper case and without spaces. invalid_argument.
[[nodiscard]] Status check_iban(std::string_view text, std::string_view what);
// ISO 9362: 8 or 11 characters. invalid_argument.
[[nodiscard]] Status check_bic(std::string_view text, std::string_view what);
// ISO 3166: two capital letters. invalid_argument.
[[nodiscard]] Status check_country(std::string_view text, std::string_view what);
// An address for electronic invoices: a code of the Electronic Address Scheme list, a colon, the address.
// invalid_argument.
[[nodiscard]] Status check_endpoint(std::string_view text, std::string_view what);

inline constexpr TextForm kIban{"^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$", &check_iban};
inline constexpr TextForm kBic{"^[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?$", &check_bic};
inline constexpr TextForm kCountry{"^[A-Z]{2}$", &check_country};
inline constexpr TextForm kEndpoint{"^[0-9]{4}:[A-Za-z0-9._@-]{1,50}$", &check_endpoint};

struct Business {
    std::string name;
    std::optional<std::string> street;
    std::optional<std::string> postcode;
    std::string town;
    std::string country;
    std::optional<std::string> tax_id;
    std::optional<std::string> endpoint;
    std::optional<std::string> iban;
    std::optional<std::string> bic;
};
TALLY_FIELDS(Business, (name, "of the business, as its bank knows it", .min = 1, .max = 140),
             (street, "of its address", .min = 1, .max = 140), (postcode, "of its address", .min = 1, .max = 16),
             (town, "of its address", .min = 1, .max = 70), (country, "ISO 3166, for example AT", .form = &kCountry),
             (tax_id, "its VAT number", .min = 1, .max = 32),
             (endpoint, "where it takes electronic invoices, for example 9914:ATU12345678", .form = &kEndpoint),
             (iban, "its bank account", .form = &kIban), (bic, "its bank, ISO 9362", .form = &kBic))

}  // namespace tally::chaincode::agreement
