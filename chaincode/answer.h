#pragma once
// What a contract's function has answered: a value of the type that it declares. It becomes JSON when that is asked
// for: the text is written from the value at once, without a tree of JSON values between them. Cheap to copy,
// immutable.

#include <memory>
#include <optional>
#include <string>

#include "chaincode/json/reflect.h"

namespace tally::chaincode {

class Answer {
  public:
    template <class T>
    [[nodiscard]] static Answer of(T value) {
        return {&reflect::TypeOf<T>::info, std::make_shared<const T>(std::move(value))};
    }

    [[nodiscard]] json::value json() const { return reflect::write(*type_, value_.get()); }
    // json_text(json()); none when it has more bytes than `most`.
    [[nodiscard]] std::optional<std::string> text(std::size_t most = SIZE_MAX) const {
        return reflect::write_text(*type_, value_.get(), most);
    }

  private:
    Answer(const reflect::TypeInfo* type, std::shared_ptr<const void> value) : type_(type), value_(std::move(value)) {}

    const reflect::TypeInfo* type_;
    std::shared_ptr<const void> value_;
};

}  // namespace tally::chaincode
