#include "chaincode/json/reflect.h"
#include "gateway/rest/answers.h"
#include "gateway/rest/api.h"
#include "gateway/rest/handlers.h"
#include "gateway/rest/router.h"
#include "gateway/version.h"

namespace tally::gateway::handlers {

namespace {

Response health_response(Health health) {
    json::object body{{"ok", health.ok}};
    for (auto& detail : health.details) body.insert_or_assign(detail.key(), std::move(detail.value()));
    return json_response(body, health.ok ? 200 : 503);
}

}  // namespace

// What can be followed from here without knowing any id; a browser is led to the console.
Result<Response> index(const Services& services, Call& call) {
    if (services.backend != nullptr && call.request.accept.find("text/html") != std::string::npos) {
        Response response;
        response.status = 303;
        const auto& path = call.request.path;  // "/", or "/channels/NAME": relative to the last part
        const auto last = path.substr(path.rfind('/') + 1);
        response.headers = {{"Location", last.empty() ? "console/" : last + "/console/"}, {"Vary", "Accept"}};
        return response;
    }
    json::object links;
    for (const auto& bound : services.router.all()) {
        const auto& route = *bound.route;
        const bool plain = route.method == Method::get && route.pattern.find('{') == std::string_view::npos;
        if (plain && route.pattern != "/") links.emplace(route.operation, route.pattern);
    }
    return json_response(json::object{{"name", "tally"},
                                      {"version", kRelease},
                                      {"channel", services.operations.channel()},
                                      {"links", std::move(links)}});
}

Result<Response> openapi(const Services& services, Call&) {
    Response response;
    response.content_type = kJson;
    response.body = services.openapi;
    return response;
}

Result<Response> health(const Services& services, Call&) { return health_response(services.operations.health()); }

Result<Response> ready(const Services& services, Call&) { return health_response(services.operations.ready()); }

Result<Response> node(const Services& services, Call&) { return json_response(services.operations.node()); }

// The operator's own members alone see who asks.
Result<Response> registrations(const Services& services, Call& call) {
    const auto* const all = services.options.registrations;
    if (all == nullptr) return json_response(json::object{{"registrations", json::array()}});  // none can come
    if (call.caller->organization != all->organization())
        return fail(Code::permission_denied, "only members of {} see the devices that ask it", all->organization());
    const auto device = call.text("device");
    json::array list;
    for (const auto& each : all->list()) {
        if (!device || each.device == *device) list.push_back(chaincode::to_json(each));
    }
    return json_response(json::object{{"registrations", std::move(list)}});
}

Result<Response> version(const Services& services, Call&) {
    return json_response(
        json::object{{"name", "tally"}, {"version", kRelease}, {"channel", services.operations.channel()}});
}

Result<Response> metrics(const Services& services, Call&) {
    Response response;
    response.content_type = "text/plain; version=0.0.4; charset=utf-8";
    response.body = services.operations.metrics();
    return response;
}

}  // namespace tally::gateway::handlers
