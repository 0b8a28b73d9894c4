#pragma once
// The console: the pages that a gateway serves to browsers under /console/. The build puts the files of gateway/console
// and of the JavaScript library (gateway/clients/js) into the program as they are. Static texts; from any thread.

#include <span>
#include <string_view>

#include "gateway/http/message.h"

namespace tally::gateway {

struct ConsoleFile {
    std::string_view name;  // without folders, for example "index.html"
    std::string_view text;
};

[[nodiscard]] std::span<const ConsoleFile> console_files();

// A file as an answer, with a Content-Security-Policy that allows no inline script and no other host. Fails with
// not_found.
[[nodiscard]] Result<Response> console_file(std::string_view name);

}  // namespace tally::gateway
