// tally agreement credential: a bearer token with which a program reads one agreement.

#include "chaincode/calendar.h"
#include "crypto/clocks.h"
#include "gateway/http/target.h"
#include "gateway/rest/token.h"
#include "node/channel/ledger_json.h"
#include "node/cli/command.h"
#include "node/cli/member_client.h"
#include "storage/files.h"

namespace tally::node::cli {
namespace {

struct CredentialOptions {
    std::filesystem::path profile;
    std::string id;
    int days = 30;
    std::filesystem::path out;
};

Status make_credential(const CredentialOptions& in) {
    auto member = TRY(MemberClient::open(in.profile));
    // Whether the member may read it: a credential of nothing would be found out too late.
    const auto place = "/v1/agreements/" + gateway::percent_encode(in.id);
    TRY(member.get(place));
    const auto now = now_ms();
    const auto lifetime_s = in.days * chaincode::kDay_s;
    const auto& identity = member.identity();
    const auto token =
        gateway::make_read_token(identity.key, identity.chain, member.profile().channel, now, lifetime_s, in.id);
    const auto until = iso_time(now + lifetime_s * 1000);
    if (!in.out.empty()) TRY(storage::write_file(in.out, as_bytes(token + "\n"), 0600));
    if (style().json) {
        boost::json::object out{{"agreement", in.id}, {"url", member.profile().url + place}, {"until", until}};
        if (in.out.empty())
            out.emplace("token", token);
        else
            out.emplace("file", in.out.string());
        print_json(out);
        return {};
    }
    if (in.out.empty()) fmt::print("{}\n", token);
    say(
        fmt::format("Until {} a program reads the agreement {} with it, as this member, and changes nothing:\n"
                    "  curl --cacert {} --header \"Authorization: Bearer TOKEN\" {}{}/invoices\n"
                    "Keep it secret. Revoking the member's certificate ends it before.",
                    until, in.id, member.profile().authorities.string(), member.profile().url, place));
    return {};
}

}  // namespace

void add_agreement_credential(CLI::App& agreement, Choice& choice) {
    auto* command = agreement.add_subcommand(
        "credential", "Issue a token with which a program of your organization reads this agreement alone");
    auto options = std::make_shared<CredentialOptions>();
    add_profile_option(*command, options->profile);
    command->add_option("ID", options->id, "Of the agreement")->required();
    command->add_option("--days", options->days, "Days until it expires")
        ->check(CLI::Range(1, int{gateway::kMaxAgreementTokenLifetimeS / chaincode::kDay_s}))
        ->capture_default_str();
    command->add_option("--out", options->out, "The file that gets the token (default: it is printed)");
    on_chosen(*command, choice, options, make_credential);
}

}  // namespace tally::node::cli
