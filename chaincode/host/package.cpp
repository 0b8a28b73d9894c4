#include "chaincode/host/package.h"

#include <algorithm>
#include <cstring>
#include <deque>

#include "chaincode/host/frames.h"
#include "chaincode/host/sandbox.h"
#include "chaincode/json/strict_json.h"
#include "chaincode/records/identifier.h"
#include "crypto/code_named.h"
#include "storage/files.h"

namespace tally::chaincode::host {
namespace {

constexpr std::string_view kMagic = "tally-contract/1\n";
constexpr std::chrono::seconds kTrialStart{5};

// What the manifest says, as structs: reading it checks it.
struct ManifestAttachment {
    std::string about;
    bool optional = false;
};
BOOST_DESCRIBE_STRUCT(ManifestAttachment, (), (about, optional))

struct ManifestRefusal {
    std::string code, kind, meaning, advice;
};
BOOST_DESCRIBE_STRUCT(ManifestRefusal, (), (code, kind, meaning, advice))

enum class ManifestVisibility { members, parties };
BOOST_DESCRIBE_ENUM(ManifestVisibility, members, parties)

struct ManifestFunction {
    std::string name, summary;
    bool writes = false;
    std::vector<std::string> roles, callers;
    ManifestVisibility visibility = ManifestVisibility::members;
    std::vector<ManifestAttachment> attachments;
    std::vector<ManifestRefusal> refusals;
    std::vector<std::string> routes;
    json::value arguments, answer;
};
TALLY_FIELDS(ManifestFunction, (name, "", .form = &kIdentifier), (summary, "", .max = 200), (writes),
             (roles, "", .max = 16, .form = &kIdentifier), (callers, "", .max = 64, .form = &kIdentifier), (visibility),
             (attachments, "", .max = 8), (refusals, "", .max = 64), (routes, "", .max = 8), (arguments), (answer))

struct ManifestEvent {
    std::string name, summary;
    json::value payload;
};
TALLY_FIELDS(ManifestEvent, (name, "", .form = &kIdentifier), (summary, "", .max = 200), (payload))

struct Manifest {
    std::string name;
    std::int64_t version = 0;
    std::string summary;
    std::vector<ManifestFunction> functions;
    std::vector<ManifestEvent> events;
};
TALLY_FIELDS(Manifest, (name, "", .form = &kIdentifier), (version, "", .min = 1, .max = UINT32_MAX),
             (summary, "", .max = 200), (functions, "", .min = 1, .max = 256), (events, "", .max = 256))

Result<json::object> object_schema(const json::value& schema, std::string_view what) {
    const auto* object = schema.if_object();
    const auto* properties = object == nullptr ? nullptr : object->if_contains("properties");
    if (object == nullptr || (properties != nullptr && !properties->is_object()))
        return fail(Code::malformed, "the manifest's schema of {} is no object", what);
    return *object;
}

// A contract's paths lie below its own name: it cannot take another's, nor the node's.
Status check_route(std::string_view route, const ManifestFunction& function, std::string_view contract) {
    if (!function.writes && route.starts_with(fmt::format("/v1/{}/", contract)) && route.find("//") == route.npos)
        return {};
    return fail(Code::invalid_argument, "the path \"{}\" of {}.{}: a query's paths begin with /v1/{}/",
                route.substr(0, 80), contract, function.name, contract);
}

Status check_refusal(const ManifestRefusal& refusal) {
    const auto code = code_named(refusal.code, Kind::refused);
    const bool own = std::ranges::none_of(kPlatformCodes, [&](const Code& each) { return each == code; });
    if (own && code.name() == refusal.code && kind_named(refusal.kind)) return {};
    return fail(Code::invalid_argument,
                "the refusal \"{}\" of kind \"{}\": a code is 1 to {} of a-z 0-9 _ and not one "
                "of the platform's",
                refusal.code.substr(0, 64), refusal.kind.substr(0, 64), Code::kMaxName);
}

}  // namespace

crypto::Hash Package::hash() const { return crypto::sha256(as_bytes(manifest)); }

Result<Package> make_package(Bytes program) {
    if (program.size() > kMaxProgram)
        return fail(Code::too_large, "a program of {} bytes; {} are allowed", program.size(), kMaxProgram);
    const auto started = TRY(start_in_sandbox(program, {}));
    Frames process(started.socket);
    const auto manifest = process.receive(Frames::Clock::now() + kTrialStart);
    const auto how = end_process(started.process);
    if (!manifest) {
        return fail(Code::invalid_argument,
                    "the program does not say what it declares; it {}. A contract is linked statically and calls "
                    "tally::chaincode::host::serve",
                    how);
    }
    if (manifest->size() > kMaxManifest) return fail(Code::too_large, "a manifest of {} bytes", manifest->size());
    return Package{std::string(as_text(*manifest)), std::move(program)};
}

Bytes encode_package(const Package& package) {
    Bytes out = to_bytes(kMagic);
    const auto size = static_cast<std::uint32_t>(package.manifest.size());
    out.resize(out.size() + 4);
    std::memcpy(out.data() + kMagic.size(), &size, 4);
    out.insert(out.end(), package.manifest.begin(), package.manifest.end());
    out.insert(out.end(), package.program.begin(), package.program.end());
    return out;
}

Result<Package> decode_package(ByteView file) {
    if (file.size() < kMagic.size() + 4 || as_text(file.first(kMagic.size())) != kMagic)
        return fail(Code::malformed, "no package of a contract: it does not begin with tally-contract/1");
    file = file.subspan(kMagic.size());
    std::uint32_t size = 0;
    std::memcpy(&size, file.data(), 4);
    file = file.subspan(4);
    if (size > kMaxManifest || size > file.size())
        return fail(Code::malformed, "the package's manifest has {} bytes where {} remain", size, file.size());
    return Package{std::string(as_text(file.first(size))), to_bytes(file.subspan(size))};
}

Result<Package> read_package(const std::filesystem::path& file) {
    auto package = decode_package(as_bytes(TRY(storage::read_file(file, kMaxProgram + kMaxManifest + 64))));
    if (!package) return std::unexpected(package.error().within(file.string()));
    return package;
}

Result<Contract> contract_of(
    std::string_view text,
    const std::function<std::function<Result<json::value>(Stub&, const json::value&)>(std::string)>& run) {
    auto manifest = TRY(from_json<Manifest>(TRY(parse_json(text, "the manifest", {.max_bytes = kMaxManifest}))));
    Contract contract(manifest.name, static_cast<std::uint32_t>(manifest.version), manifest.summary);
    // What the refusals' views look at lives as long as the functions do.
    const auto kept = std::make_shared<std::deque<std::string>>();
    for (auto& each : manifest.functions) {
        Function function;
        function.name = each.name;
        function.summary = each.summary;
        function.writes = each.writes;
        function.roles = each.roles;
        function.callers = each.callers;
        function.visibility =
            each.visibility == ManifestVisibility::parties ? Visibility::parties : Visibility::members;
        for (auto& file : each.attachments) function.attachments.push_back({file.about, file.optional});
        for (auto& refusal : each.refusals) {
            TRY(check_refusal(refusal));
            const auto& meaning = kept->emplace_back(refusal.meaning);
            const auto& advice = kept->emplace_back(refusal.advice);
            function.refusals.push_back({Code(refusal.code, *kind_named(refusal.kind)), meaning, advice});
        }
        for (const auto& route : each.routes) TRY(check_route(route, each, manifest.name));
        function.routes = each.routes;
        function.schema = TRY(object_schema(each.arguments, each.name));
        function.answer = TRY(object_schema(each.answer, each.name));
        function.run = [kept, call = run(each.name)](Stub& stub, const json::value& arguments) -> Result<Answer> {
            return Answer::of(TRY(call(stub, arguments)));
        };
        if (contract.find(each.name) != nullptr)
            return fail(Code::invalid_argument, "the manifest declares {} twice", each.name);
        contract.add(std::move(function));
    }
    for (auto& each : manifest.events)
        contract.event({each.name, each.summary, TRY(object_schema(each.payload, each.name))});
    return contract;
}

}  // namespace tally::chaincode::host
