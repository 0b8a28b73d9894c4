#!/usr/bin/env python3
"""mutants.py list | mutants.py NAME CONSENSUS_FOLDER OUTPUT: the planted faults that the simulator must catch.

Each is one piece of text of a source of the consensus room and what replaces it. The text must be there exactly once;
else the build fails, and the mutant wants to be planted anew. `arguments` are those of the simulation.
"""

import pathlib
import sys

MUTANTS = {
    "no_persistence": {
        "file": "voting.cpp",
        "text": "    vote_ticket_ = append(RecordType::vote, storage::encode(vote));\n",
        "becomes": "",
        "arguments": "--nodes 4 --faults crash",
    },
    "delivers_before_its_vote_is_durable": {
        "file": "finality.cpp",
        "text": "        block.after = vote_ticket_;\n",
        "becomes": "",
        "arguments": "--nodes 4 --faults crash",
    },
    "believes_acknowledgements_of_an_earlier_life": {
        "file": "spread.cpp",
        "text": "lanes_.forget_acknowledgements(from);",
        "becomes": "{}",
        "arguments": "--nodes 3 --crash-model --faults crash",
    },
    "votes_without_certificates": {
        "file": "voting.cpp",
        "text": "    append(RecordType::certificate, storage::encode(certificate));\n    if (kind == VoteKind::nullify)",
        "becomes": "    if (kind == VoteKind::nullify)",
        "arguments": "--nodes 4 --faults crash",
    },
    "finalize_after_nullify": {
        "file": "voting.cpp",
        "text": "kind == VoteKind::notarize && !state.nullified && !state.finalized",
        "becomes": "kind == VoteKind::notarize && !state.finalized",
        "arguments": "--nodes 4 --faults network",
    },
    "notarize_twice": {
        "file": "proposing.cpp",
        "text": "    if (!state.candidate) {\n",
        "becomes": "    if (!state.candidate || state.candidate->header.hash() != id) {\n        state.notarized.reset();\n",
        "arguments": "--nodes 4 --faults byzantine",
    },
    "skipped_views_unchecked": {
        "file": "proposing.cpp",
        "text": "    if (!nullified_between(proposal.parent_view, header.view)) return Verdict::missing;\n",
        "becomes": "",
        "arguments": "--nodes 4 --faults byzantine",
    },
    "quorum_minus_one": {
        "file": "committee.cpp",
        "text": "(members + faulty) / 2 + 1",
        "becomes": "(members + faulty) / 2",
        "arguments": "--nodes 4 --faults byzantine",
    },
}


def main():
    if sys.argv[1:] == ["list"]:
        for name, mutant in MUTANTS.items():
            print(f"{name}|{mutant['file']}|{mutant['arguments']}")
        return 0
    name, folder, output = sys.argv[1:]
    mutant = MUTANTS[name]
    source = (pathlib.Path(folder) / mutant["file"]).read_text(encoding="utf-8")
    found = source.count(mutant["text"])
    if found != 1:
        print(f"mutant {name}: its text is {found} times in {mutant['file']}, where once is wanted", file=sys.stderr)
        return 1
    pathlib.Path(output).write_text(source.replace(mutant["text"], mutant["becomes"]), encoding="utf-8")
    return 0


sys.exit(main())
