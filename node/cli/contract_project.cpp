#include "node/cli/contract_project.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "chaincode/records/identifier.h"
#include "storage/files.h"

namespace tally::node::cli {
namespace {

constexpr std::string_view kCMake = R"(cmake_minimum_required(VERSION 3.25)
project(@NAME@ CXX)

# Where Tally's sources are: -DTally_DIR=SOURCES/chaincode/host (`tally contract test` says it).
find_package(Tally REQUIRED)

add_executable(@NAME@ main.cpp @NAME@.cpp)
target_link_libraries(@NAME@ PRIVATE tally_contract)

enable_testing()
add_executable(@NAME@_test @NAME@.cpp @NAME@_test.cpp)
target_link_libraries(@NAME@_test PRIVATE tally_contract_test)
add_test(NAME @NAME@ COMMAND @NAME@_test)
)";

constexpr std::string_view kMain = R"(#include "@NAME@.h"
#include "chaincode/host/serve.h"

int main(int argc, char** argv) { return tally::chaincode::host::serve(@NAME@::contract(), argc, argv); }
)";

constexpr std::string_view kHeader = R"(#pragma once
// Notes that members leave on the ledger. Replace it with what your contract does.
//
// State: note\0<name>   a Note

#include "chaincode/contract.h"

namespace @NAME@ {

[[nodiscard]] tally::chaincode::Contract contract();

}  // namespace @NAME@
)";

constexpr std::string_view kContract = R"(#include "@NAME@.h"

#include "chaincode/contracts/document.h"
#include "chaincode/contracts/paging.h"
#include "chaincode/records/identifier.h"

namespace @NAME@ {
namespace {

using namespace tally::chaincode;
using tally::Code;
using tally::Kind;
using tally::Result;

inline constexpr Refusal kOthersNote{{"others_note", Kind::forbidden},
                                     "The note is another organization's.",
                                     "Write a note of another name."};

struct Note {
    std::string name;
    std::string text;
    std::string organization;
};
TALLY_FIELDS(Note, (name, "the note's name"), (text, "what it says"), (organization, "who has written it"))

struct Put {
    std::string name;
    std::string text;
};
TALLY_FIELDS(Put, (name, "the note's name", .form = &kIdentifier), (text, "what it says", .min = 1, .max = 1000))

struct ByName {
    std::string name;
};
TALLY_FIELDS(ByName, (name, "the note's name", .form = &kIdentifier))

struct List : PageArguments {};
BOOST_DESCRIBE_STRUCT(List, (PageArguments), ())

struct Notes {
    std::vector<Note> notes;
    std::optional<std::string> next;
};
TALLY_FIELDS(Notes, (notes, "in the order of their names"), (next, "the next page's cursor"))

std::string key_of(std::string_view name) { return composite_key({"note", name}); }

Result<Note> put(Stub& stub, const Put& in) {
    const auto& organization = stub.caller().organization;
    const auto before = TRY(get_document<Note>(stub, key_of(in.name), "a note"));
    if (before && before->organization != organization)
        return tally::fail(kOthersNote, "the note \"{}\" is of {}", in.name, before->organization);
    const Note note{in.name, in.text, organization};
    TRY(put_document(stub, key_of(in.name), note));
    emit(stub, "written", note);
    return note;
}

Result<Note> get(Stub& stub, const ByName& in) {
    auto note = TRY(get_document<Note>(stub, key_of(in.name), "a note"));
    if (!note) return tally::fail(Code::not_found, "there is no note \"{}\"", in.name);
    return std::move(*note);
}

Result<Notes> list(Stub& stub, const List& in) {
    Notes page;
    page.next = TRY(Pager({"note"}).read(stub, in, [&](const KeyValue& entry) -> Result<bool> {
        page.notes.push_back(TRY(read_document<Note>(entry.value, "a note")));
        return true;
    }));
    return page;
}

}  // namespace

Contract contract() {
    Contract contract("@NAME@", 1, "Notes that members leave on the ledger");
    contract
        .add(&put, {.name = "put", .summary = "Writes a note", .writes = true, .refusals = {kOthersNote}})
        .add(&get, {.name = "get", .summary = "One note", .routes = {"/v1/@NAME@/notes/{name}"}})
        .add(&list, {.name = "list", .summary = "All notes", .routes = {"/v1/@NAME@/notes"}})
        .event<Note>("written", "A note was written");
    return contract;
}

}  // namespace @NAME@
)";

constexpr std::string_view kTest = R"(#include "@NAME@.h"

#include <gtest/gtest.h>

#include "chaincode/host/memory_stub.h"

namespace @NAME@ {
namespace {

using namespace tally::chaincode;

TEST(@NAME@, ANoteIsReadAsItWasWritten) {
    MemoryLedger ledger(contract());
    const auto written = ledger.call("put", {{"name", "first"}, {"text", "hello"}});
    ASSERT_TRUE(written) << written.error().message;
    EXPECT_EQ(ledger.call("get", {{"name", "first"}})->at("text"), "hello");
    EXPECT_EQ(ledger.call("list")->at("notes").as_array().size(), 1U);
    EXPECT_EQ(ledger.events.size(), 1U);
}

TEST(@NAME@, ANoteIsChangedByItsOrganizationAlone) {
    MemoryLedger ledger(contract());
    ASSERT_TRUE(ledger.call("put", {{"name", "first"}, {"text", "hello"}}));
    ledger.caller.organization = "Other";
    const auto refused = ledger.call("put", {{"name", "first"}, {"text", "mine"}});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code.name(), "others_note");
}

}  // namespace
}  // namespace @NAME@
)";

constexpr std::string_view kReadme = R"(# @NAME@

A contract for a Tally channel.

    tally contract test .                     builds it, runs its tests, packs it: build/@NAME@-1.tallyc
    tally contract install FILE NODE_FOLDER   at each endorsing node; then start the node again
    tally config propose --set contracts.@NAME@=FILE      the consortium approves and applies it
    tally call @NAME@ put --name first --text hello

`@NAME@.cpp` declares each function once: arguments, answer, refusals. Options of the command line, REST paths and the
OpenAPI document follow from it. A version never changes once a channel has it: give a changed contract the next one.
)";

std::string filled(std::string_view text, const std::string& name) {
    constexpr std::string_view kPlace = "@NAME@";
    std::string out(text);
    for (auto at = out.find(kPlace); at != std::string::npos; at = out.find(kPlace, at + name.size()))
        out.replace(at, kPlace.size(), name);
    return out;
}

// It becomes a C++ namespace, a contract and a file.
Status check_contract_name(const std::string& name) {
    const auto letter = [](char c) { return c >= 'a' && c <= 'z'; };
    const auto good = [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '_'; };
    if (!name.empty() && name.size() <= 32 && letter(name.front()) && std::ranges::all_of(name, good)) return {};
    return fail(Code::invalid_argument,
                "\"{}\" is no name of a contract: 1 to 32 of a-z 0-9 _, beginning with a letter", name.substr(0, 64));
}

Status run(const std::vector<std::string>& command) {
    std::vector<char*> arguments;
    for (const auto& each : command) arguments.push_back(const_cast<char*>(each.c_str()));
    arguments.push_back(nullptr);
    pid_t process = 0;
    if (const int error = ::posix_spawnp(&process, arguments[0], nullptr, nullptr, arguments.data(), environ);
        error != 0)
        return fail(Code::unavailable, "{} cannot be started: {}", command[0], std::strerror(error));
    int status = 0;
    while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
    return fail(Code::invalid_argument, "`{} {}` has failed; its output is above", command[0],
                command.size() > 1 ? command[1] : "");
}

}  // namespace

Result<std::filesystem::path> contract_sources(const std::filesystem::path& sources) {
    const auto folder = (sources.empty() ? std::filesystem::path(TALLY_SOURCES) : sources) / "chaincode" / "host";
    std::error_code error;
    if (std::filesystem::exists(folder / "TallyConfig.cmake", error)) return std::filesystem::absolute(folder, error);
    return fail(Code::not_found, "{} has no TallyConfig.cmake; name the folder of Tally's sources with --tally",
                folder.string());
}

Status write_project(const std::filesystem::path& folder, const std::string& name,
                     const std::filesystem::path& sources) {
    TRY(check_contract_name(name));
    (void)TRY(contract_sources(sources));
    std::error_code error;
    if (std::filesystem::exists(folder, error))
        return fail(Code::already_exists, "{} is there; name another folder with --out", folder.string());
    if (!std::filesystem::create_directories(folder, error))
        return fail(Code::io_error, "{}: {}", folder.string(), error.message());
    const std::pair<std::string, std::string_view> files[] = {
        {"CMakeLists.txt", kCMake},
        {"main.cpp", kMain},
        {name + ".h", kHeader},
        {name + ".cpp", kContract},
        {name + "_test.cpp", kTest},
        {"README.md", kReadme},
        {".gitignore", std::string_view("build/\n")},
    };
    for (const auto& [file, text] : files) TRY(storage::write_file(folder / file, as_bytes(filled(text, name)), 0644));
    return {};
}

Result<std::filesystem::path> test_project(const std::filesystem::path& folder, const std::filesystem::path& sources) {
    std::error_code error;
    const auto project = std::filesystem::canonical(folder, error);
    if (error || !std::filesystem::exists(project / "CMakeLists.txt"))
        return fail(Code::not_found, "{} is no contract's project: it has no CMakeLists.txt", folder.string());
    const auto build = project / "build";
    std::vector<std::string> configure{"cmake",
                                       "-S",
                                       project.string(),
                                       "-B",
                                       build.string(),
                                       "-DCMAKE_BUILD_TYPE=Release",
                                       "-DTally_DIR=" + TRY(contract_sources(sources)).string()};
    if (std::filesystem::exists("/usr/bin/ccache", error))
        configure.emplace_back("-DCMAKE_CXX_COMPILER_LAUNCHER=/usr/bin/ccache");
    TRY(run(configure));
    TRY(run({"cmake", "--build", build.string(), "--parallel", "2"}));
    TRY(run({"ctest", "--test-dir", build.string(), "--output-on-failure"}));
    const auto program = build / project.filename();
    if (!std::filesystem::exists(program, error)) {
        return fail(Code::not_found,
                    "the project builds no program {}; `tally contract pack PROGRAM` packs another one",
                    program.string());
    }
    return program;
}

Result<std::filesystem::path> pack_program(const std::filesystem::path& program, const std::filesystem::path& out) {
    const auto bytes = TRY(storage::read_file(program, chaincode::host::kMaxProgram));
    const auto package = TRY(chaincode::host::make_package(to_bytes(as_bytes(bytes))));
    const auto contract = TRY(chaincode::host::contract_of(package.manifest, [](std::string) { return nullptr; }));
    auto file = out;
    if (file.empty()) file = program.parent_path() / fmt::format("{}-{}.tallyc", contract.name(), contract.version());
    const auto encoded = chaincode::host::encode_package(package);
    TRY(storage::write_file(file, encoded, 0644));
    return file;
}

}  // namespace tally::node::cli
