"""Secrets in clear text, anywhere in a file: in texts, in comments, under keys of one's own.

What the language has a key for is refused there. Everywhere else nobody can know, so that it is a
warning: a word that announces a secret with something behind it, or a token of a known form.
"""

import re
from typing import Final

from chatops.errors import Place
from chatops.secrets import REFERENCE, Secret
from chatops.spec.files import Findings

__all__ = ["RULE", "remark_secrets"]

RULE: Final = "clear-secret"

_WORDS: Final = (
    r"pass(?:word|wort|wd|phrase)|pwd|kennwort|adgangskode|l[oö]senord|wachtwoord|contraseña"
    r"|(?:client[_ -]?)?secret|token|(?:api|access|secret|private)[_ -]?key"
)
_AFTER: Final = re.compile(
    rf"(?<![\w.])(?:\w+[_-])?(?P<word>{_WORDS})[\"']?(?P<sign>\s*[:=]|\s+is)\s*[\"']?(?P<value>[^\s\"',;}}\])]+)",
    re.IGNORECASE,
)
_KEY: Final = re.compile(r"\s*(?:- )?[\"']?[\w-]+$")
_KNOWN: Final = (
    ("an access key of AWS", re.compile(r"\b(AKIA|ASIA)[A-Z0-9]{16}\b")),
    ("a token of Slack", re.compile(r"\bxox[abeprs]-[A-Za-z0-9-]{10,}")),
    ("a token of GitHub", re.compile(r"\b(gh[opsru]_[A-Za-z0-9]{30,}|github_pat_\w{30,})")),
    ("a token of GitLab", re.compile(r"\bglpat-[A-Za-z0-9_-]{16,}")),
    ("a signed token", re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+")),
    ("a private key", re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")),
    ("a password in an address", re.compile(r"\b[a-z][a-z0-9+]*://[^\s/:@]+:[^\s/@]+@")),
)
# What stands there and is none: a place holder, a block, an address, a word.
_NONE: Final = re.compile(
    r"[<{\[$*•…(|>&#]|https?://|(x+|none|null|true|false|yes|no|required|optional|forever)$",
    re.IGNORECASE,
)
_HINT: Final = (
    "keep it with `chatops secret set NAME`, write vault:NAME where it is needed, and change it: "
    "git does not forget"
)


def remark_secrets(text: str, file: str, findings: Findings) -> None:
    """Warn of each line that seems to give a secret away. Its value is never shown from now on."""
    for number, line in enumerate(text.split("\n"), 1):
        found = _giveaway(line)
        if found is not None:
            what, at, value = found
            Secret(value)
            findings.warning(
                RULE,
                Place(file, number, at + 1),
                "",
                f"this looks like {what} in clear text",
                _HINT,
            )


def _giveaway(line: str) -> tuple[str, int, str] | None:
    """What a line gives away, in which column, and the thing itself."""
    for what, form in _KNOWN:
        found = form.search(line)
        if found is not None:
            return what, found.start(), found[0]
    for found in _AFTER.finditer(line):
        value = found["value"]
        if REFERENCE.fullmatch(value) or _NONE.match(value) or len(value) < 4:
            continue
        is_key = found["sign"].strip() == ":" and _KEY.match(line[: found.end("word")])
        odd = re.search(r"[^A-Za-zÀ-ÿ.!?-]", value) is not None and len(value) >= 6
        if is_key or odd:
            word = found["word"].lower()
            article = "an" if word.startswith("a") else "a"
            return f"{article} {word}", found.start("value"), value
    return None
