#include "node/channel/checks.h"

namespace tally::node {

Status Checks::same(std::string what, std::string expected, std::string found, Code code) {
    const bool holds = expected == found;
    all_.push_back({std::move(what), std::move(expected), std::move(found), holds});
    if (holds) return {};
    const auto& check = all_.back();
    return fail(code, "{}: expected {}, found {}", check.what, check.expected, check.found);
}

Status Checks::judged(std::string what, std::string expected, std::string found, const Status& judged) {
    if (judged) {
        all_.push_back({std::move(what), std::move(expected), std::move(found), true});
        return {};
    }
    all_.push_back({std::move(what), std::move(expected), judged.error().message, false});
    const auto& check = all_.back();
    return fail(judged.error().code, "{}: expected {}, found: {}", check.what, check.expected, check.found);
}

std::unexpected<Error> proves_nothing(const std::filesystem::path& file, const Error& why) {
    const auto code = why.code == Code::bad_proof ? std::string() : fmt::format(" [{}]", why.code.name());
    return fail(Code::bad_proof, "{} proves nothing: {}{}", file.string(), why.message, code);
}

}  // namespace tally::node
