#include "node/channel/sealed_invoice.h"

#include "chaincode/json/strict_json.h"
#include "chaincode/records/opening.h"
#include "crypto/random.h"

namespace tally::node {

namespace billing = chaincode::billing;

namespace {

constexpr std::string_view kSealedFormat = "tally-sealed-invoice/1";
constexpr std::string_view kHead = "{\"format\":\"tally-sealed-invoice/";
constexpr std::size_t kMaxSealedBytes = 256U << 20;

struct SealedFile {
    std::string format;
    std::string salt;
    std::string invoice;
    std::string receipt;
};
BOOST_DESCRIBE_STRUCT(SealedFile, (), (format, salt, invoice, receipt))

}  // namespace

crypto::Hash SealedInvoice::commitment() const {
    crypto::Sha256 hash;
    hash.update(salt);
    hash.update(as_bytes(text));
    return hash.finish();
}

SealedInvoice seal_invoice(const billing::OpenedInvoice& invoice) {
    return {
        crypto::random_bytes(chaincode::kSaltBytes), chaincode::json_text(chaincode::to_json(invoice)), invoice, {}};
}

std::string write_sealed_invoice(const SealedInvoice& sealed) {
    const SealedFile file{std::string(kSealedFormat), to_hex(sealed.salt), sealed.text, to_base64(sealed.receipt)};
    return chaincode::json_text(chaincode::to_json(file)) + "\n";
}

bool is_sealed_invoice(std::string_view file) { return file.starts_with(kHead); }

Result<SealedInvoice> read_sealed_invoice(std::string_view text) {
    if (text.size() > kMaxSealedBytes)
        return fail(Code::too_large, "the file has {} bytes; {} are read", text.size(), kMaxSealedBytes);
    if (!is_sealed_invoice(text)) return fail(Code::malformed, "the file is no sealed invoice");
    const auto file = TRY(chaincode::from_json<SealedFile>(TRY(chaincode::parse_json(text, "the sealed invoice"))));
    if (file.format != kSealedFormat)
        return fail(Code::unsupported, "the format is \"{}\"; \"{}\" is known", file.format.substr(0, 64),
                    kSealedFormat);
    SealedInvoice out;
    out.salt = TRY(from_hex(file.salt));
    if (out.salt.size() != chaincode::kSaltBytes)
        return fail(Code::malformed, "the salt has {} bytes, not {}", out.salt.size(), chaincode::kSaltBytes);
    out.text = file.invoice;
    out.invoice = TRY(
        chaincode::from_json<billing::OpenedInvoice>(TRY(chaincode::parse_json(out.text, "the invoice in the file"))));
    out.receipt = TRY(from_base64(file.receipt));
    return out;
}

Result<SealedInvoiceFacts> verify_sealed_invoice(std::string_view file, const Membership& membership, Checks& checks) {
    SealedInvoiceFacts out;
    out.sealed = TRY(checks.need("the file", "a sealed invoice", read_sealed_invoice(file)));
    if (out.sealed.receipt.empty())
        TRY(checks.same("the file", "a receipt of the transaction that sealed the invoice", "none"));
    out.receipt = TRY(verify_receipt_file(out.sealed.receipt, membership, checks));
    const auto& facts = out.receipt;
    TRY(checks.same("the transaction's code", "VALID", std::string(code_name(facts.code))));
    TRY(checks.same("the transaction's function", "billing.seal", facts.contract + "." + facts.function));
    const auto text =
        TRY(checks.need("the arguments", "JSON", chaincode::parse_json(facts.arguments, "the arguments")));
    const auto arguments =
        TRY(checks.need("the arguments", "those of billing.seal", chaincode::from_json<billing::Commitment>(text)));
    const auto& invoice = out.sealed.invoice;
    TRY(checks.same("the agreement", arguments.agreement, invoice.agreement));
    TRY(checks.same("the period", fmt::format("with {}", arguments.day.text()),
                    invoice.from <= arguments.day && arguments.day < invoice.until
                        ? fmt::format("with {}", arguments.day.text())
                        : fmt::format("from {} until before {}", invoice.from.text(), invoice.until.text())));
    TRY(checks.same("the commitment", arguments.commitment, out.sealed.commitment().hex()));
    return out;
}

}  // namespace tally::node
