#include "node/config/toml_file.h"

#include "storage/files.h"

namespace tally::node {

Result<toml::table> read_toml(const std::filesystem::path& file) {
    const auto text = TRY(storage::read_file(file, 1U << 20));
    try {
        return toml::parse(text, file.string());
    } catch (const toml::parse_error& error) {
        return fail(Code::bad_configuration, "{}: line {}: {}", file.string(), error.source().begin.line,
                    error.description());
    }
}

}  // namespace tally::node
