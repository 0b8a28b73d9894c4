#include "gateway/rest/console_routes.h"

#include "gateway/console/files.h"

namespace tally::gateway {

namespace {

Result<Response> page(const Services&, Call&) { return console_file("index.html"); }

Result<Response> part(const Services&, Call& call) { return console_file(call.text("file").value_or("")); }

// The path without its last slash: relative names in the page need it.
Result<Response> redirect(const Services&, Call& call) {
    Response response;
    response.status = 308;
    response.headers = {{"Location", call.request.path.substr(call.request.path.rfind('/') + 1) + "/"}};
    return response;
}

}  // namespace

std::vector<Route> console_routes() {
    return {
        {Method::get,
         "/console/",
         "console",
         "console",
         "The console: pages for browsers",
         &page,
         {},
         {},
         {{200, "text/html", {}, "The first page"}},
         {},
         Access::anyone},
        {Method::get,
         "/console/{file}",
         "console_file",
         "console",
         "A file of the console",
         &part,
         {},
         {},
         {{200, "text/javascript", {}, {}}, {200, "text/css", {}, {}}, {200, "text/html", {}, "A file"}},
         {404},
         Access::anyone},
        {Method::get,
         "/console",
         "console_redirect",
         "console",
         "Leads to the console",
         &redirect,
         {},
         {},
         {{308, {}, {}, "To /console/"}},
         {},
         Access::anyone},
    };
}

}  // namespace tally::gateway
