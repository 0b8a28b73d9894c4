// tally completion: the shell's completion, made from the parser itself.

#include "node/cli/command.h"

namespace tally::node::cli {
namespace {

// One case per subcommand path: what can follow it.
void describe(const CLI::App& command, const std::string& path, std::string& out) {
    std::string words;
    for (const auto* sub : command.get_subcommands([](const CLI::App*) { return true; }))
        words += sub->get_name() + " ";
    for (const auto* option : command.get_options([](const CLI::Option*) { return true; })) {
        for (const auto& name : option->get_lnames()) words += "--" + name + " ";
    }
    out += fmt::format("    \"{}\") words=\"{}\" ;;\n", path, words);
    for (const auto* sub : command.get_subcommands([](const CLI::App*) { return true; })) {
        describe(*sub, path.empty() ? sub->get_name() : path + " " + sub->get_name(), out);
    }
}

constexpr const char* kScript =
    R"(# Completion of tally. bash: source <(tally completion bash)   zsh: source <(tally completion zsh)
_tally() {{
  local words="" path="" word
  for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
    case "$word" in -*) ;; *) path="${{path:+$path }}$word" ;; esac
  done
  while :; do
    case "$path" in
{}    esac
    [ -n "$words" ] || [ -z "$path" ] && break
    case "$path" in *" "*) path="${{path% *}}" ;; *) path="" ;; esac
  done
  COMPREPLY=($(compgen -W "$words" -- "${{COMP_WORDS[COMP_CWORD]}}") $(compgen -f -- "${{COMP_WORDS[COMP_CWORD]}}"))
}}
complete -o filenames -F _tally tally
)";

}  // namespace

void add_completion(CLI::App& app, Choice& choice) {
    struct Options {
        std::string shell;
        const CLI::App* root = nullptr;
    };
    auto* command = app.add_subcommand("completion", "Print the completion script of bash or zsh");
    auto options = std::make_shared<Options>();
    options->root = &app;
    command->add_option("shell", options->shell, "bash or zsh")->required()->check(CLI::IsMember({"bash", "zsh"}));
    on_chosen(*command, choice, options, [](const Options& in) -> Status {
        std::string cases;
        describe(*in.root, "", cases);
        if (in.shell == "zsh") fmt::print("autoload -U +X bashcompinit && bashcompinit\n");
        fmt::print(kScript, cases);
        return {};
    });
}

}  // namespace tally::node::cli
