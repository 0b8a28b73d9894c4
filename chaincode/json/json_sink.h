#pragma once
// Where JSON text goes, as strict_json.h says it is written: into a string, or only into a count. Past its limit it
// takes no more. One thread.

#include <fmt/format.h>

#include <boost/json/value.hpp>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace tally::chaincode {

class JsonSink {
  public:
    // `out`: null, only the bytes are counted. It must outlive the sink.
    JsonSink(std::string* out, std::size_t limit) : out_(out), limit_(limit) {}

    void raw(std::string_view text) {
        bytes_ += text.size();
        if (out_ != nullptr) out_->append(text);
    }
    void raw(char c) {
        ++bytes_;
        if (out_ != nullptr) out_->push_back(c);
    }
    void string(std::string_view text);
    // What `append` appends to a std::string.
    template <class Append>
        requires std::invocable<Append, std::string&>
    void string(Append&& append) {
        scratch_.clear();
        append(scratch_);
        string(std::string_view(scratch_));
    }
    template <class Integer>
    void integer(Integer value) {
        const fmt::format_int text(value);
        raw({text.data(), text.size()});
    }
    void value(const boost::json::value& value);
    [[nodiscard]] bool full() const { return bytes_ > limit_; }

  private:
    std::string* out_;
    std::size_t limit_;
    std::size_t bytes_ = 0;
    std::string scratch_;
};

}  // namespace tally::chaincode
