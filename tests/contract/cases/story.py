"""What a case is, and the fragments of company files that many of them share."""

from dataclasses import dataclass

__all__ = [
    "ANN",
    "ARCHIVE",
    "BEN",
    "CAT",
    "CHANNELS",
    "EXACT",
    "LONG",
    "ODD",
    "PEOPLE",
    "QUIET",
    "TEAM",
    "Case",
    "Chapter",
    "person",
]


@dataclass(frozen=True)
class Chapter:
    """One company file, what must change, and what stays out of it."""

    text: str
    changes: bool | None = True
    """None: it only prepares, and what it finds may be so already."""
    only: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    """What the printed plan must say."""


@dataclass(frozen=True)
class Case:
    """A name, the kind it proves, what the platform must hold for it, and the chapters."""

    name: str
    kind: str
    chapters: tuple[Chapter, ...]
    requires: tuple[str, ...] = ()


def person(login: str, **more: str) -> str:
    """A line of the list of people."""
    fields = {"username": f"{login}-{{t}}", "name": f"Person {login}"}
    fields["email"] = f"{login}-{{t}}@contract.example"
    fields |= more
    return "  - {" + ", ".join(f"{k}: {v}" for k, v in fields.items()) + "}\n"


ANN, BEN, CAT = person("ann"), person("ben"), person("cat")
PEOPLE = "users:\n" + ANN + BEN + CAT
TEAM = "teams:\n  - name: team-{t}\n    visibility: invite\n"
CHANNELS = TEAM + "    channels:\n"
QUIET = "policy: {unsupported: note, unmanaged: ignore, max_removals: 50}\n"
EXACT = "policy: {unsupported: note, unmanaged: ignore, max_removals: 50, membership: exact}\n"
ARCHIVE = "policy: {unsupported: note, unmanaged: archive, max_removals: 50}\n"

LONG = "x" * 200
ODD = "it''s {{ 7 * 7 }} {% raw %} $(id) `id` ${HOME} <b> & \\ æøå 🚚"
