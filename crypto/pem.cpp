#include "crypto/pem.h"

namespace tally::crypto {
namespace {

constexpr std::string_view kBegin = "-----BEGIN ";
constexpr std::string_view kEnd = "-----END ";
constexpr std::string_view kDashes = "-----";
constexpr std::size_t kLineLength = 64;

bool is_space(char c) { return c == '\n' || c == '\r' || c == ' ' || c == '\t'; }

}  // namespace

Result<std::vector<PemBlock>> decode_pem(std::string_view text) {
    if (text.size() > kMaxPemBytes) return fail(Code::too_large, "PEM: {} bytes are too many", text.size());
    std::vector<PemBlock> blocks;
    while (true) {
        const std::size_t begin = text.find(kBegin);
        if (begin == std::string_view::npos) return blocks;
        text.remove_prefix(begin + kBegin.size());
        const std::size_t label_end = text.find(kDashes);
        if (label_end == std::string_view::npos || label_end > kLineLength) {
            return fail(Code::malformed, "PEM: a BEGIN line does not end");
        }
        const std::string_view label = text.substr(0, label_end);
        text.remove_prefix(label_end + kDashes.size());
        const std::size_t body_end = text.find(kEnd);
        if (body_end == std::string_view::npos) return fail(Code::malformed, "PEM: {} has no END line", label);
        std::string body;
        for (const char c : text.substr(0, body_end)) {
            if (!is_space(c)) body.push_back(c);
        }
        text.remove_prefix(body_end + kEnd.size());
        if (!text.starts_with(label) || !text.substr(label.size()).starts_with(kDashes)) {
            return fail(Code::malformed, "PEM: the END line of {} names something else", label);
        }
        text.remove_prefix(label.size() + kDashes.size());
        Result<Bytes> der = from_base64(body);
        if (!der) return std::unexpected(der.error().within(fmt::format("PEM {}", label)));
        blocks.push_back({label, std::move(*der)});
    }
}

Result<Bytes> decode_pem(std::string_view text, std::string_view label) {
    std::vector<PemBlock> blocks = TRY(decode_pem(text));
    std::erase_if(blocks, [&](const PemBlock& block) { return block.label != label; });
    if (blocks.size() != 1) {
        return fail(Code::malformed, "PEM: one {} is expected, {} are there", label, blocks.size());
    }
    return std::move(blocks.front().der);
}

std::string encode_pem(std::string_view label, ByteView der) {
    const std::string body = to_base64(der);
    std::string text = fmt::format("{}{}{}\n", kBegin, label, kDashes);
    for (std::size_t at = 0; at < body.size(); at += kLineLength) {
        text.append(std::string_view(body).substr(at, kLineLength)).push_back('\n');
    }
    return text + fmt::format("{}{}{}\n", kEnd, label, kDashes);
}

}  // namespace tally::crypto
