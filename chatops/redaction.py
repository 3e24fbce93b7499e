"""Secrets taken out of any text that leaves the process, also where a library encoded them."""

import base64
import hashlib
import html
import json
import re
import shlex
import threading
from collections.abc import Iterator
from typing import Final
from urllib.parse import quote, quote_plus

__all__ = ["HIDDEN", "Redactor"]

HIDDEN: Final = "••••••"
_HEAD: Final = 6
"""Shorter values would hide half of every text, and are passed over."""
_LINE: Final = 16
"""A line of a secret of many lines (a key, a certificate) counts for itself from this length."""
_RESERVED: Final = "!#$%&'()*+,/:;=?@[]~"
"""What `requests` leaves as it is in an address."""


class Redactor:
    """Every secret this process has met. Safe to share between threads."""

    def __init__(self) -> None:
        self._seen: set[str] = set()
        self._by_head: dict[str, tuple[str, ...]] = {}
        self._lock = threading.Lock()

    def learn(self, value: str) -> None:
        """Remember a value, and the forms in which it may show."""
        with self._lock:
            if value in self._seen:
                return
            self._seen.add(value)
            for form in {form for part in _parts(value) for form in _forms(part)}:
                head = form[:_HEAD]
                if len(form) >= _HEAD and form not in (there := self._by_head.get(head, ())):
                    self._by_head[head] = tuple(sorted((*there, form), key=len, reverse=True))

    def clean(self, text: str) -> str:
        """The text with each known secret replaced, the longest first."""
        heads = self._by_head
        if not heads:
            return text
        pieces: list[str] = []
        done = at = 0
        end = len(text) - _HEAD
        while at <= end:
            forms = heads.get(text[at : at + _HEAD])
            found = next((f for f in forms if text.startswith(f, at)), "") if forms else ""
            if found:
                pieces += (text[done:at], HIDDEN)
                done = at = at + len(found)
            else:
                at += 1
        return "".join((*pieces, text[done:])) if pieces else text


def _parts(value: str) -> Iterator[str]:
    """The value, and the long lines of one that has many."""
    yield value
    stripped = value.strip()
    if stripped != value:
        yield stripped
    if "\n" in stripped:
        for line in stripped.splitlines():
            if len(line.strip()) >= _LINE and not line.startswith("-----"):
                yield line.strip()


def _forms(value: str) -> Iterator[str]:
    """The value as it is, quoted as in Python, JSON, a shell, an address or HTML, and encoded."""
    yield value
    escaped = json.dumps(value)[1:-1]
    yield from (repr(value)[1:-1], escaped, json.dumps(value, ensure_ascii=False)[1:-1])
    yield json.dumps(escaped)[1:-1]
    yield from (shlex.quote(value).strip("'"), html.escape(value), html.escape(value, quote=False))
    data = value.encode("utf-8", "surrogatepass")
    kept = ("", "/", _RESERVED, _RESERVED.replace("%", ""))
    for text in (quote_plus(data), *(quote(data, safe=safe) for safe in kept)):
        yield from (text, re.sub("%..", lambda m: m[0].lower(), text))
    if len(data) >= _HEAD:
        yield from (data.hex(), data.hex().upper())
        # A server takes it for the password itself.
        yield hashlib.sha256(data).hexdigest()
        yield from _base64(data)


def _base64(data: bytes) -> Iterator[str]:
    """What is the same wherever the value stands in what was encoded, as in `name:password`."""
    for before in range(3):
        text = base64.b64encode(b"\0" * before + data).decode()
        text = text[(0, 2, 3)[before] :].rstrip("=")
        if (before + len(data)) % 3:
            text = text[:-1]
        if len(text) >= _HEAD:
            yield from (text, text.replace("+", "-").replace("/", "_"))
