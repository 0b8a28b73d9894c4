#include "storage/seal.h"

#include <algorithm>
#include <vector>

#include "crypto/hash.h"
#include "storage/files.h"

namespace tally::storage {
namespace {

constexpr std::uintmax_t kHashedBytes = 8U << 20;

// One line per file: "<sha256 or -> <size> <path>".
Result<std::string> describe(const std::filesystem::path& directory) {
    std::vector<std::string> lines;
    std::error_code error;
    for (auto at = std::filesystem::recursive_directory_iterator(directory, error);
         !error && at != std::filesystem::recursive_directory_iterator(); at.increment(error)) {
        if (!at->is_regular_file()) continue;
        const auto relative = std::filesystem::relative(at->path(), directory).string();
        if (relative == "SEAL" || relative == "LOCK" || relative.ends_with("/LOCK")) continue;
        const auto size = at->file_size(error);
        std::string digest = "-";
        if (size <= kHashedBytes) digest = crypto::sha256(TRY(MappedFile::open(at->path())).bytes()).hex();
        lines.push_back(fmt::format("{} {} {}", digest, size, relative));
    }
    if (error) return fail(Code::io_error, "{}: {}", directory.string(), error.message());
    std::sort(lines.begin(), lines.end(),
              [](const auto& a, const auto& b) { return a.substr(a.rfind(' ')) < b.substr(b.rfind(' ')); });
    return fmt::format("{}\n", fmt::join(lines, "\n"));
}

std::string with_digest(const std::string& text) {
    return fmt::format("tally-seal-1 {}\n{}", crypto::sha256(as_bytes(text)).hex(), text);
}

std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size() - 1);
        lines.push_back(text.substr(0, end));
        text.remove_prefix(end + 1);
    }
    return lines;
}

}  // namespace

Status write_seal(const std::filesystem::path& directory) {
    return write_file(directory / "SEAL", as_bytes(with_digest(TRY(describe(directory)))));
}

Result<bool> check_seal(const std::filesystem::path& directory) {
    const auto path = directory / "SEAL";
    if (!std::filesystem::exists(path)) return false;
    const auto sealed = TRY(read_file(path));
    const auto now = with_digest(TRY(describe(directory)));
    if (sealed == now) return true;
    const auto before = lines_of(sealed);
    const auto after = lines_of(now);
    const auto path_in = [](std::string_view line) { return line.substr(line.rfind(' ') + 1); };
    for (std::size_t i = 1; i < std::max(before.size(), after.size()); ++i) {
        if (i < before.size() && i < after.size() && before[i] == after[i]) continue;
        const auto name = i >= before.size()  ? path_in(after[i])
                          : i >= after.size() ? path_in(before[i])
                                              : std::min(path_in(before[i]), path_in(after[i]));
        return fail(Code::corrupt, "{}: {} is not as it was when the node stopped: it is damaged, missing or new",
                    directory.string(), name);
    }
    return fail(Code::corrupt, "{}: the files are not those that the node left when it stopped", directory.string());
}

Status break_seal(const std::filesystem::path& directory) {
    std::error_code error;
    std::filesystem::remove(directory / "SEAL", error);
    if (error) return fail(Code::io_error, "{}: {}", (directory / "SEAL").string(), error.message());
    return {};
}

}  // namespace tally::storage
