#include "gateway/rest/api.h"

#include <fmt/ranges.h>

#include "chaincode/json/strict_json.h"
#include "crypto/clocks.h"
#include "gateway/http/problem.h"
#include "gateway/rest/answers.h"
#include "gateway/rest/authenticator.h"
#include "gateway/rest/handlers.h"
#include "gateway/rest/openapi.h"
#include "gateway/rest/router.h"
#include "gateway/rest/stream_places.h"

namespace tally::gateway {

namespace {

using Refusal = std::optional<Problem>;

RestOptions with_clock(RestOptions options) {
    if (!options.now_ms) options.now_ms = &tally::now_ms;
    if (!options.steady_ms) options.steady_ms = &tally::steady_ms;
    return options;
}

// A caller that cannot be identified is unauthenticated; the code says why. But an identity that is
// known and not allowed is 403, and a node that cannot tell is 503.
Problem identity_problem(const Error& error) {
    auto problem = Problem::of(error);
    if (problem.status >= 429 || error.code == Code::permission_denied) return problem;
    problem = Problem::of({Code::unauthenticated, error.message});
    problem.code = error.code;
    return problem;
}

Refusal take_token(RateLimiter& limiter, const std::string& key) {
    const auto wait = limiter.take(key, RateLimiter::Clock::now());
    if (!wait) return std::nullopt;
    auto problem = Problem::of({Code::rate_limited, "too many requests; come back later"});
    problem.retry_after_s = wait;
    return problem;
}

std::string name_of(const Caller& caller) {
    return fmt::format("{}/{}/{}", caller.organization, caller.role, caller.name);
}

Refusal check_role(const Route& route, const Caller& caller) {
    if (caller.role == "monitor" && route.access != Access::operations)
        return Problem::of({Code::permission_denied, "a monitor may only read /metrics, /healthz and /readyz"});
    if (route.roles.empty()) return std::nullopt;
    for (const auto role : route.roles) {
        if (caller.role == role) return std::nullopt;
    }
    return Problem::of({Code::permission_denied, fmt::format("the role \"{}\" may not call this", caller.role)});
}

Refusal check_content(const Route& route, const Request& head) {
    if (route.body) {
        const auto type = media_type(head.content_type);
        std::string known;
        for (const auto accepted : route.body->content_types) {
            if (type == accepted) return std::nullopt;
            known += fmt::format("{}{}", known.empty() ? "" : ", ", accepted);
        }
        auto problem =
            Problem::at(415, Code::unsupported, fmt::format("the body's content type must be one of: {}", known));
        problem.headers.emplace_back("Accept", known);
        return problem;
    }
    // A client that asks for a stream of events and cannot read one would wait for ever.
    const bool stream = !route.answers.empty() && route.answers.front().content_type == kEventStream;
    if (!stream || accepts(head.accept, kEventStream)) return std::nullopt;
    return Problem::at(406, Code::unsupported, fmt::format("this call answers with {}", kEventStream));
}

}  // namespace

struct RestApi::Impl {
    Impl(Operations& operations, std::optional<Backend> behind, RestOptions rest_options)
        : options(with_clock(std::move(rest_options))),
          backend(behind),
          streams(options.streams_of_organization),
          router(backend ? routes() : operation_routes(), contracts()),
          openapi(chaincode::json_text(openapi_document(router, contracts(), operations.channel()))),
          services{operations, backend ? &*backend : nullptr, options, router, openapi, streams},
          authenticator(operations, options.identity_ttl, options.now_ms, options.steady_ms),
          members(options.per_identity),
          strangers(options.per_address) {}

    [[nodiscard]] const chaincode::ContractSet& contracts() const {
        static const chaincode::ContractSet kNone;
        return backend ? backend->queries.documented_contracts() : kNone;
    }
    Refusal authenticate(const Route& route, const Request& head, std::shared_ptr<const Caller>& caller);
    Response missed(const Request& head, const Router::Miss& miss);
    void run(const Route& route, Call call) const;

    const RestOptions options;
    const std::optional<Backend> backend;
    StreamPlaces streams;
    const Router router;
    const std::string openapi;
    const Services services;
    Authenticator authenticator;
    RateLimiter members, strangers;
};

Refusal RestApi::Impl::authenticate(const Route& route, const Request& head, std::shared_ptr<const Caller>& caller) {
    const bool open = route.access == Access::anyone ||
                      (route.access == Access::operations && options.metrics_open_on_loopback && head.peer->loopback);
    if (open) return take_token(strangers, head.peer->address);
    Refusal limited;
    const bool configuration =
        !route.configuration.empty() &&
        fmt::format("/{}/", fmt::join(head.target.segments, "/")).starts_with(route.configuration);
    const auto before_work = [&]() -> Status {
        limited = take_token(strangers, head.peer->address);
        if (limited) return fail(Code::rate_limited, "too many requests");
        return {};
    };
    const auto identity = authenticator.identify(head, before_work, configuration);
    if (limited) return limited;
    if (!identity) {
        limited = take_token(strangers, head.peer->address);
        return limited ? limited : identity_problem(identity.error());
    }
    caller = *identity;
    if (auto refused = take_token(members, name_of(*caller))) return refused;
    return check_role(route, *caller);
}

Response RestApi::Impl::missed(const Request& head, const Router::Miss& miss) {
    if (const auto limited = take_token(strangers, head.peer->address)) return limited->response(head.id);
    if (miss.allow.empty()) return Problem::of({Code::not_found, "there is no such path"}).response(head.id);
    if (head.method == Method::options)
        return {.status = 204,
                .content_type = {},
                .body = {},
                .headers = {{"Allow", miss.allow}},
                .stream = {},
                .note = {}};
    auto problem = Problem::at(405, Code::unsupported, fmt::format("the methods here are {}", miss.allow));
    problem.headers.emplace_back("Allow", miss.allow);
    return problem.response(head.id);
}

void RestApi::Impl::run(const Route& route, Call call) const {
    if (const auto* immediate = std::get_if<Immediate>(&route.handler)) {
        const auto responder = call.responder;
        auto response = (*immediate)(services, call);
        return response ? responder.send(std::move(*response)) : responder.send(response.error());
    }
    if (const auto* deferred = std::get_if<Deferred>(&route.handler)) return (*deferred)(services, std::move(call));
    if (const auto* reading = std::get_if<Reading>(&route.handler)) {
        const auto responder = call.responder;
        const auto caller = call.caller;
        auto shared = std::make_shared<Call>(std::move(call));
        const auto posted =
            backend->ledger.post(*caller, [this, handler = reading->handler, shared = std::move(shared)] {
                auto response = handler(services, *shared);
                response ? shared->responder.send(std::move(*response)) : shared->responder.send(response.error());
            });
        if (!posted) responder.send(posted.error());
        return;
    }
    handlers::query_by_path(services, std::get<ContractQuery>(route.handler), std::move(call));
}

RestApi::RestApi(Operations& operations, Backend backend, RestOptions options)
    : impl_(std::make_unique<Impl>(operations, backend, std::move(options))) {}

RestApi::RestApi(Operations& operations, RestOptions options)
    : impl_(std::make_unique<Impl>(operations, std::nullopt, std::move(options))) {}

RestApi::~RestApi() = default;

Admission RestApi::admit(const Request& head) {
    Admission admission;
    const auto found = impl_->router.find(head.method, head.target);
    if (const auto* miss = std::get_if<Router::Miss>(&found)) {
        admission.refusal = impl_->missed(head, *miss);
        return admission;
    }
    const auto& bound = *std::get<const Router::Bound*>(found);
    const auto& route = *bound.route;
    admission.route = route.pattern;
    std::shared_ptr<const Caller> caller;
    auto refusal = impl_->authenticate(route, head, caller);
    if (caller) {
        admission.who = name_of(*caller);
        admission.organization = caller->organization;
    }
    if (!refusal) refusal = check_content(route, head);
    Result<json::object> arguments;
    if (!refusal) {
        arguments = read_parameters(bound, head.target);
        if (!arguments) refusal = Problem::of(arguments.error());
    }
    if (refusal) {
        admission.refusal = refusal->response(head.id);
        return admission;
    }
    admission.max_body = route.body ? route.body->max_bytes : 0;
    admission.run = [this, &route, arguments = std::move(*arguments), caller = std::move(caller)](
                        Request request, Responder responder) mutable {
        impl_->run(route, {std::move(request), std::move(arguments), std::move(caller), std::move(responder)});
    };
    return admission;
}

}  // namespace tally::gateway
