#pragma once
// From a request's method and target to a route and its typed parameters. Immutable once made; from any thread.
//
// Beside the table it has the paths that contracts declare for their queries (FunctionInfo::routes); their parameters
// are those of the function's own schema, so that the contract is the one place that says what it takes. Where both
// have a path, the table takes precedence. Borrows the table.

#include <deque>
#include <string>
#include <variant>

#include "gateway/rest/route.h"

namespace tally::gateway {

class Router {
  public:
    struct Bound {
        const Route* route = nullptr;
        std::vector<std::string> segments;  // of the pattern; "{name}" takes one segment
        std::vector<Parameter> parameters;

        [[nodiscard]] bool in_path(std::string_view parameter) const;
    };
    // No route has this path, or only for the methods in `allow` (empty: none).
    struct Miss {
        std::string allow;
    };

    Router(const std::vector<Route>& table, chaincode::ContractSet contracts);
    Router(const Router&) = delete;
    Router& operator=(const Router&) = delete;

    // A GET route answers HEAD too.
    [[nodiscard]] std::variant<const Bound*, Miss> find(Method method, const Target& target) const;
    [[nodiscard]] const std::vector<Bound>& all() const { return bound_; }

  private:
    void add(const Route& route, std::vector<Parameter> parameters);

    chaincode::ContractSet contracts_;  // whose texts the declared routes have
    std::deque<std::string> operations_;
    std::deque<Route> declared_;
    std::vector<Bound> bound_;
};

// Path and query parameters as declared. Fails with invalid_argument and names the parameter: unknown, twice, missing,
// of the wrong type.
[[nodiscard]] Result<json::object> read_parameters(const Router::Bound& bound, const Target& target);

}  // namespace tally::gateway
