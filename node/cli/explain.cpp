// tally explain: what a code means, and what to do.

#include "node/cli/explain.h"

#include <algorithm>
#include <cctype>

#include "node/channel/known.h"
#include "node/cli/command.h"

namespace tally::node::cli {
namespace {

constexpr Explanation kExplanations[] = {
    // Of a transaction in a block (storage/model/validation_code.h).
    {"VALID", "The transaction is in force: what it writes is in the state.", "Nothing is to be done."},
    {"BAD_PAYLOAD", "The bytes in the block are no transaction, or one beyond its bounds.",
     "The program that sent it is faulty. Build transactions with the gateway or a client of this release."},
    {"BAD_CREATOR_SIGNATURE", "The proposal's signature is false, or its signer's certificate does not count.",
     "Check the member's certificate (tally identity show) and sign again."},
    {"INVALID_ENDORSER_TRANSACTION", "An endorsement is malformed, or signed by who may not endorse.",
     "See in the channel's configuration which nodes endorse; send the proposal to a gateway again."},
    {"BAD_PROPOSAL_TXID", "The transaction's id is not the hash of its proposal.",
     "The program that sent it is faulty. The ledger needs no repair."},
    {"DUPLICATE_TXID", "The same proposal is in force already.",
     "Look at the first one (tally transaction status ID). A new effect needs a new proposal."},
    {"ENDORSEMENT_POLICY_FAILURE", "Fewer organizations have endorsed it than the contract's policy asks for.",
     "See which endorsers could not be reached (tally node status) and send the proposal again."},
    {"MVCC_READ_CONFLICT", "A document that the transaction had read has changed before it was ordered.",
     "Send it again. The gateway does so by itself a few times."},
    {"PHANTOM_READ_CONFLICT", "A range that the transaction had read has gained or lost a document.",
     "Send it again. The gateway does so by itself a few times."},
    {"UNKNOWN_TX_TYPE", "The transaction is of a kind that this channel does not have.",
     "The program that sent it is faulty, or of another release."},
    {"TARGET_CHAIN_NOT_FOUND", "The transaction is for another channel.", "Send it to a node of that channel."},
    {"INVALID_CONFIG_TRANSACTION", "The change of the configuration does not hold: approvals, or the change itself.",
     "Compare with tally config list and tally config show; propose it again."},
    {"ILLEGAL_WRITESET", "It writes what its contract may not write.",
     "The endorsers run another contract than the channel names; compare their versions (tally node status)."},
    {"INVALID_CHAINCODE", "The channel's configuration does not name this contract or function.",
     "See tally config show for the contracts in force."},
    {"EXPIRED_CHAINCODE", "It was endorsed with a contract version that is not in force any more.",
     "Send the proposal again; it is endorsed with the version in force."},
    {"SIMULATION_MISMATCH", "The contract gives another result than the endorsers have signed.",
     "At least one endorser is faulty or lies. Send it again, and look for organizations that endorsed it."},
    {"INCREMENT_OUT_OF_BOUNDS", "A running total would leave the range of 64-bit integers.",
     "Look for the record with an impossible quantity."},
    {"PROPOSAL_EXPIRED", "The proposal was older, or newer, than the channel allows when its block was made.",
     "Check the clock of whoever signed it, and sign a new proposal."},
    // Errors: the request.
    {"malformed", "The bytes or the text cannot be read as what they should be.",
     "The message names the place. Correct the input; sending it again does not help."},
    {"invalid_argument", "An argument has a value that is not allowed.", "The message names it and what is allowed."},
    {"too_large", "The input is larger than the limit that the message names.", "Split it."},
    {"unsupported", "This program does not do that.", "The message says what it does instead."},
    {"not_found", "There is no such thing here.", "Check its name and the channel."},
    {"not_kept", "It was here and has been pruned, or lies before the snapshot that this node began with.",
     "Ask a node that keeps it: one that prunes nothing (storage.keep_days) and did not begin with a snapshot."},
    {"already_exists", "There is one already, and nothing that exists is overwritten.",
     "Choose another name, or take the one that is there."},
    {"conflict", "It does not fit the state: something else has come first.", "Look at the state and decide anew."},
    {"unauthenticated", "Nobody was identified.", "Use a member's certificate or token: --profile, or TALLY_PROFILE."},
    {"permission_denied", "Who asks may not do that.", "The message names the role or the organization that may."},
    {"unknown_contract", "The channel has no such contract.", "See tally config show for its contracts."},
    {"unknown_function", "The contract has no such function.", "See the node's /v1/openapi.json for its functions."},
    {"wrong_channel", "The input is for another channel.", "Name the node, profile or file of that channel."},
    {"proposal_expired", "The proposal is older than the channel allows, or signed in the future.",
     "Check the clock, and sign anew."},
    {"proposal_replayed", "The same proposal was sent before.", "Ask for its outcome, or sign a new one."},
    // Keys, signatures, certificates.
    {"bad_key", "It is no key of an allowed kind.", "Keys are P-256 or Ed25519, in PEM; transport keys are Z85."},
    {"bad_signature", "The signature is not by the key that is named.",
     "Check that data and key belong together; the data may have been changed."},
    {"bad_proof", "The proof does not show what it should.", "Ask for it again, from another node if need be."},
    {"certificate_malformed", "The certificate is not of the profile that the channel takes.",
     "Issue it anew with tally identity."},
    {"certificate_untrusted",
     "Its issuer is no authority of the channel's configuration; for a node's TLS: none of the profile's "
     "authorities.pem.",
     "Use the authority of the right organization, or propose it (tally config propose). To reach the node of an "
     "organization that joined, add its root certificate to authorities.pem."},
    {"certificate_not_yet_valid", "It begins later.", "Check the clock, or wait."},
    {"certificate_expired", "It has ended.", "Renew it: tally identity renew."},
    {"certificate_revoked", "Its organization has revoked it.", "Issue another one."},
    {"certificate_wrong_purpose", "It is for something else, by its role or its extensions.",
     "The message names the purpose that is needed."},
    {"crl_expired", "The revocation list of its authority has ended, so nothing of that authority counts.",
     "Issue a new list (tally identity revoke) and propose it to the channel."},
    // The transaction, once ordered.
    {"endorsement_refused", "An endorser's contract refuses it.", "The message is the contract's own."},
    {"endorsements_differ", "Endorsers do not agree on the result.",
     "Send it again. When that repeats, compare the nodes' heights and versions (tally node status)."},
    {"transaction_invalid", "It was ordered, and is not valid.",
     "The message names the validation code: tally explain CODE."},
    // The node.
    {"busy", "A queue, or your share of it, is full.", "Try again in a moment, with fewer requests at once."},
    {"rate_limited", "You ask more often than the node allows.", "Try again after the seconds in Retry-After."},
    {"unavailable", "Nobody who is needed answers.", "Try again; tally node status shows who is there."},
    {"timeout", "It was not answered in time, and its outcome is not known.",
     "Ask for the transaction's outcome before you send another proposal."},
    {"disk_full", "The node's disk is full; it takes no new work.", "Make room. It goes on by itself."},
    {"io_error", "The operating system could not read or write.", "The message names file and reason."},
    {"corrupt", "Data on disk is not what was written.",
     "Keep a copy, then restore from a backup or join again from a snapshot."},
    {"locked", "Another process uses it.", "Stop that one first."},
    {"bad_configuration", "A configuration file says something that cannot be.", "The message names file and field."},
    {"needs_upgrade", "The channel's configuration names a version that this program does not know.",
     "Install the release that the message names; the node goes on where it stopped."},
    {"internal", "The program has met something that it did not expect.", "Please report it, with the log."},
};

struct ExplainOptions {
    std::string code;
};

bool same(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b,
                              [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

boost::json::object json_of(const Explanation& each) {
    return {{"code", each.code}, {"meaning", each.meaning}, {"advice", each.advice}};
}

Status explain(const ExplainOptions& options) {
    const auto known = explanations();
    if (options.code.empty()) {
        boost::json::array all;
        std::vector<std::vector<std::string>> rows;
        for (const auto& each : known) {
            all.push_back(json_of(each));
            rows.push_back({std::string(each.code), std::string(each.meaning)});
        }
        if (style().json)
            print_json(all);
        else
            print_table({"code", "meaning"}, rows);
        return {};
    }
    // Some names differ in their case alone; the exact one goes first.
    auto found = std::ranges::find(known, std::string_view(options.code), &Explanation::code);
    if (found == known.end())
        found = std::ranges::find_if(known, [&](const auto& each) { return same(each.code, options.code); });
    if (found == known.end())
        return fail(Code::not_found, "there is no code \"{}\"; `tally explain` lists them all", options.code);
    if (style().json)
        print_json(json_of(*found));
    else
        print_facts({{"code", std::string(found->code)},
                     {"meaning", std::string(found->meaning)},
                     {"advice", std::string(found->advice)}});
    return {};
}

}  // namespace

std::vector<Explanation> explanations() {
    std::vector<Explanation> all(std::begin(kExplanations), std::end(kExplanations));
    for (const auto& contract : documented_contracts().all()) {
        for (const auto& function : contract->functions()) {
            for (const auto& each : function.refusals) {
                if (std::ranges::find(all, each.name(), &Explanation::code) == all.end())
                    all.push_back({each.name(), each.meaning, each.advice});
            }
        }
    }
    return all;
}

void add_explain(CLI::App& app, Choice& choice) {
    auto* command = app.add_subcommand("explain", "What an error code or a validation code means, and what to do");
    auto options = std::make_shared<ExplainOptions>();
    command->add_option("code", options->code, "Like busy or MVCC_READ_CONFLICT (default: all)");
    on_chosen(*command, choice, options, explain);
}

}  // namespace tally::node::cli
