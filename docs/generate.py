"""Writes docs/reference from the code itself, so that no page tells of what is not there."""

import argparse
import re
import sys
import typing
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import typer

from chatops import cli, errors
from chatops import support as support_table
from chatops.core.checks import RULES
from chatops.deploy.compatibility import CHATS, JITSI_OLDEST, LABELS, SYSTEMS
from chatops.deploy.images import packaged
from chatops.platforms.base import Can, Platform
from chatops.platforms.mattermost import PLATFORM as MATTERMOST
from chatops.platforms.mattermost.settings import SETTINGS
from chatops.platforms.rocketchat import PLATFORM as ROCKETCHAT
from chatops.platforms.rocketchat.settings import TABLE
from chatops.spec import models
from chatops.spec.language import About, every_key
from chatops.support import Column

ROOT = Path(__file__).resolve().parents[1]
HEAD = "<!-- Written by scripts/docs from the code: change that, not this. -->\n\n"


def code(value: object) -> str:
    """As code, whatever is in it."""
    text = str(value)
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def prose(text: str) -> str:
    """As it was written: nothing outside of code becomes a link or emphasis."""
    signs = {"*": "\\*", "<": "&lt;"}
    return re.sub(r"`[^`]*`|[*<]", lambda m: signs.get(m[0], m[0]), " ".join(text.split()))


def table(head: str, rows: Iterable[Iterable[str]]) -> str:
    """A table; `head` is its titles, parted by bars."""
    titles = [title.strip() for title in head.split("|")]
    lines = [titles, ["---"] * len(titles), *rows]
    return "".join("| " + " | ".join(c.replace("|", "\\|") for c in x) + " |\n" for x in lines)


# --- keys -----------------------------------------------------------------------------------


def blocks(path: str) -> Iterator[str]:
    """A section for each block, the outer ones first."""
    known = every_key()
    start = f"{path}." if path else ""
    direct = [k for n, k in known.items() if n.startswith(start) and "." not in n[len(start) :]]
    about = known[path.removesuffix("[]")].block if path else models.Spec
    yield f"## {code(path) if path else 'The file'}\n\n"
    yield f"{prose((about.__doc__ or '') if about else '')}\n\n"
    rows = ((code(k.path), k.takes, default_words(k), prose(k.what)) for k in direct)
    yield table("Key | Type | Default | What it is", rows) + "\n"
    for key in direct:
        if key.block is not None:
            yield from blocks(key.inside)


def default_words(key: About) -> str:
    """What holds when the key is left out."""
    return "required" if key.required else code(key.default) if key.default else "—"


def keys() -> Iterator[str]:
    """Every key of the company file."""
    yield "# Keys of the company file\n\nA `—` under Default means: left out, the key is not "
    yield "managed, and what the server has stays, unless its line says otherwise. `[]` is a "
    yield "list.\n\n"
    yield from blocks("")


# --- verbs ----------------------------------------------------------------------------------


def verb(command: typing.Any, name: str) -> Iterator[str]:
    """A section for a command, and one for each below it."""
    inner = getattr(command, "commands", {})
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    usage = " ".join([name, *(["VERB"] if inner else []), *(a.metavar for a in arguments)])
    paragraphs = [prose(p) for p in (command.help or "").split("\n\n")]
    yield f"## {code(name)}\n\n" + "\n\n".join([*paragraphs, code(usage)]) + "\n\n"
    rows = [row(p) for p in command.params if not getattr(p, "hidden", False)]
    if rows:
        yield table("Word | Default | What it does", rows) + "\n"
    for word, below in inner.items():
        yield from verb(below, f"{name} {word}")


def row(param: typing.Any) -> tuple[str, str, str]:
    """One option or argument."""
    flag = getattr(param, "is_flag", False)
    if param.param_type_name == "argument":
        words = code(param.metavar.strip("[]"))
    else:
        value = "" if flag else " " + (param.metavar or "N")
        words = ", ".join(map(code, [*param.opts[:-1], param.opts[-1] + value]))
    ranged = param if hasattr(param, "min") else getattr(param, "type", None)
    low, high = getattr(ranged, "min", None), getattr(ranged, "max", None)
    what = prose(param.help or "")
    if low is not None and not flag:
        what += f" From {low}{f' to {high}' if high is not None else ''}."
    if getattr(param, "multiple", False):
        what += " May be given several times."
    told = not flag and isinstance(param.default, str | int | Path)
    return words, code(param.default) if told else "—", what


def verbs() -> Iterator[str]:
    """Every verb and its options."""
    yield "# Verbs\n\nEach takes `-h` or `--help` as well.\n\n"
    yield from verb(typer.main.get_command(cli.app), "chatops")


# --- exit codes and rules -------------------------------------------------------------------


def exit_codes() -> Iterator[str]:
    """Every exit code, and the errors behind it: the tree at the top of errors.py."""
    found = re.findall(r"(\w+) +(\d+)  (.+)", errors.__doc__ or "")
    rows = sorted(((said, prose(when), code(name)) for name, said, when in found), key=by_code)
    yield "# Exit codes\n\n"
    yield table("Code | When | Error", [("0", "done, or nothing to do", "—"), *rows])


def by_code(row: tuple[str, ...]) -> int:
    """The order of exit codes."""
    return int(row[0])


def rules() -> Iterator[str]:
    """Every rule of the company file."""
    yield "# Rules of the company file\n\nWhat `chatops validate` looks for. Errors stop a "
    yield "command; warnings and notes do not.\n\n"
    rows = []
    for rule, demand in RULES.items():
        texts = [*(ROOT / "tests/errors").glob(f"{rule}.txt")]
        texts += sorted((ROOT / "tests/errors").glob(f"{rule}--*.txt"))
        first = texts[0].read_text(encoding="utf-8").splitlines()[0] if texts else ""
        said = re.fullmatch(r"\S+:\d+:\d+ +(\w+) +(.*)", first)
        example = (code(said[2]), said[1]) if said else ("—", "—")
        rows.append((code(rule), prose(demand), *example))
    yield table("Rule | What it demands | For example | As", rows)


# --- platforms ------------------------------------------------------------------------------

CAN = {
    Can.YES: "held, in the way the note says",
    Can.NO: "not held",
    Can.EMULATED: "held by other means",
    Can.LOOKUP: "must be there already; never made",
    Can.PAID: "not held by this edition; a paid one does",
}
SUPPORT_HEAD = "Feature | Can | Note | Source"
PRODUCTS: tuple[tuple[Platform, dict[str, tuple[str, ...]]], ...] = (
    (MATTERMOST, {n: e.keys for n, e in SETTINGS.items()}),
    (ROCKETCHAT, {n: e.ids for n, e in TABLE.items()}),
)


def usual_of(platform: Platform) -> Column:
    """The edition and version that are taken when none is said."""
    [column] = support_table.columns([platform], edition=platform.default_edition)
    return column


def cells(column: Column) -> dict[str, tuple[str, str, str]]:
    """All that is not plainly yes: the word, the note and where we know it from."""
    said = {name: (cell.can.value, cell) for name, cell in column.facts.support.items()}
    for row in support_table.rows([column]):
        if row.words:
            said[row.feature] = (row.words[0], row.cells[0])
    return {
        name: (word, prose(cell.note), prose(cell.source))
        for name, (word, cell) in said.items()
        if word != Can.YES.value or cell.note
    }


def support_rows(column: Column, than: Column | None = None) -> tuple[tuple[str, ...], ...]:
    """A row for each feature; with `than`, for each that differs from there."""
    mine, others = cells(column), cells(than) if than is not None else {}
    names = sorted(n for n in mine | others if mine.get(n) != others.get(n))
    return tuple((code(n), *mine.get(n, ("yes", "", ""))) for n in names)


def differing(
    pairs: Iterable[tuple[Column, Column]], named: Callable[[Column], str]
) -> Iterator[str]:
    """A section for each set of columns that differ alike from what they are compared with."""
    alike: dict[tuple[tuple[str, ...], ...], list[str]] = {}
    for column, than in pairs:
        alike.setdefault(support_rows(column, than), []).append(named(column))
    for rows, names in alike.items():
        if rows:
            yield f"\n### What differs with {', '.join(names)}\n\n"
            yield table(SUPPORT_HEAD, rows)


def support() -> Iterator[str]:
    """What each platform cannot hold, or holds differently."""
    yield "# What the platforms hold\n\nWhatever is not listed here is held as it is written. A "
    yield "feature is KIND.FIELD; `rename` is the key `renamed_from`, `setting` one of the "
    yield "[settings](settings.md), `onboarding` the key `sign_in.onboarding`. A source is a page "
    yield "of the vendor, or a file of its repository.\n\n"
    yield table("Word | Meaning", ((code(can), words) for can, words in CAN.items()))
    for platform, _ in PRODUCTS:
        usual = usual_of(platform)
        yield f"\n## {usual.facts.label}\n\n"
        yield f"When nothing else is said: `platform: {platform.name}`.\n\n"
        yield table(SUPPORT_HEAD, support_rows(usual))
        editions = support_table.columns([platform])
        yield from differing(
            ((column, usual) for column in editions), lambda c: code(f"edition: {c.edition}")
        )
        for version in platform.versions:
            older_or_newer = support_table.columns([platform], version=version)
            yield from differing(
                zip(older_or_newer, editions, strict=True), lambda c: f"{c.version} {c.edition}"
            )


def settings() -> Iterator[str]:
    """Which of a product's own settings each setting is."""
    yield "# Settings\n\nEach is a [key](keys.md) of the company file, but for those under "
    yield "`limits`: they follow from the number of people.\n"
    for platform, own in PRODUCTS:
        yield f"\n## {usual_of(platform).facts.label}\n\n"
        rows = ((code(name), ", ".join(map(code, theirs))) for name, theirs in own.items())
        yield table("Setting | The product's own", rows)


def compatibility() -> Iterator[str]:
    """What runs with what, and the images that come with chatops."""

    def dotted(version: tuple[int, ...]) -> str:
        return ".".join(map(str, version))

    yield "# What runs with what\n\n"
    yield "What does not fit together is refused before anything is touched.\n\n"
    rows = []
    for chat in CHATS.values():
        for rule in reversed(chat.databases):
            series = ", ".join(map(dotted, rule.series)) or f"{dotted(rule.oldest)} or newer"
            label = LABELS[chat.database]
            rows.append((f"{chat.label} {dotted(rule.since)}", f"{label} {series}", rule.source))
    yield table("Chat, from | Database | Source", rows)
    yield "\n## The oldest\n\n"
    oldest = [(c.label, dotted(c.oldest), c.why_oldest) for c in CHATS.values()]
    jitsi = "stable-" + "-".join(map(str, JITSI_OLDEST))
    oldest.append(("Jitsi", jitsi, "its containers had other ports and folders before"))
    yield table("Program | Oldest release | Why", oldest)
    yield "\n## Hosts\n\n"
    said = {True: "from its own packages", False: "from Docker's own repository"}
    yield table("System | Docker Compose v2", [(s.label, said[s.compose]) for s in SYSTEMS])
    yield "\n## Images\n\n"
    yield "What runs unless `chatops.lock` says otherwise; `chatops lock` adds the digests.\n\n"
    locked = packaged().images
    yield table(
        "Name | Image | Tag", [(n, code(i.image.repository), i.tag) for n, i in locked.items()]
    )


PAGES: dict[str, Callable[[], Iterator[str]]] = {
    "compatibility.md": compatibility,
    "keys.md": keys,
    "verbs.md": verbs,
    "exit-codes.md": exit_codes,
    "rules.md": rules,
    "support.md": support,
    "settings.md": settings,
}


def main() -> int:
    """Write the pages, or look whether they are fresh."""
    parser = argparse.ArgumentParser(prog="scripts/docs", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if stale")
    parser.add_argument("--into", type=Path, default=ROOT / "docs/reference", metavar="FOLDER")
    given = parser.parse_args()
    pages = {name: HEAD + "".join(made()).rstrip() + "\n" for name, made in PAGES.items()}
    if not given.check:
        given.into.mkdir(parents=True, exist_ok=True)
        for name, text in pages.items():
            (given.into / name).write_text(text, encoding="utf-8")
        return 0
    there = {path.name: path.read_text(encoding="utf-8") for path in given.into.glob("*.md")}
    stale = sorted(n for n in pages.keys() | there if pages.get(n) != there.get(n))
    for name in stale:
        print(f"stale: {given.into / name}", file=sys.stderr)
    if stale:
        print("run scripts/docs, and read what git diff shows", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
