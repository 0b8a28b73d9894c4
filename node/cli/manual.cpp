// tally manual: man pages, made from the same declarations as --help.

#include <set>

#include "node/cli/command.h"
#include "storage/files.h"

namespace tally::node::cli {
namespace {

constexpr auto kAll = [](const CLI::App*) { return true; };

// For text of roff (man 7 groff): no character of it begins a request or an escape.
std::string roff(std::string_view text) {
    std::string out;
    bool line_begins = true;
    for (const char c : text) {
        if (line_begins && (c == '.' || c == '\'')) out += "\\&";
        line_begins = c == '\n';
        switch (c) {
            case '\\': out += "\\e"; break;
            case '-': out += "\\-"; break;
            default: out += c;
        }
    }
    return out;
}

std::vector<const CLI::App*> subcommands(const CLI::App& command) {
    const auto all = command.get_subcommands(kAll);
    return {all.begin(), all.end()};
}

std::string head_of(const CLI::Option& option) {
    std::string out;
    for (const auto& name : option.get_snames()) out += fmt::format("{}-{}", out.empty() ? "" : ", ", name);
    for (const auto& name : option.get_lnames()) out += fmt::format("{}--{}", out.empty() ? "" : ", ", name);
    if (out.empty()) out = option.get_name(true);
    if (option.get_items_expected_max() > 0 && !option.get_lnames().empty())
        out += " " + (option.get_type_name().empty() ? std::string("VALUE") : option.get_type_name());
    return out;
}

std::string about(const CLI::Option& option) {
    auto out = option.get_description();
    if (!option.get_default_str().empty()) out += fmt::format(" [{}]", option.get_default_str());
    if (option.get_required()) out += " (required)";
    return out.empty() ? "-" : out;
}

// What the command takes, in a line: positional arguments by their names.
std::string usage_of(const CLI::App& command, const std::string& path) {
    auto out = path;
    bool has_options = false;
    for (const auto* option : command.get_options()) {
        if (!option->get_positional()) {
            has_options = true;
            continue;
        }
        const auto name = option->get_name(true);
        const auto* more = option->get_items_expected_max() > 1 ? " ..." : "";
        out += option->get_required() ? fmt::format(" {}{}", name, more) : fmt::format(" [{}{}]", name, more);
    }
    if (!subcommands(command).empty()) out += " COMMAND";
    return has_options ? out + " [OPTIONS]" : out;
}

void options_of(const CLI::App& command, std::string& out) {
    for (const auto* option : command.get_options()) {
        if (option->get_lnames() == std::vector<std::string>{"help"}) continue;
        out += fmt::format(".TP\n.B {}\n{}\n", roff(head_of(*option)), roff(about(*option)));
    }
}

void commands_of(const CLI::App& command, const std::string& path, std::string& out) {
    for (const auto* sub : subcommands(command)) {
        const auto name = path + " " + sub->get_name();
        out += fmt::format(".SS {}\n{}\n", roff(usage_of(*sub, name)), roff(sub->get_description()));
        options_of(*sub, out);
        commands_of(*sub, name, out);
    }
}

std::string heading(const std::string& page, std::string_view summary) {
    std::string title = page;
    for (auto& c : title) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return fmt::format(".TH {} 1 \"\" Tally \"Tally\"\n.SH NAME\n{} \\- {}\n", roff(title), roff(page), roff(summary));
}

std::string page_of(const CLI::App& command) {
    const auto name = "tally " + command.get_name();
    auto out = heading("tally-" + command.get_name(), command.get_description());
    out += fmt::format(".SH SYNOPSIS\n.B {}\n", roff(usage_of(command, name)));
    std::string options, commands;
    options_of(command, options);
    commands_of(command, name, commands);
    if (!options.empty()) out += ".SH OPTIONS\n" + options;
    if (!commands.empty()) out += ".SH COMMANDS\n" + commands;
    return out + ".SH SEE ALSO\n.BR tally (1)\n";
}

std::string first_page(const CLI::App& root) {
    auto out = heading("tally", "the permissioned ledger for metered devices");
    out +=
        ".SH SYNOPSIS\n.B tally COMMAND [OPTIONS]\n.SH DESCRIPTION\n.nf\n" + roff(root.get_description()) + "\n.fi\n";
    out += ".SH OPTIONS\n";
    options_of(root, out);
    out += ".SH COMMANDS\n";
    for (const auto* sub : subcommands(root))
        out += fmt::format(".TP\n.BR tally\\-{} (1)\n{}\n", roff(sub->get_name()), roff(sub->get_description()));
    return out + ".SH EXIT STATUS\n" + roff(root.get_footer()) + "\n";
}

}  // namespace

void add_manual(CLI::App& app, Choice& choice) {
    struct Options {
        std::filesystem::path folder;
        const CLI::App* root = nullptr;
    };
    auto* command = app.add_subcommand("manual", "Write the man pages of all commands into a folder");
    auto options = std::make_shared<Options>();
    options->root = &app;
    command->add_option("--out", options->folder, "The folder, which is made if it is not there")->required();
    on_chosen(*command, choice, options, [](const Options& in) -> Status {
        TRY(storage::make_directory(in.folder));
        TRY(storage::write_file(in.folder / "tally.1", as_bytes(first_page(*in.root))));
        std::size_t pages = 1;
        for (const auto* sub : subcommands(*in.root)) {
            const auto file = in.folder / fmt::format("tally-{}.1", sub->get_name());
            TRY(storage::write_file(file, as_bytes(page_of(*sub))));
            ++pages;
        }
        say_done(fmt::format("{} man pages in {}; read one with: man {}", pages, in.folder.string(),
                             (in.folder / "tally.1").string()));
        return {};
    });
}

}  // namespace tally::node::cli
