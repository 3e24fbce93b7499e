"""Signs that nobody sees, and words of two alphabets, anywhere in the file.

A Cyrillic о in a name is another name to every server; a mark that turns the direction of reading
shows a text that is not there. Servers take some of them out in silence (Mattermost U+202A–E and
U+FEFF from names), so that a plan would never be empty.
"""

import re
from collections.abc import Iterator
from typing import Final

from chatops.spec.alphabets import latin, named, strangers
from chatops.spec.files import Findings
from chatops.spec.nodes import Mapping, Node, Path, Scalar, Sequence, SourceMap
from chatops.spec.text import quoted

__all__ = ["refuse_unseen", "remark_letters", "unseen"]

_UNSEEN: Final = re.compile(
    "[\u202a-\u202e\u2066-\u2069\u200b\u2060\ufeff\u180e\U000e0000-\U000e007f]"
)
_MARKS: Final = re.compile("[\u200e\u200f\u061c\u00ad]")
_WORD: Final = re.compile(r"[^\W\d_]+")


def unseen(text: str) -> str:
    """The first sign that nobody sees and no file may hold; empty where there is none."""
    # Marks of direction have their place in Arabic and Hebrew, and none among ASCII.
    clean = _MARKS.sub("", _UNSEEN.sub("", text))
    found = _UNSEEN.search(text) or (_MARKS.search(text) if clean.isascii() else None)
    return found[0] if found is not None else ""


def refuse_unseen(root: Node, places: SourceMap, findings: Findings) -> None:
    """Refuse what changes a text without being seen. What holds it is not judged any further."""
    for node, path, text, is_key in _texts(root, ()):
        clean = _MARKS.sub("", _UNSEEN.sub("", text))
        found = unseen(text)
        if not found:
            continue
        node.broken = True
        above = places.node(path[:-1])
        if is_key and isinstance(above, Mapping):
            above.partial = True
        findings.error(
            "unseen",
            places.key_place(path) if is_key else places.place(path),
            places.text((*path[:-1], clean) if is_key else path),
            f"holds a sign that nobody sees ({named(found)})",
            f"type it anew: {quoted(clean)}" if clean.strip() else "type it anew",
        )


def remark_letters(root: Node, places: SourceMap, findings: Findings) -> None:
    """Warn of words in two alphabets, and of marks of direction. Where there is an error: not."""
    wrong = {finding.place for finding in findings}
    for node, path, text, is_key in _texts(root, ()):
        place = places.key_place(path) if is_key else places.place(path)
        if node.broken or place in wrong:
            continue
        mark = _MARKS.search(text)
        if mark is not None:
            findings.warning(
                "unseen",
                place,
                places.text(path),
                f"holds a sign that nobody sees ({named(mark[0])})",
                "is it meant? it goes to the server as it is",
            )
        for word in _WORD.findall(text):
            odd = strangers(word)
            if odd and any(c.isascii() for c in word):
                findings.warning(
                    "look-alike",
                    place,
                    places.text(path),
                    f"{quoted(word)} mixes two alphabets: its {odd[0]} is {named(odd[0])}",
                    f"type it anew: {quoted(latin(word))}",
                )
                break


def _texts(node: Node, path: Path) -> Iterator[tuple[Node, Path, str, bool]]:
    """Keys and texts with letters beyond ASCII: node, path, text, and whether it is a key."""
    if isinstance(node, Mapping):
        for key, (word, value) in node.pairs.items():
            here = (*path, key)
            if not key.isascii() and word is not value:
                yield value, here, key, True
            yield from _texts(value, here)
    elif isinstance(node, Sequence):
        for i, item in enumerate(node.items):
            yield from _texts(item, (*path, i))
    elif isinstance(node, Scalar) and isinstance(node.value, str) and not node.value.isascii():
        yield node, path, node.value, False
