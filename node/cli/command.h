#pragma once
// A subcommand: it adds its options to the parser, and `run` does the work once the command line is understood.

#include <CLI/CLI.hpp>
#include <memory>

#include "crypto/key.h"
#include "node/cli/commands.h"

namespace tally::node::cli {

// Makes `options` live as long as the parser, and `run(options)` the choice when `command` is named.
template <class Options, class Run>
void on_chosen(CLI::App& command, Choice& choice, std::shared_ptr<Options> options, Run run) {
    command.callback([&choice, options, run] {
        choice.run = [options, run]() -> Result<Exit> {
            TRY(run(*options));
            return Exit::ok;
        };
    });
}

// --algorithm and its like: p256 or ed25519.
void add_algorithm_option(CLI::App& command, const char* name, crypto::Algorithm& algorithm, const char* what);

}  // namespace tally::node::cli
