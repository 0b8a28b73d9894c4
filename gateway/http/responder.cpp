#include "gateway/http/responder.h"

#include <atomic>

#include "gateway/http/problem.h"

namespace tally::gateway {

struct Responder::State {
    State(std::string request_id, Deliver how) : id(std::move(request_id)), deliver(std::move(how)) {}
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() { answer(Problem::at(500, Code::internal, "the request was dropped without an answer").response(id)); }

    void answer(Response response) {
        if (!answered.exchange(true)) deliver(std::move(response));
    }

    std::string id;
    Deliver deliver;
    std::atomic<bool> answered = false;
};

Responder::Responder(std::string request_id, Deliver deliver)
    : state_(std::make_shared<State>(std::move(request_id), std::move(deliver))) {}

void Responder::send(Response response) const { state_->answer(std::move(response)); }

void Responder::send(const Error& error) const { state_->answer(Problem::of(error).response(state_->id)); }

const std::string& Responder::request_id() const { return state_->id; }

}  // namespace tally::gateway
