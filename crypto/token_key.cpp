#include "crypto/token_key.h"

#include <openssl/engine.h>
#include <openssl/evp.h>
#include <openssl/ui.h>

#include <fstream>
#include <mutex>
#include <optional>
#include <vector>

#pragma GCC diagnostic push  // engines are what Debian 12 and 13 have for PKCS#11
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

namespace tally::crypto {
namespace {

constexpr std::string_view kScheme = "pkcs11:";
constexpr std::size_t kLongestUri = 2048;

// The attributes of a URI, apart: those that name the object, and of those that say how to reach it the two that are
// for this program.
struct TokenUri {
    std::string object;  // for the engine
    std::string module;
    std::string pin_file;
};

Result<std::string> percent_decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        const auto byte = from_hex(text.substr(i + 1, 2));
        if (text.size() - i < 3 || !byte) return fail(Code::bad_key, "\"{}\": % without two hexadecimal digits", text);
        out += static_cast<char>(byte->front());
        i += 2;
    }
    return out;
}

Result<TokenUri> read_uri(std::string_view uri) {
    if (uri.size() > kLongestUri)
        return fail(Code::bad_key, "a PKCS#11 URI has at most {} characters, this one {}", kLongestUri, uri.size());
    const auto question = std::min(uri.find('?'), uri.size());
    TokenUri out{std::string(uri.substr(0, question)), {}, {}};
    if (out.object.size() == kScheme.size()) return fail(Code::bad_key, "the PKCS#11 URI \"{}\" names no key", uri);
    if (question == uri.size()) return out;
    auto rest = uri.substr(question + 1);
    while (!rest.empty()) {
        const auto part = rest.substr(0, rest.find('&'));
        rest.remove_prefix(std::min(part.size() + 1, rest.size()));
        const auto equals = part.find('=');
        const auto name = part.substr(0, equals);
        const auto value =
            equals == std::string_view::npos ? std::string() : TRY(percent_decoded(part.substr(equals + 1)));
        if (name == "module-path") {
            out.module = value;
        } else if (name == "pin-source") {
            out.pin_file = value.starts_with("file:") ? value.substr(5) : value;
        } else if (name == "pin-value") {
            return fail(Code::bad_key, "a PIN does not belong into a URI: name a file with it, pin-source=file:FILE");
        } else {
            return fail(Code::bad_key, "the PKCS#11 URI has \"{}\"; after \"?\" come module-path and pin-source", name);
        }
    }
    return out;
}

Result<std::string> first_line(const std::string& file) {
    std::ifstream in(file);
    std::string pin;
    if (!in || !std::getline(in, pin)) return fail(Code::bad_key, "the PIN cannot be read from {}", file);
    if (!pin.empty() && pin.back() == '\r') pin.pop_back();
    if (pin.empty()) return fail(Code::bad_key, "{}: its first line, the PIN, is empty", file);
    return pin;
}

// The engine, once for the process.
class Engine {
  public:
    static Engine& of_the_process() {
        static auto& engine = *new Engine;  // is never closed: the token's library may be gone by then
        return engine;
    }

    Result<OpenSslHandle<evp_pkey_st>> open(const TokenUri& uri) {
        const std::lock_guard lock(mutex_);
        TRY(load(uri.module));
        auto object = uri.object;
        if (!uri.pin_file.empty()) {
            // In a URI for the engine alone: what it is told of a PIN otherwise it does not use.
            object += ";pin-value=";
            for (const char c : TRY(first_line(uri.pin_file)))
                object += fmt::format("%{:02x}", static_cast<unsigned char>(c));
        }
        // UI_null: nobody is asked for a PIN on a terminal.
        OpenSslHandle<evp_pkey_st> key(
            ENGINE_load_private_key(engine_, object.c_str(), const_cast<UI_METHOD*>(UI_null()), nullptr));
        OPENSSL_cleanse(object.data(), object.size());
        if (key) return key;
        return fail(Code::bad_key, "no key {} can be opened{}: {}", uri.object,
                    uri.pin_file.empty() ? " without a PIN (pin-source=file:FILE, or TALLY_PASSPHRASE_FILE)" : "",
                    take_openssl_error());
    }

  private:
    Status load(const std::string& module) {
        if (engine_ != nullptr) {
            if (module == module_) return {};
            return fail(Code::bad_key, "the process uses the PKCS#11 module {}; it cannot use {}, too", name(module_),
                        name(module));
        }
        // The engine opens it late, and says little.
        if (!module.empty() && !std::ifstream(module))
            return fail(Code::bad_key, "the PKCS#11 module {} cannot be read", module);
        ENGINE_load_dynamic();
        auto* engine = ENGINE_by_id("pkcs11");
        if (engine == nullptr) {
            return fail(Code::bad_key,
                        "OpenSSL has no engine for PKCS#11: install the package libengine-pkcs11-openssl ({})",
                        take_openssl_error());
        }
        ENGINE_ctrl_cmd_string(engine, "QUIET", nullptr, 0);  // what fails is said by this program
        const bool takes_module =
            module.empty() || ENGINE_ctrl_cmd_string(engine, "MODULE_PATH", module.c_str(), 0) == 1;
        if (!takes_module || ENGINE_init(engine) != 1) {
            const auto reason = take_openssl_error();
            ENGINE_free(engine);
            return fail(Code::bad_key, "the PKCS#11 module {} cannot be loaded: {}", name(module), reason);
        }
        engine_ = engine;
        module_ = module;
        return {};
    }

    static std::string name(const std::string& module) { return module.empty() ? "of p11-kit" : module; }

    std::mutex mutex_;
    ENGINE* engine_ = nullptr;
    std::string module_;
};

}  // namespace

bool is_token_uri(std::string_view text) { return text.starts_with(kScheme); }

Result<OpenSslHandle<evp_pkey_st>> open_token_key(std::string_view uri) {
    while (!uri.empty() && (uri.back() == '\n' || uri.back() == '\r' || uri.back() == ' ')) uri.remove_suffix(1);
    if (!is_token_uri(uri)) return fail(Code::bad_key, "no PKCS#11 URI: it begins with \"{}\"", kScheme);
    return Engine::of_the_process().open(TRY(read_uri(uri)));
}

}  // namespace tally::crypto

#pragma GCC diagnostic pop
