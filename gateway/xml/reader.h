#pragma once
// XML from outside, read strictly: UTF-8 (a byte order mark is fine), at most 32 MiB, 64 levels and two million
// elements, no DOCTYPE, no entities but the five of XML and references to characters. Everything else that a bank's or
// a customer's file may do wrong is refused with line and element.
//
// A File owns its text and its tree; an Element borrows them and must not outlive it. Names are compared without their
// prefixes. Element::child refuses an element that is there twice: of two amounts none may be picked in silence.
// Failures: malformed, too_large, unsupported.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/error.h"

namespace pugi {
struct xml_node_struct;
}

namespace tally::gateway::xml {

inline constexpr std::size_t kMaxBytes = 32U << 20;
inline constexpr std::size_t kMaxDepth = 64;
inline constexpr std::size_t kMaxElements = 2'000'000;

// What a parser must not meet: checked before one sees the text.
[[nodiscard]] Status check_text(std::string_view text);

class Element {
  public:
    [[nodiscard]] std::string_view name() const;        // without its prefix
    [[nodiscard]] std::string_view name_space() const;  // that its prefix stands for; empty: none
    [[nodiscard]] std::size_t line() const;             // from 1 on
    [[nodiscard]] std::string where() const;            // "line 7, Ntry/Amt"
    [[nodiscard]] std::vector<Element> children() const;
    [[nodiscard]] std::vector<Element> children(std::string_view name) const;

    // At most one.
    [[nodiscard]] Result<std::optional<Element>> child(std::string_view name) const;
    // Exactly one.
    [[nodiscard]] Result<Element> needed(std::string_view name) const;
    // By names that are separated by '/', each at most once.
    [[nodiscard]] Result<std::optional<Element>> at(std::string_view path) const;

    // Without white space at its ends; refuses elements in it.
    [[nodiscard]] Result<std::string> text() const;
    // Of the element at a path; none when it is not there or empty.
    [[nodiscard]] Result<std::optional<std::string>> text_at(std::string_view path) const;
    [[nodiscard]] std::string attribute(std::string_view name) const;  // empty: none
    // All, by name, but for declarations of namespaces.
    [[nodiscard]] std::map<std::string, std::string> attributes() const;
    // Its own text without that of its elements, and without white space at the ends of each piece.
    [[nodiscard]] std::string own_text() const;

    // An error of the code malformed, at this place.
    [[nodiscard]] std::unexpected<Error> refuse(std::string_view what) const;

  private:
    friend class File;
    struct Tree;
    Element(const Tree& tree, pugi::xml_node_struct* node) : tree_(&tree), node_(node) {}

    const Tree* tree_;
    pugi::xml_node_struct* node_;
};

class File {
  public:
    [[nodiscard]] static Result<File> read(std::string text);
    File(File&&) noexcept;
    File& operator=(File&&) noexcept;
    ~File();

    // The outermost elements: one, or several where documents were put one after the other.
    [[nodiscard]] std::vector<Element> roots() const;

  private:
    explicit File(std::unique_ptr<Element::Tree> tree);
    std::unique_ptr<Element::Tree> tree_;
};

}  // namespace tally::gateway::xml
