#include "crypto/error.h"

#include <cstdio>
#include <cstdlib>

#include "crypto/code_named.h"

namespace tally {

Code code_named(std::string_view name, Kind kind) {
    for (const auto& code : kPlatformCodes) {
        if (code.name() == name) return code;
    }
    const auto in_name = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
    if (name.empty() || name.size() > Code::kMaxName || !std::ranges::all_of(name, in_name)) return Code::internal;
    return {name, kind};
}

void broken_invariant(std::string_view sentence, const char* file, int line) {
    std::fprintf(stderr, "%s:%d: broken invariant: %.*s\n", file, line, static_cast<int>(sentence.size()),
                 sentence.data());
    std::abort();
}

}  // namespace tally
