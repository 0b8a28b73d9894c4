#pragma once
// What the library of {fmt} 9 has compiled, and its headers would compile again wherever a text is formatted into a
// buffer, as every line of a log is: two seconds for each source. For precompiled headers; nothing else includes it.

#include <fmt/format.h>

#if FMT_VERSION >= 90000 && FMT_VERSION < 100000 && defined(FMT_SHARED)
namespace fmt::detail {
extern template void vformat_to<char>(buffer<char>&, string_view, basic_format_args<FMT_BUFFER_CONTEXT(char)>,
                                      locale_ref);
}  // namespace fmt::detail
#endif
