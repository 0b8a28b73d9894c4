#include "gateway/console/files.h"

#include <algorithm>

namespace tally::gateway {

namespace {

constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

std::string_view content_type(std::string_view name) {
    if (name.ends_with(".html")) return "text/html; charset=utf-8";
    if (name.ends_with(".css")) return "text/css; charset=utf-8";
    return "text/javascript; charset=utf-8";
}

}  // namespace

Result<Response> console_file(std::string_view name) {
    const auto files = console_files();
    const auto found = std::ranges::find(files, name, &ConsoleFile::name);
    if (found == files.end()) return fail(Code::not_found, "the console has no file \"{}\"", name.substr(0, 64));
    Response response;
    response.content_type = content_type(name);
    response.body = found->text;
    response.headers = {{"Content-Security-Policy", std::string(kPolicy)},
                        {"Referrer-Policy", "no-referrer"},
                        {"Cross-Origin-Opener-Policy", "same-origin"}};
    return response;
}

}  // namespace tally::gateway
