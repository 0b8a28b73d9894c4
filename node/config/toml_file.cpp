#include "node/config/toml_file.h"

#include "storage/files.h"

namespace tally::node {

Result<toml::table> read_toml(const std::filesystem::path& file) {
    return parse_toml(TRY(storage::read_file(file, 1U << 20)), file.string());
}

Result<toml::table> parse_toml(std::string_view text, const std::string& name) {
    try {
        return toml::parse(text, name);
    } catch (const toml::parse_error& error) {
        return fail(Code::bad_configuration, "{}: line {}: {}", name, error.source().begin.line, error.description());
    }
}

}  // namespace tally::node
