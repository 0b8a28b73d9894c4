#include "node/config/packages.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <vector>

#include "chaincode/host/hosted_contract.h"
#include "node/channel/known.h"

namespace tally::node {

Status install_packages(const std::filesystem::path& folder) {
    std::error_code error;
    if (!std::filesystem::exists(folder, error)) return {};
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
        if (entry.path().extension() == kPackageSuffix) files.push_back(entry.path());
    }
    if (error) return fail(Code::io_error, "{}: {}", folder.string(), error.message());
    std::ranges::sort(files);
    for (const auto& file : files) {
        auto contract = chaincode::host::host_contract(TRY(chaincode::host::read_package(file)));
        if (!contract) return std::unexpected(contract.error().within(file.string()));
        spdlog::info("event=contract_installed contract={} version={} manifest={}", contract->name(),
                     contract->version(), contract->package());
        install(std::move(*contract));
    }
    return {};
}

}  // namespace tally::node
