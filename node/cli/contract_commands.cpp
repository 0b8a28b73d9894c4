// tally contract new | test | pack | install | list | show | reference | types

#include <fmt/ranges.h>

#include "chaincode/host/hosted_contract.h"
#include "chaincode/json/strict_json.h"
#include "gateway/http/target.h"
#include "node/channel/known.h"
#include "node/cli/command.h"
#include "node/cli/contract_project.h"
#include "node/cli/contract_reference.h"
#include "node/cli/contract_types.h"
#include "node/cli/member_client.h"
#include "node/config/node_config.h"
#include "node/config/packages.h"
#include "storage/files.h"

namespace tally::node::cli {
namespace {

namespace json = boost::json;

struct ContractsOptions {
    std::filesystem::path profile;
};

struct ContractOptions {
    std::filesystem::path profile;
    std::string contract;
};

struct TypesOptions {
    std::string contract;
    std::string language;
};

Status list_contracts(const ContractsOptions& options) {
    auto member = TRY(MemberClient::open(options.profile));
    const auto answer = TRY(member.get("/v1/contracts"));
    if (style().json) {
        print_json(answer);
        return {};
    }
    std::vector<std::vector<std::string>> rows;
    for (const auto& each : answer.at("contracts").as_array()) {
        rows.push_back({std::string(each.at("name").as_string()), std::to_string(each.at("version").as_int64()),
                        std::to_string(each.at("functions").as_array().size()),
                        std::string(each.at("summary").as_string())});
    }
    print_table({"contract", "version", "functions", "summary"}, rows);
    return {};
}

struct ProjectOptions {
    std::string name;
    std::filesystem::path folder;
    std::filesystem::path sources;
};

struct PackOptions {
    std::filesystem::path program;
    std::filesystem::path out;
};

struct InstallOptions {
    std::filesystem::path package;
    std::filesystem::path node;
};

// Of a package: its manifest, without a node.
Result<json::value> manifest_of(const ContractOptions& options) {
    if (options.contract.ends_with(kPackageSuffix)) {
        const auto package = TRY(chaincode::host::read_package(options.contract));
        auto contract = TRY(chaincode::host::contract_of(package.manifest, [](std::string) { return nullptr; }));
        auto manifest = chaincode::manifest_of(contract);
        manifest.emplace("manifest", package.hash().hex());
        return manifest;
    }
    auto member = TRY(MemberClient::open(options.profile));
    return member.get("/v1/contracts/" + gateway::percent_encode(options.contract));
}

Status show_contract(const ContractOptions& options) {
    const auto manifest = TRY(manifest_of(options));
    if (style().json) {
        print_json(manifest);
        return {};
    }
    if (const auto* hash = manifest.as_object().if_contains("manifest"))
        print_facts({{"contract", std::string(manifest.at("name").as_string())},
                     {"version", chaincode::json_text(manifest.at("version"))},
                     {"manifest", std::string(hash->as_string())}});
    std::vector<std::vector<std::string>> rows;
    for (const auto& each : manifest.at("functions").as_array()) {
        std::vector<std::string_view> roles;
        for (const auto& role : each.at("roles").as_array()) roles.emplace_back(role.as_string());
        rows.push_back({std::string(each.at("name").as_string()), each.at("writes").as_bool() ? "writes" : "query",
                        roles.empty() ? "any member" : fmt::format("{}", fmt::join(roles, ", ")),
                        std::string(each.at("summary").as_string())});
    }
    print_table({"function", "kind", "for", "summary"}, rows);
    return {};
}

Status make_project(const ProjectOptions& options) {
    const auto folder = options.folder.empty() ? std::filesystem::path(options.name) : options.folder;
    TRY(write_project(folder, options.name, options.sources));
    if (style().json) {
        print_json(json::object{{"folder", folder.string()}});
        return {};
    }
    say_done(fmt::format("{} is a contract's project", folder.string()));
    say(fmt::format("  next:  tally contract test {}", folder.string()));
    return {};
}

Status say_packed(const std::filesystem::path& file) {
    const auto package = TRY(chaincode::host::read_package(file));
    if (style().json) {
        print_json(json::object{{"package", file.string()}, {"manifest", package.hash().hex()}});
        return {};
    }
    say_done(fmt::format("{} is packed", file.string()));
    say(fmt::format("Its manifest has the SHA-256 {}.", package.hash().hex()));
    return {};
}

Status test(const ProjectOptions& options) {
    const auto program = TRY(test_project(options.folder, options.sources));
    return say_packed(TRY(pack_program(program, {})));
}

// The package is started once, as the node will: what cannot run is not installed.
Status install_package(const InstallOptions& options) {
    const auto node = std::filesystem::is_directory(options.node) ? options.node : options.node.parent_path();
    std::error_code error;
    if (!std::filesystem::exists(node / "node.toml", error))
        return fail(Code::not_found, "{} is no node's folder: it has no node.toml", options.node.string());
    const auto config = TRY(load_node_config(node / "node.toml"));
    const auto contract = TRY(chaincode::host::host_contract(TRY(chaincode::host::read_package(options.package)),
                                                             {.allow_clock = config.allow_clock}));
    std::filesystem::create_directories(node / kPackages, error);
    if (error) return fail(Code::io_error, "{}: {}", (node / kPackages).string(), error.message());
    const auto file = node / kPackages / fmt::format("{}-{}{}", contract.name(), contract.version(), kPackageSuffix);
    const auto bytes = TRY(storage::read_file(options.package, chaincode::host::kMaxProgram * 2));
    TRY(storage::write_file(file, as_bytes(bytes), 0644));
    say_done(fmt::format("{} has {} version {}; it is in use when the node starts again", node.string(),
                         contract.name(), contract.version()));
    return {};
}

struct Nothing {};

Status print_text(const std::string& text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
    return {};
}

Status print_types(const TypesOptions& options) {
    const auto* contract = documented_contracts().find(options.contract);
    if (contract == nullptr) return fail(Code::not_found, "this program has no contract \"{}\"", options.contract);
    return print_text(options.language == "python" ? python_types(*contract) : typescript_types(*contract));
}

void add_making(CLI::App& contract, Choice& choice) {
    auto* made = contract.add_subcommand("new", "Make a project for a contract of one's own");
    auto made_options = std::make_shared<ProjectOptions>();
    made->add_option("name", made_options->name, "1 to 32 of a-z 0-9 _")->required();
    made->add_option("--out", made_options->folder, "The project's folder (default: the name)");
    made->add_option("--tally", made_options->sources, "Tally's sources (default: those of this program)");
    on_chosen(*made, choice, made_options, make_project);

    auto* tested = contract.add_subcommand("test", "Build a project, run its tests and pack it");
    auto test_options = std::make_shared<ProjectOptions>();
    tested->add_option("folder", test_options->folder, "The project")->required();
    tested->add_option("--tally", test_options->sources, "Tally's sources (default: those of this program)");
    on_chosen(*tested, choice, test_options, test);

    auto* packed = contract.add_subcommand("pack", "Make a package of a contract's program");
    auto pack_options = std::make_shared<PackOptions>();
    packed->add_option("program", pack_options->program, "A statically linked program")->required();
    packed->add_option("--out", pack_options->out, "The package (default: NAME-VERSION.tallyc beside the program)");
    on_chosen(*packed, choice, pack_options,
              [](const PackOptions& in) -> Status { return say_packed(TRY(pack_program(in.program, in.out))); });

    auto* installed = contract.add_subcommand("install", "Give a package to a node");
    auto install_options = std::make_shared<InstallOptions>();
    installed->add_option("package", install_options->package, "A file *.tallyc")->required();
    installed->add_option("node", install_options->node, "The node's folder")->required();
    on_chosen(*installed, choice, install_options, install_package);
}

}  // namespace

void add_contract(CLI::App& app, Choice& choice) {
    auto* contract = app.add_subcommand("contract", "Contracts: make and install one, see what a channel has");
    contract->require_subcommand(1);
    add_making(*contract, choice);

    auto* listed = contract->add_subcommand("list", "The contracts that are in force on the channel");
    auto list_options = std::make_shared<ContractsOptions>();
    add_profile_option(*listed, list_options->profile);
    on_chosen(*listed, choice, list_options, list_contracts);

    auto* shown = contract->add_subcommand("show", "A contract's functions");
    auto show_options = std::make_shared<ContractOptions>();
    add_profile_option(*shown, show_options->profile);
    shown->add_option("contract", show_options->contract, "For example registry, or the file of a package")->required();
    on_chosen(*shown, choice, show_options, show_contract);

    auto* reference = contract->add_subcommand("reference", "Print the reference page of this program's contracts");
    on_chosen(*reference, choice, std::make_shared<Nothing>(),
              [](const Nothing&) { return print_text(reference_page(documented_contracts())); });

    auto* types = contract->add_subcommand("types", "Print types of a contract's arguments and answers for clients");
    auto types_options = std::make_shared<TypesOptions>();
    types->add_option("contract", types_options->contract, "One that this program has, for example registry")
        ->required();
    types->add_option("--language", types_options->language, "typescript or python")
        ->required()
        ->check(CLI::IsMember({"typescript", "python"}));
    on_chosen(*types, choice, types_options, print_types);
}

}  // namespace tally::node::cli
