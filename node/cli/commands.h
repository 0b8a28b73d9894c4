#pragma once
// The subcommands, each of which adds itself to the parser. Headers include this one; command.h, which brings in all of
// CLI11, is for the sources that declare options.

#include <functional>
#include <span>
#include <string>

#include "node/cli/output.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace tally::node::cli {

// What was chosen on the command line; set by the callback of the subcommand that was named.
struct Choice {
    std::function<Result<Exit>()> run;
};

void add_network(CLI::App& app, Choice& choice);
void add_founding(CLI::App& network, Choice& choice);
void add_node(CLI::App& app, Choice& choice);
void add_cluster(CLI::App& app, Choice& choice);
void add_identity(CLI::App& app, Choice& choice);
void add_channel(CLI::App& app, Choice& choice);
void add_config(CLI::App& app, Choice& choice);
void add_device(CLI::App& app, Choice& choice);
void add_device_erase(CLI::App& device, Choice& choice);
void add_device_encryption(CLI::App& device, Choice& choice);
void add_device_commit(CLI::App& device, Choice& choice);
void add_reading_key(CLI::App& app, Choice& choice);
void add_collection(CLI::App& app, Choice& choice);
void add_transaction(CLI::App& app, Choice& choice);
void add_query(CLI::App& app, Choice& choice);
void add_call(CLI::App& app, Choice& choice);
void add_contract(CLI::App& app, Choice& choice);
void add_agreement(CLI::App& app, Choice& choice);
void add_agreement_credential(CLI::App& agreement, Choice& choice);
void add_invoice(CLI::App& app, Choice& choice);
void add_sealed_invoices(CLI::App& invoice, Choice& choice);
void add_agreement_audit(CLI::App& agreement, Choice& choice);
void add_payment(CLI::App& app, Choice& choice);
void add_audit(CLI::App& app, Choice& choice);
void add_export(CLI::App& app, Choice& choice);
void add_mirror(CLI::App& app, Choice& choice);
void add_block(CLI::App& app, Choice& choice);
void add_receipt(CLI::App& app, Choice& choice);
void add_verify(CLI::App& app, Choice& choice);
void add_ledger(CLI::App& app, Choice& choice);
void add_snapshot(CLI::App& app, Choice& choice);
void add_backup(CLI::App& app, Choice& choice);
void add_doctor(CLI::App& app, Choice& choice);
void add_explain(CLI::App& app, Choice& choice);
void add_completion(CLI::App& app, Choice& choice);
void add_plan(CLI::App& app, Choice& choice);
void add_manual(CLI::App& app, Choice& choice);

// A subcommand of another room (bench/cluster) adds itself after the node's own.
using AddCommand = void (*)(CLI::App&, Choice&);
// The whole program: parses, runs, prints errors, gives the exit code.
[[nodiscard]] int run(int argc, char** argv, std::span<const AddCommand> more);

}  // namespace tally::node::cli
