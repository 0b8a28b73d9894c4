#pragma once
// Calling another contract with its own structs. A contract that others may call has a header `api.h`:
//
//   inline constexpr Callee<OneDevice, PublishingTerms> publishing_terms{"registry", "publishing_terms"};
//
// and a caller writes `const auto terms = TRY(registry::publishing_terms(stub, {device}));`.

#include "chaincode/json/reflect.h"
#include "chaincode/stub.h"

namespace tally::chaincode {

template <class Arguments, class Answer>
struct Callee {
    std::string_view contract;
    std::string_view function;

    // The callee's refusals; corrupt when its answer is not of this form.
    [[nodiscard]] Result<Answer> operator()(Stub& stub, const Arguments& arguments) const {
        auto answer = from_json<Answer>(TRY(stub.call(contract, function, to_json(arguments))));
        if (!answer) {
            return fail(Code::corrupt, "{}.{} answered with something else than it declares: {}", contract, function,
                        answer.error().message);
        }
        return answer;
    }
};

}  // namespace tally::chaincode
