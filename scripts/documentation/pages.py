"""Writes the pages of the site that follow from the program: commands.md, codes.md and the decisions' list; and turns
links that lead out of docs/ into plain text, as the site stands alone."""

import json
import pathlib
import re
import subprocess
import sys

LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s]+)\)")


def run(tally, *arguments):
    return subprocess.run([tally, *arguments], check=True, capture_output=True, text=True).stdout


def commands(tally, path=()):
    """Each command with its help, depth first. `call` has the functions of the contracts below it, which have a page."""
    text = run(tally, *path, "--help")
    yield path, text
    listed = text.split("\nSubcommands:\n")
    if len(listed) == 2 and path != ("call",):
        for name in re.findall(r"^  (\S+)", listed[1], re.MULTILINE):
            yield from commands(tally, (*path, name))


def commands_page(tally):
    parts = ["# Commands\n", "What `--help` says of each. Every command takes `--json`, `--quiet` and `--no-color`.\n"]
    for path, text in commands(tally):
        if path:
            parts.append(f"{'#' * min(len(path) + 1, 4)} tally {' '.join(path)}\n")
        parts.append("```text\n" + text.strip() + "\n```\n")
    return "\n".join(parts)


def codes_page(tally):
    parts = ["# Codes of errors and verdicts\n", "What `tally explain CODE` says.\n"]
    for each in json.loads(run(tally, "--json", "explain")):
        parts.append(f"## {each['code']}\n\n{each['meaning']}\n\n{each['advice']}\n")
    return "\n".join(parts)


def stand_alone(page, root):
    def link(found):
        picture, text, target = found.groups()
        file = target.split("#")[0]
        if re.match(r"[a-z]+:", target) or not file or (page.parent / file).is_file():
            return found.group(0)
        return text if not picture else ""

    page.write_text(LINK.sub(link, page.read_text()))


def main():
    tally, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    (folder / "commands.md").write_text(commands_page(tally))
    (folder / "codes.md").write_text(codes_page(tally))
    for page in folder.rglob("*.md"):
        stand_alone(page, folder)


if __name__ == "__main__":
    main()
