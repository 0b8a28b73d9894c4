#include "node/cli/member_client.h"

#include "chaincode/json/strict_json.h"
#include "chaincode/proposal.h"
#include "gateway/http/problem.h"
#include "node/channel/key_file.h"
#include "node/channel/ledger_json.h"
#include "node/cli/command.h"
#include "node/config/toml_file.h"
#include "node/threads/stopwatch.h"
#include "storage/files.h"

namespace tally::node::cli {

namespace json = boost::json;

namespace {

constexpr std::int64_t kSoonMs = 14LL * 86'400'000;  // as nodes announce it

Result<std::string> text_of(const toml::table& table, const std::filesystem::path& file, std::string_view key) {
    const auto value = table[key].value_exact<std::string>();
    if (!value || value->empty())
        return fail(Code::bad_configuration, "{}: \"{}\" is missing or not a text", file.string(), key);
    return *value;
}

gateway::ReadProblem problem_of(const gateway::ClientResponse& response) {
    return gateway::read_problem(response.status, response.header("Content-Type"), response.body);
}

// Something that the transaction had read was changed before its block.
bool is_conflict(const gateway::ClientResponse& response) {
    if (response.status < 400) return false;
    const auto code = problem_of(response).validation_code;
    return code == "MVCC_READ_CONFLICT" || code == "PHANTOM_READ_CONFLICT";
}

Result<json::value> json_of(const gateway::ClientResponse& response) {
    if (response.status >= 400) return std::unexpected(problem_of(response).error);
    return chaincode::parse_json(response.body, "the answer", {.max_bytes = 256U << 20, .max_depth = 32});
}

}  // namespace

void add_profile_option(CLI::App& command, std::filesystem::path& file) {
    file = "profile.toml";
    command.add_option("--profile", file, "The member that asks: its profile.toml")->envname("TALLY_PROFILE");
}

Result<Profile> load_profile(const std::filesystem::path& file) {
    const auto parsed = read_toml(file);
    if (!parsed) {
        return fail(parsed.error().code, "{}; name a member's profile with --profile or TALLY_PROFILE",
                    parsed.error().message);
    }
    const auto& table = *parsed;
    const auto folder = file.parent_path();
    const auto genesis = table["genesis"].value_or(std::string());
    return Profile{file,
                   TRY(text_of(table, file, "channel")),
                   TRY(text_of(table, file, "url")),
                   folder / TRY(text_of(table, file, "authorities")),
                   folder / TRY(text_of(table, file, "certificate")),
                   folder / TRY(text_of(table, file, "key")),
                   genesis.empty() ? std::filesystem::path() : folder / genesis};
}

Result<MemberClient> MemberClient::open(const std::filesystem::path& file, const std::string& url,
                                        std::chrono::milliseconds timeout) {
    auto profile = TRY(load_profile(file));
    if (!url.empty()) profile.url = url;
    auto identity = TRY(load_identity(profile.certificate, profile.key));
    if (const auto until = identity.certificate().not_after_ms(); until - now_ms() < kSoonMs)
        warn(fmt::format("{} {} on {}: renew it with `tally identity renew`", profile.certificate.string(),
                         until <= now_ms() ? "ended" : "ends", iso_time(until)));
    gateway::ClientOptions options;
    options.base_url = profile.url;
    options.roots_pem = TRY(storage::read_file(profile.authorities));
    options.roots_name = profile.authorities.string();
    options.identity = {TRY(storage::read_file(profile.certificate)), TRY(read_key_file(profile.key))};
    options.timeout = timeout;
    auto client = TRY(gateway::HttpClient::create(std::move(options)));
    return MemberClient(std::move(profile), std::move(identity), std::move(client));
}

Result<json::value> MemberClient::get(std::string_view path) { return json_of(TRY(client_.get(path))); }

Result<Bytes> MemberClient::get_bytes(std::string_view path) {
    const auto response = TRY(client_.get(path));
    if (response.status >= 400) return std::unexpected(problem_of(response).error);
    return to_bytes(response.body);
}

Result<gateway::ClientResponse> MemberClient::publish(ByteView record) {
    return client_.post("/v1/records", record, "application/cose");
}

Result<json::value> MemberClient::post(std::string_view path, ByteView body, std::string_view content_type) {
    return json_of(TRY(client_.post(path, body, content_type)));
}

Result<json::value> MemberClient::query(std::string_view contract, std::string_view function,
                                        const json::object& arguments) {
    const auto body = chaincode::json_text(arguments);
    return post(fmt::format("/v1/contracts/{}/{}", contract, function), as_bytes(body), "application/json");
}

const std::string& MemberClient::organization() const { return identity_.certificate().subject().organization; }

Result<json::value> MemberClient::run(std::string_view contract, std::string_view function, std::string arguments,
                                      std::vector<ByteView> attachments) {
    constexpr unsigned kAttempts = 5;  // when another party does the same at the same time
    auto outcome = TRY(transact(contract, function, std::move(arguments), std::move(attachments), true, kAttempts));
    return std::move(outcome.at("result"));
}

Result<Bytes> MemberClient::raw_transaction(const std::string& id) {
    return get_bytes("/v1/transactions/" + gateway::percent_encode(id) + "/raw");
}

Result<Bytes> MemberClient::receipt(std::string_view id) {
    return get_bytes("/v1/transactions/" + gateway::percent_encode(id) + "/receipt");
}

Result<MemberClient::AttestedAnswer> MemberClient::ask_attested(std::string_view contract, std::string_view function,
                                                                const json::object& arguments) {
    auto question = chaincode::sign_proposal(identity_.key, identity_.chain,
                                             {profile_.channel,
                                              std::string(contract),
                                              std::string(function),
                                              chaincode::json_text(arguments),
                                              {},
                                              {},
                                              now_ms()});
    const auto response = TRY(client_.post("/v1/queries?attest=true", question, "application/cose"));
    if (response.status >= 400) return std::unexpected(problem_of(response).error);
    return AttestedAnswer{std::move(question), to_bytes(response.body)};
}

Result<json::value> MemberClient::transact(std::string_view contract, std::string_view function, std::string arguments,
                                           std::vector<ByteView> attachments, bool wait, unsigned attempts) {
    for (;;) {
        chaincode::Proposal proposal{
            profile_.channel, std::string(contract), std::string(function), arguments, attachments, {}, now_ms()};
        const auto bytes = chaincode::sign_proposal(identity_.key, identity_.chain, std::move(proposal));
        const auto response =
            TRY(client_.post(wait ? "/v1/transactions" : "/v1/transactions?wait=accepted", bytes, "application/cose"));
        if (--attempts == 0 || !is_conflict(response)) return json_of(response);
    }
}

}  // namespace tally::node::cli
