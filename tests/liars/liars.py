#!/usr/bin/env python3
"""liars.py list | liars.py NAME SOURCE_FOLDER OUTPUT_FOLDER: programs that lie, made from the product's sources.

Each lie is one piece of text of a source and what replaces it. The text must be there exactly once; else the build
fails, and the lie wants to be told anew. The product itself contains none of this.
"""

import pathlib
import sys

# The ledger's log of what is valid, and so every checkpoint, is another one.
ANOTHER_LOG = ("storage/rocks/ledger.cpp",
               "frontier.append(leaf.hash(), [&]",
               "frontier.append(crypto::sha256(as_bytes(\"something else\")), [&]")

PROGRAMS = {
    # Has what it is asked to endorse ordered at once, without endorsements, so that the true transaction comes second.
    "thief": [("node/channel_node.cpp",
               "#include \"node/threads/stopwatch.h\"\n",
               "#include \"node/threads/stopwatch.h\"\n#include \"storage/model/archive.h\"\n"),
              ("node/channel_node.cpp",
               "                return endorsing->endorser->endorse(proposal, now_ms());\n",
               "                const auto bytes = crypto::encode_sign1(proposal.cose.protected_bytes, proposal.cose.unprotected,\n"
               "                                                        &proposal.cose.payload, proposal.cose.signature);\n"
               "                (void)ordering->submit(storage::encode(\n"
               "                    storage::Transaction{storage::Transaction::Kind::contract, bytes, {}, {}}));\n"
               "                std::this_thread::sleep_for(std::chrono::milliseconds(300));\n"
               "                return endorsing->endorser->endorse(proposal, now_ms());\n")],
    # Has what its clients propose ordered without asking anybody to endorse it, as version 2 of the contract would be.
    "planter": [("node/endorsing/submitter.cpp",
                 "    auto [transaction, result] = TRY(endorse_at_one_height(proposal, bytes));\n",
                 "    storage::Simulation claimed;\n"
                 "    claimed.transaction_id = proposal.id;\n"
                 "    claimed.contract = proposal.proposal.contract;\n"
                 "    claimed.version = 2;\n"
                 "    claimed.function = proposal.proposal.function;\n"
                 "    claimed.result = \"null\";\n"
                 "    std::pair<storage::Transaction, std::string> made;\n"
                 "    auto& [transaction, result] = made;\n"
                 "    result = claimed.result;\n"
                 "    transaction.simulation = storage::encode(claimed);\n")],
    # Endorses something else than its contracts say: with others of its kind, enough for the policy. Its committer is honest.
    "forger": [("node/endorsing/endorser.cpp",
                "    Endorsed out{storage::encode(simulation), {}, {}};\n"
                "    out.digest = crypto::sha256(out.simulation);\n"
                "    remembered_.add(caller.organization, membership->config_hash(), out.simulation);\n",
                "    auto lie = simulation;\n"
                "    for (auto& write : lie.read_write_set.writes) write.value = to_bytes(\"{\\\"invented\\\":1}\");\n"
                "    Endorsed out{storage::encode(lie), {}, {}};\n"
                "    out.digest = crypto::sha256(out.simulation);\n")],
    # Answers queries with other figures and units than the records have.
    "embellisher": [("chaincode/contracts/data/figures.cpp",
                     "{field.name, field.unit, ",
                     "{field.name, \"kW\", "),
                    ("chaincode/contracts/data/gaps.cpp",
                     "    if (page.more) out.next_sequence = next;\n",
                     "    out.missing_sequences.clear();\n    if (page.more) out.next_sequence = next;\n"),
                    ("chaincode/records/decimal.cpp",
                     "std::string decimal_text(WideInteger value, std::int64_t scale) {\n",
                     "std::string decimal_text(WideInteger value, std::int64_t scale) {\n    value *= 100;\n")],
    # Accepts transactions of its clients and forgets them.
    "swallower": [("node/ordering/ordering.cpp",
                   "        TRY(here->submit(Bytes(transaction), std::move(shares)));\n        return options_.self;\n",
                   "        return options_.self;\n")],
    # Goes astray and does not know: its checkpoints are its own.
    "astray": [ANOTHER_LOG],
    # Knows, and goes on: endorses what its contracts did not say, signs another history, and votes twice.
    "liar": [
        ANOTHER_LOG,
        ("node/committing/checkpoint_exchange.cpp", "    ways_.minority(own, theirs);\n", ""),
        ("node/endorsing/endorser.cpp",
         "    Endorsed out{storage::encode(simulation), {}, {}};\n",
         "    auto lie = simulation;\n    lie.result = \"\\\"nothing of the kind\\\"\";\n"
         "    Endorsed out{storage::encode(lie), {}, {}};\n"),
        ("node/ordering/orderer_actions.cpp",
         "    options_.network->send(members, message);\n",
         "    options_.network->send(members, message);\n"
         "    const auto* votes = std::get_if<consensus::VoteMessage>(&message);\n"
         "    if (votes == nullptr) return;\n"
         "    auto others = *votes;\n"
         "    for (auto& vote : others.votes) {\n"
         "        if (vote.kind == consensus::VoteKind::nullify) continue;\n"
         "        vote.id = crypto::sha256(as_bytes(\"another block\"));\n"
         "        vote.signature = identity_.key.sign(consensus::vote_statement(\n"
         "            chain_.block_header(0)->header.channel, vote.kind, vote.epoch, vote.view, vote.id));\n"
         "    }\n"
         "    options_.network->send(members, others);\n"),
    ],
}


def main():
    if sys.argv[1:] == ["list"]:
        for name, lies in PROGRAMS.items():
            print(f"{name}|{','.join(dict.fromkeys(file for file, _, _ in lies))}")
        return 0
    name, sources, output = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
    made = {}
    for file, text, becomes in PROGRAMS[name]:
        source = made.get(file) or (sources / file).read_text(encoding="utf-8")
        if source.count(text) != 1:
            sys.exit(f"liars.py: the text of a lie of {name} is {source.count(text)} times in {file}")
        made[file] = source.replace(text, becomes)
    output.mkdir(parents=True, exist_ok=True)
    for file, source in made.items():
        (output / file.replace("/", "_")).write_text(source, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
