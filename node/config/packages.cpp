#include "node/config/packages.h"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "chaincode/host/clock.h"
#include "chaincode/host/hosted_contract.h"
#include "node/channel/known.h"

namespace tally::node {

Result<std::vector<std::filesystem::path>> packages_in(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> files;
    std::error_code error;
    if (!std::filesystem::exists(folder, error)) return files;
    for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
        if (entry.path().extension() == kPackageSuffix) files.push_back(entry.path());
    }
    if (error) return fail(Code::io_error, "{}: {}", folder.string(), error.message());
    std::ranges::sort(files);
    return files;
}

Status install_packages(const std::filesystem::path& folder, bool allow_clock) {
    const auto files = TRY(packages_in(folder));
    if (!files.empty() && allow_clock && !chaincode::host::can_hide_the_clock())
        spdlog::warn("event=contracts_have_a_clock reason=\"{}\"", chaincode::host::kClockIsOpen);
    for (const auto& file : files) {
        auto contract =
            chaincode::host::host_contract(TRY(chaincode::host::read_package(file)), {.allow_clock = allow_clock});
        if (!contract) return std::unexpected(contract.error().within(file.string()));
        spdlog::info("event=contract_installed contract={} version={} manifest={}", contract->name(),
                     contract->version(), contract->package());
        install(std::move(*contract));
    }
    return {};
}

}  // namespace tally::node
