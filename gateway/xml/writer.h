#pragma once
// An XML document that is written from its beginning to its end: UTF-8, two blanks for each level, everything escaped.
// The same calls give the same bytes. Pure; a writer belongs to one thread. Names are the caller's and not checked.
//
// XML 1.0 cannot hold control characters, U+FFFE and U+FFFF, not even escaped; each is written as U+FFFD.

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace tally::gateway::xml {

struct Attribute {
    std::string_view name;
    std::string_view value;
};

class Writer {
  public:
    // `reserve`: bytes that the document will have, about.
    explicit Writer(std::size_t reserve);

    // `name` must live until the element is closed.
    void open(std::string_view name, std::initializer_list<Attribute> attributes = {});
    void close();
    void leaf(std::string_view name, std::string_view text, std::initializer_list<Attribute> attributes = {});

    // The document; every element must be closed.
    [[nodiscard]] std::string finish() &&;

  private:
    void begin(std::string_view name, std::initializer_list<Attribute> attributes);

    std::string out_;
    std::vector<std::string_view> open_;
};

// Appends text for an element's content or a quoted attribute: & < > " ' are escaped. HTML reads it the same.
void append_escaped(std::string& to, std::string_view text);

}  // namespace tally::gateway::xml
