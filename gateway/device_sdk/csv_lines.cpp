#include "gateway/device_sdk/csv_lines.h"

#include <algorithm>

namespace tally::gateway::device_sdk {
namespace {

constexpr std::size_t kMaxCells = 10'000;  // of a line: what a file without line ends must not exceed

}  // namespace

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

void CsvLines::take_line() {
    const auto end = static_cast<std::size_t>(
        std::find_if(rest_.begin(), rest_.end(), [](char c) { return c == '\n' || c == '\r'; }) - rest_.begin());
    line_ = rest_.substr(0, end);
    rest_.remove_prefix(end);
    if (!rest_.empty()) rest_.remove_prefix(rest_.starts_with("\r\n") ? 2 : 1);
    ++number_;
}

bool CsvLines::next() {
    while (!rest_.empty()) {
        take_line();
        if (!trimmed(line_).empty()) return true;
    }
    return false;
}

void CsvLines::skip(std::size_t lines) {
    for (; lines > 0 && !rest_.empty(); --lines) take_line();
}

// The cell whose opening quote is before `at`, which is moved past the closing one.
Result<std::string_view> CsvLines::quoted(std::size_t& at) {
    const auto begin = at;
    bool escaped = false;
    for (;; at += 2) {
        at = line_.find('"', at);
        if (at == std::string_view::npos) return fail(Code::malformed, "a quote is not closed");
        if (at + 1 >= line_.size() || line_[at + 1] != '"') break;
        escaped = true;
    }
    const auto raw = line_.substr(begin, at++ - begin);
    if (!escaped) return raw;
    auto& cell = unescaped_.emplace_back();
    for (std::size_t i = 0; i < raw.size(); ++i) {
        cell.push_back(raw[i]);
        if (raw[i] == '"') ++i;  // two of them are one
    }
    return cell;
}

Status CsvLines::split(std::vector<std::string_view>& cells) {
    cells.clear();
    unescaped_.clear();
    std::size_t at = 0;
    while (true) {
        if (cells.size() == kMaxCells) return fail(Code::malformed, "more than {} columns", kMaxCells);
        while (at < line_.size() && line_[at] == ' ' && delimiter_ != ' ') ++at;
        if (at < line_.size() && line_[at] == '"') {
            cells.push_back(trimmed(TRY(quoted(++at))));
            while (at < line_.size() && line_[at] == ' ' && delimiter_ != ' ') ++at;
            if (at < line_.size() && line_[at] != delimiter_)
                return fail(Code::malformed, "text follows a closing quote");
        } else {
            const auto end = std::min(line_.find(delimiter_, at), line_.size());
            cells.push_back(trimmed(line_.substr(at, end - at)));
            at = end;
        }
        if (at >= line_.size()) return {};
        ++at;  // the delimiter; a line that ends with one has an empty last cell
    }
}

}  // namespace tally::gateway::device_sdk
