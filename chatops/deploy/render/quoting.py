"""Text as a value in each format that we write, so that it stays one: a function per format.

A value that a format cannot hold is refused with UnquotableError, never bent. What products paste
into files of their own without quoting (`pasted`) is held to letters that mean nothing anywhere.
"""

import json
import re
from typing import Final

__all__ = ["UnquotableError", "bare", "compose", "dotenv", "js", "pasted", "yaml"]

_NAMED: Final = {"\n": "\\n", "\t": "\\t", "\r": "\\r", '"': '\\"', "\\": "\\\\"}
_PASTED: Final = re.compile(r"[A-Za-z0-9 ._:/@%+*=,~?&-]*")
_BARE: Final = re.compile(r"[A-Za-z0-9._:/@%+=,~\[\]-]+")
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class UnquotableError(ValueError):
    """A value that a format cannot hold. Its text names the format, never the value."""


def yaml(text: str) -> str:
    """A YAML scalar in double quotes (YAML 1.2 §5.7), printable ASCII and letters as they are."""
    return '"' + "".join(_NAMED.get(c) or (c if c.isprintable() else _code(c)) for c in text) + '"'


def compose(text: str) -> str:
    """A value in a compose file: YAML in which a `$` is not the start of a variable."""
    return yaml(text.replace("$", "$$"))


def js(value: object) -> str:
    """JSON, also as a literal in JavaScript: no line separator of Unicode, no end of a script."""
    return json.dumps(value, ensure_ascii=True, sort_keys=True).replace("</", "<\\/")


def dotenv(name: str, text: str) -> str:
    """A line of a compose `env_file`, with its line break.

    Between single quotes all is literal; what holds a single quote, a backslash or a line break
    stands between double quotes, escaped (compose-go's dotenv/parser.go).
    """
    if not _NAME.fullmatch(name):
        raise UnquotableError("not a name of an environment variable")
    if "\0" in text or "\r" in text:
        raise UnquotableError("an environment file cannot hold this character")
    if not set(text) & set("'\\\n"):
        return f"{name}='{text}'\n"
    for char, code in (("\\", "\\\\"), ('"', '\\"'), ("$", "\\$"), ("\n", "\\n")):
        text = text.replace(char, code)
    return f'{name}="{text}"\n'


def pasted(text: str) -> str:
    """A value that a program pastes between double quotes of Lua, HOCON, nginx or JavaScript.

    Jitsi's images do so with every variable (docker-jitsi-meet, `tpl`): only letters that mean
    nothing in any of them, and no space after a comma, which would become part of a list's item.
    """
    if not _PASTED.fullmatch(text) or ", " in text or text != text.strip():
        raise UnquotableError("Jitsi's images cannot take this character")
    return text


def bare(text: str) -> str:
    """A word that needs no quotes in a Caddyfile, an nftables file, a unit, coturn or shell."""
    if not _BARE.fullmatch(text):
        raise UnquotableError("this character cannot stand in an unquoted word")
    return text


def _code(char: str) -> str:
    number = ord(char)
    if 0xD800 <= number < 0xE000:
        raise UnquotableError("half a character cannot be written")
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
