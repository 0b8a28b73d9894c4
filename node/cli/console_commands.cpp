// tally console open

#include "node/cli/console_commands.h"

#include "crypto/clocks.h"
#include "gateway/rest/token.h"
#include "node/channel/ledger_json.h"
#include "node/cli/command.h"
#include "node/cli/member_client.h"

namespace tally::node::cli {
namespace {

struct OpenOptions {
    std::filesystem::path profile;
    int hours = 8;
};

// The token stands after the #: browsers do not send that part to any server.
Status open_console(const OpenOptions& options) {
    const auto profile = TRY(load_profile(options.profile));
    const auto identity = TRY(load_identity(profile.certificate, profile.key));
    const auto now = tally::now_ms();
    const auto lifetime_s = std::int64_t{options.hours} * 3600;
    const auto token = gateway::make_read_token(identity.key, identity.chain, profile.channel, now, lifetime_s);
    const auto url = fmt::format("{}/console/#token={}", profile.url, token);
    const auto until = iso_time(now + lifetime_s * 1000);
    if (style().json) {
        print_json(boost::json::object{{"url", url}, {"until", until}});
        return {};
    }
    fmt::print("{}\n", url);
    say(
        fmt::format("Open this address in a browser. Until {} it reads what this member may read, and changes nothing: "
                    "keep it secret.\nThe browser must trust the certificates of {}.",
                    until, profile.authorities.string()));
    return {};
}

}  // namespace

void add_console(CLI::App& app, Choice& choice) {
    auto* console = app.add_subcommand("console", "The gateway's web pages");
    console->require_subcommand(1);
    auto options = std::make_shared<OpenOptions>();
    auto* open = console->add_subcommand("open", "Print an address that opens the console, for reading alone");
    add_profile_option(*open, options->profile);
    open->add_option("--hours", options->hours, "Hours until the address expires")
        ->check(CLI::Range(1, int{gateway::kMaxReadTokenLifetimeS / 3600}))
        ->capture_default_str();
    on_chosen(*open, choice, options, open_console);
}

}  // namespace tally::node::cli
