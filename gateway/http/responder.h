#pragma once
// The right to answer one request, once, from any thread, now or later.
//
// Copies share the right: the first `send` counts and later ones do nothing. When the last copy goes without an answer
// the client gets a 500, so that no request hangs on a lost callback. Outliving the server is harmless.

#include <functional>
#include <memory>

#include "gateway/http/message.h"

namespace tally::gateway {

class Responder {
  public:
    using Deliver = std::move_only_function<void(Response)>;
    Responder(std::string request_id, Deliver deliver);

    void send(Response response) const;
    void send(const Error& error) const;  // as a problem document

    [[nodiscard]] const std::string& request_id() const;

  private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace tally::gateway
