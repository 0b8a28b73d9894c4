#pragma once
// Text in the characters that every bank takes: A-Z a-z 0-9 / - ? : ( ) . , ' + and the blank (the SEPA character set).
//
// Letters are transliterated, never dropped: German as it is usual in payments (Ä AE, ö oe, ß ss), other Latin letters
// without their marks (é e, ł l, æ ae), Greek by ELOT 743 and Cyrillic as in Bulgaria (the tables of the European
// Payments Council, EPC217-08). Signs become similar ones (& is +, _ is -, ; is a comma, [ is a bracket). What is in no
// table becomes a dot, one for each character, so that a name in another script is not empty. A mark that stands after
// its letter (U+0300 to U+036F) is taken with it. White space becomes one blank, and none is left at the ends. Pure.

#include <string>
#include <string_view>

namespace tally::gateway::payments {

[[nodiscard]] bool is_bank_character(char c);
[[nodiscard]] std::string bank_text(std::string_view utf8);

}  // namespace tally::gateway::payments
