#include "node/cli/answer_table.h"

#include <algorithm>

#include "chaincode/json/strict_json.h"
#include "node/cli/output.h"

namespace tally::node::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t kWidestCell = 40;
constexpr std::size_t kMostColumns = 9;

bool is_scalar(const json::value& value) { return !value.is_object() && !value.is_array(); }

std::string text_of(const json::value& value) {
    if (value.is_null()) return "-";
    if (value.is_string()) return std::string(value.get_string());
    if (value.is_array() && std::ranges::all_of(value.get_array(), is_scalar)) {
        std::string text;
        for (const auto& each : value.get_array()) text += fmt::format("{}{}", text.empty() ? "" : ", ", text_of(each));
        return text;
    }
    return chaincode::json_text(value);
}

// One line, cut where it is wider than a cell: --json has all of it.
std::string cell_of(const json::value& value) {
    auto text = text_of(value);
    std::ranges::replace(text, '\n', ' ');
    if (text.size() <= kWidestCell) return text;
    auto end = kWidestCell - 3;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;  // not inside a character
    return text.substr(0, end) + "...";
}

bool is_table(const json::value& value) {
    return value.is_array() && !value.get_array().empty() &&
           std::ranges::all_of(value.get_array(), [](const auto& each) { return each.is_object(); });
}

// The members that are scalars in every row that has them, in the order of the first row that does.
std::vector<std::string> columns_of(const json::array& rows) {
    std::vector<std::string> columns, nested;
    for (const auto& row : rows) {
        for (const auto& [name, value] : row.get_object()) {
            if (!is_scalar(value) && std::ranges::find(nested, name) == nested.end()) nested.emplace_back(name);
            if (std::ranges::find(columns, name) == columns.end()) columns.emplace_back(name);
        }
    }
    std::erase_if(columns, [&](const auto& name) { return std::ranges::find(nested, name) != nested.end(); });
    if (columns.size() > kMostColumns) columns.resize(kMostColumns);
    return columns;
}

void print_rows(const json::array& rows) {
    const auto columns = columns_of(rows);
    std::vector<std::vector<std::string>> cells;
    for (const auto& row : rows) {
        auto& line = cells.emplace_back();
        for (const auto& column : columns) {
            const auto* value = row.get_object().if_contains(column);
            line.push_back(value == nullptr ? "" : cell_of(*value));
        }
    }
    print_table(columns, cells);
}

void print_object(const json::object& object) {
    std::vector<std::pair<std::string, std::string>> facts;
    for (const auto& [name, value] : object) {
        const bool empty = value.is_array() && value.get_array().empty();
        if (!is_table(value)) facts.emplace_back(std::string(name), empty ? "none" : text_of(value));
    }
    if (!facts.empty()) print_facts(facts);
    for (const auto& [name, value] : object) {
        if (!is_table(value)) continue;
        say(fmt::format("\n{}", paint(Colour::bold, std::string_view(name))));
        print_rows(value.get_array());
    }
}

}  // namespace

void print_answer(const json::value& answer) {
    if (style().json || is_scalar(answer)) return print_json(answer);
    if (answer.is_object()) return print_object(answer.get_object());
    if (is_table(answer)) return print_rows(answer.get_array());
    print_json(answer);
}

}  // namespace tally::node::cli
