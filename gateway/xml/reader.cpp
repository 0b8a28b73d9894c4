#include "gateway/xml/reader.h"

#include <algorithm>
#include <pugixml.hpp>

namespace tally::gateway::xml {

struct Element::Tree {
    std::string text;
    pugi::xml_document document;
    std::vector<std::size_t> line_ends;  // where the newlines are

    [[nodiscard]] std::size_t line_of(std::ptrdiff_t offset) const {
        const auto at = static_cast<std::size_t>(std::max<std::ptrdiff_t>(offset, 0));
        return static_cast<std::size_t>(std::ranges::lower_bound(line_ends, at) - line_ends.begin()) + 1;
    }
};

namespace {

constexpr std::string_view kWhite = " \t\r\n";

std::string_view local(std::string_view name) {
    const auto colon = name.find(':');
    return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

std::string_view trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(kWhite);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(kWhite) - begin + 1);
}

bool is_text(const pugi::xml_node& node) { return node.type() == pugi::node_pcdata || node.type() == pugi::node_cdata; }

}  // namespace

std::string_view Element::name() const { return local(pugi::xml_node(node_).name()); }

std::string_view Element::name_space() const {
    const std::string_view full = pugi::xml_node(node_).name();
    const auto colon = full.find(':');
    const auto declaration =
        colon == std::string_view::npos ? std::string("xmlns") : fmt::format("xmlns:{}", full.substr(0, colon));
    for (auto node = pugi::xml_node(node_); node; node = node.parent()) {
        if (const auto found = node.attribute(declaration.c_str())) return found.value();
    }
    return {};
}

std::size_t Element::line() const { return tree_->line_of(pugi::xml_node(node_).offset_debug()); }

std::string Element::where() const {
    const auto node = pugi::xml_node(node_);
    const std::string_view parent = node.parent().name();
    if (parent.empty()) return fmt::format("line {}, {}", line(), name());
    return fmt::format("line {}, {}/{}", line(), local(parent), name());
}

std::vector<Element> Element::children() const {
    std::vector<Element> out;
    for (const auto& child : pugi::xml_node(node_)) {
        if (child.type() == pugi::node_element) out.push_back(Element(*tree_, child.internal_object()));
    }
    return out;
}

std::vector<Element> Element::children(std::string_view wanted) const {
    auto out = children();
    std::erase_if(out, [&](const Element& child) { return child.name() != wanted; });
    return out;
}

Result<std::optional<Element>> Element::child(std::string_view wanted) const {
    std::optional<Element> found;
    for (const auto& child : pugi::xml_node(node_)) {
        if (child.type() != pugi::node_element || local(child.name()) != wanted) continue;
        if (found) return Element(*tree_, child.internal_object()).refuse("the element is there twice");
        found = Element(*tree_, child.internal_object());
    }
    return found;
}

Result<Element> Element::needed(std::string_view wanted) const {
    const auto found = TRY(child(wanted));
    if (!found) return refuse(fmt::format("the element {} is missing", wanted));
    return *found;
}

Result<std::optional<Element>> Element::at(std::string_view path) const {
    std::optional<Element> here = *this;
    while (here && !path.empty()) {
        const auto slash = path.find('/');
        here = TRY(here->child(path.substr(0, slash)));
        path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
    }
    return here;
}

Result<std::string> Element::text() const {
    std::string all;
    for (const auto& child : pugi::xml_node(node_)) {
        if (child.type() == pugi::node_element) return refuse("text is expected, and there is an element");
        if (is_text(child)) all += child.value();
    }
    return std::string(trimmed(all));
}

Result<std::optional<std::string>> Element::text_at(std::string_view path) const {
    const auto found = TRY(at(path));
    if (!found) return std::optional<std::string>();
    auto value = TRY(found->text());
    return value.empty() ? std::optional<std::string>() : std::optional(std::move(value));
}

std::string Element::attribute(std::string_view wanted) const {
    return std::string(trimmed(pugi::xml_node(node_).attribute(std::string(wanted).c_str()).value()));
}

std::map<std::string, std::string> Element::attributes() const {
    std::map<std::string, std::string> out;
    for (const auto& each : pugi::xml_node(node_).attributes()) {
        const std::string_view name(each.name());
        if (name != "xmlns" && !name.starts_with("xmlns:")) out.emplace(name, trimmed(each.value()));
    }
    return out;
}

std::string Element::own_text() const {
    std::string all;
    for (const auto& child : pugi::xml_node(node_)) {
        if (is_text(child)) all += trimmed(child.value());
    }
    return all;
}

std::unexpected<Error> Element::refuse(std::string_view what) const {
    return fail(Code::malformed, "{}: {}", where(), what);
}

File::File(std::unique_ptr<Element::Tree> tree) : tree_(std::move(tree)) {}
File::File(File&&) noexcept = default;
File& File::operator=(File&&) noexcept = default;
File::~File() = default;

Result<File> File::read(std::string text) {
    TRY(check_text(text));
    auto tree = std::make_unique<Element::Tree>();
    tree->text = std::move(text);
    for (auto at = tree->text.find('\n'); at != std::string::npos; at = tree->text.find('\n', at + 1))
        tree->line_ends.push_back(at);
    const auto parsed = tree->document.load_buffer(tree->text.data(), tree->text.size(),
                                                   pugi::parse_default | pugi::parse_fragment, pugi::encoding_utf8);
    if (!parsed)
        return fail(Code::malformed, "line {}: this is no well-formed XML: {}", tree->line_of(parsed.offset),
                    parsed.description());
    bool any = false;
    for (const auto& node : tree->document) {
        any = any || node.type() == pugi::node_element;
        if (is_text(node))
            return fail(Code::malformed, "line {}: there is text outside the outermost element",
                        tree->line_of(node.offset_debug()));
    }
    if (!any) return fail(Code::malformed, "the file has no XML element");
    return File(std::move(tree));
}

std::vector<Element> File::roots() const { return Element(*tree_, tree_->document.internal_object()).children(); }

}  // namespace tally::gateway::xml
