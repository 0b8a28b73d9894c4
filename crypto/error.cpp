#include "crypto/error.h"

#include <cstdio>
#include <cstdlib>

#include "crypto/code_named.h"

namespace tally {

std::string_view code_name(Code code) {
    switch (code) {
#define TALLY_CODE(name) \
    case Code::name: return #name;
        TALLY_ERROR_CODES(TALLY_CODE)
#undef TALLY_CODE
    }
    return "internal";
}

Code code_named(std::string_view name) {
#define TALLY_CODE(each) \
    if (name == #each) return Code::each;
    TALLY_ERROR_CODES(TALLY_CODE)
#undef TALLY_CODE
    return Code::internal;
}

void broken_invariant(std::string_view sentence, const char* file, int line) {
    std::fprintf(stderr, "%s:%d: broken invariant: %.*s\n", file, line, static_cast<int>(sentence.size()),
                 sentence.data());
    std::abort();
}

}  // namespace tally
