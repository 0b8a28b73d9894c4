#include "gateway/payments/references.h"

#include <algorithm>

#include "crypto/ascii.h"
#include "crypto/hash.h"
#include "gateway/payments/bank_text.h"

namespace tally::gateway::payments {
namespace {

constexpr std::string_view kDigits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";  // Crockford's base 32
constexpr std::size_t kIdCharacters = 26;
constexpr std::size_t kReferenceCharacters = 16;
constexpr std::size_t kMaxIdentifier = 35;
constexpr std::size_t kMaxReference = 25;

class Parts {
  public:
    explicit Parts(std::string_view kind) {
        add("tally payment v1");
        add(kind);
    }
    void add(std::string_view part) { text_ += fmt::format("{}:{}", part.size(), part); }
    [[nodiscard]] crypto::Hash digest() const { return crypto::sha256(as_bytes(text_)); }

  private:
    std::string text_;
};

crypto::Hash digest_of(std::string_view kind, const PaymentName& name, bool with_attempt) {
    Parts parts(kind);
    parts.add(name.channel);
    parts.add(name.agreement);
    if (name.invoice) {
        parts.add("invoice");
        parts.add(name.invoice->text());
    }
    if (name.bill) {
        parts.add("bill");
        parts.add(name.bill->provider);
        parts.add(name.bill->number);
    }
    parts.add(name.payee);
    if (with_attempt) parts.add(std::to_string(name.attempt));
    return parts.digest();
}

crypto::Hash digest_of(std::string_view kind, std::span<const PaymentName> names) {
    Parts parts(kind);
    for (const auto& name : names) parts.add(digest_of(kind, name, true).hex());
    return parts.digest();
}

// The first bits of a digest, five for each character.
std::string characters_of(const crypto::Hash& digest, std::size_t count) {
    std::string out;
    std::uint32_t bits = 0;
    int have = 0;
    for (const auto byte : digest.bytes) {
        bits = (bits << 8 | byte) & 0xffff;
        have += 8;
        for (; have >= 5 && out.size() < count; have -= 5) out += kDigits[bits >> (have - 5) & 31];
    }
    return out;
}

bool is_of(std::string_view text, std::string_view prefix) {
    return text.size() == prefix.size() + kIdCharacters && text.starts_with(prefix) &&
           std::ranges::all_of(text.substr(prefix.size()),
                               [](char c) { return kDigits.find(c) != std::string_view::npos; });
}

bool is_capital(char c) { return c >= 'A' && c <= 'Z'; }
bool is_of_reference(char c) { return is_digit(c) || is_capital(c); }

// The rest by 97 of the text as a number, letters as 10 to 35.
int mod_97(std::string_view text) {
    int rest = 0;
    for (const char c : text) rest = is_digit(c) ? (rest * 10 + (c - '0')) % 97 : (rest * 100 + (c - 'A' + 10)) % 97;
    return rest;
}

}  // namespace

Status check_name(const PaymentName& name) {
    if (name.invoice.has_value() == name.bill.has_value())
        return fail(Code::invalid_argument, "a payment is for an invoice or for a bill");
    if (name.channel.empty() || name.agreement.empty() || name.payee.empty())
        return fail(Code::invalid_argument, "a payment needs a channel, an agreement and a payee");
    if (name.attempt < 1) return fail(Code::invalid_argument, "a payment's attempts count from 1");
    return {};
}

std::string end_to_end_id(const PaymentName& name) {
    return "E2E-" + characters_of(digest_of("end-to-end", name, true), kIdCharacters);
}

std::string uetr(const PaymentName& name) {
    auto bytes = digest_of("uetr", name, true).bytes;
    bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0f) | 0x40);
    bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3f) | 0x80);
    auto text = to_hex(ByteView(bytes).first(16));
    for (const std::size_t at : {20U, 16U, 12U, 8U}) text.insert(at, "-");
    return text;
}

std::string message_id(std::span<const PaymentName> names) {
    return "MSG-" + characters_of(digest_of("message", names), kIdCharacters);
}

std::string batch_id(std::span<const PaymentName> names) {
    return "PMT-" + characters_of(digest_of("batch", names), kIdCharacters);
}

std::string creditor_reference(const PaymentName& name) {
    return make_creditor_reference(characters_of(digest_of("reference", name, false), kReferenceCharacters)).value();
}

Result<std::string> make_creditor_reference(std::string_view text) {
    std::string capitals(text);
    std::ranges::transform(capitals, capitals.begin(),
                           [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    if (capitals.empty() || capitals.size() > kMaxReference - 4 || !std::ranges::all_of(capitals, is_of_reference))
        return fail(Code::invalid_argument, "\"{}\" cannot be in a creditor reference: 1 to 21 letters and digits",
                    text);
    return fmt::format("RF{:02}{}", 98 - mod_97(capitals + "RF00"), capitals);
}

bool is_creditor_reference(std::string_view text) {
    return text.size() >= 5 && text.size() <= kMaxReference && text.starts_with("RF") && is_digit(text[2]) &&
           is_digit(text[3]) && std::ranges::all_of(text.substr(4), is_of_reference) &&
           mod_97(fmt::format("{}{}", text.substr(4), text.substr(0, 4))) == 1;
}

Status check_identifier(std::string_view text, std::string_view what) {
    if (text.empty() || text.size() > kMaxIdentifier)
        return fail(Code::invalid_argument, "{} has {} characters; 1 to {} are allowed", what, text.size(),
                    kMaxIdentifier);
    if (!std::ranges::all_of(text, is_bank_character))
        return fail(Code::invalid_argument, "{} may have A-Z a-z 0-9 / - ? : ( ) . , ' + and blanks", what);
    if (text.starts_with('/') || text.ends_with('/') || text.find("//") != std::string_view::npos)
        return fail(Code::invalid_argument, "{} may have no slash at an end and not two together", what);
    return {};
}

bool looks_like_end_to_end_id(std::string_view text) { return is_of(text, "E2E-"); }

}  // namespace tally::gateway::payments
