"""Reading a small YAML file of settings, block by block: every wrong thing becomes a finding."""

import difflib
import ipaddress
from pathlib import Path
from urllib.parse import urlsplit

from chatops.secrets import REFERENCE, Secret
from chatops.spec.files import Findings
from chatops.spec.nodes import Mapping, Node, Scalar, Sequence, SourceMap

__all__ = ["Blocks", "wrong_url"]


class Blocks:
    """The settings of a file; `folder` is what its paths are relative to.

    Each method reads what stands at a path, and gives an empty value where nothing is there or
    a finding was made; reading goes on.
    """

    def __init__(self, folder: Path, places: SourceMap, root: Node, findings: Findings) -> None:
        self.folder = folder
        self.places = places
        self.root = root
        self.findings = findings

    def error(self, rule: str, path: tuple[str, ...], message: str, hint: str = "") -> None:
        """Note an error at a path."""
        self.findings.error(rule, self.places.place(path), self.places.text(path), message, hint)

    def keys(self, path: tuple[str, ...], known: tuple[str, ...]) -> None:
        """Refuse what is no key of a block, or is no block."""
        block = self.places.node(path)
        if block is None or block.broken:
            return
        if not isinstance(block, Mapping):
            self.error("wrong-type", path, "keys and values are wanted here")
            return
        for key in block.pairs:
            if key in known:
                continue
            near = difflib.get_close_matches(key, known, 1)
            hint = f"did you mean `{near[0]}`?" if near else f"there is {', '.join(known)}"
            place = self.places.key_place((*path, key))
            self.findings.error(
                "unknown-key", place, self.places.text((*path, key)), "unknown key", hint
            )

    def scalar(self, path: tuple[str, ...]) -> Scalar | None:
        """The single value there."""
        node = self.places.node(path)
        if node is None or node.broken:
            return None
        if not isinstance(node, Scalar):
            self.error("wrong-type", path, "one value is wanted here")
            return None
        if node.value is None:
            self.error("empty-value", path, "the key has no value", "take it out, or fill it in")
            return None
        return node

    def text(self, path: tuple[str, ...]) -> str:
        """The text there, on one line."""
        node = self.scalar(path)
        if node is None:
            return ""
        if not isinstance(node.value, str):
            self.error("wrong-type", path, "text is wanted here", f'quote it: "{node.text}"')
            return ""
        if not node.value.isprintable():
            self.error("one-line", path, "must be one line, without control characters")
            return ""
        return node.value

    def choice(self, path: tuple[str, ...], choices: list[str]) -> str | None:
        """The word there, if it is one of these."""
        text = self.text(path)
        if text and text not in choices:
            self.error("choice", path, f"one of {', '.join(choices)} is wanted here")
        return text if text in choices else None

    def secret(self, path: tuple[str, ...]) -> str:
        """The reference to a secret there."""
        text = self.text(path)
        if text and not REFERENCE.fullmatch(text):
            # Whatever stands there is not to be shown in what follows.
            Secret(text)
            self.error(
                "plain-secret",
                path,
                "a secret is never written here",
                "write env:NAME, file:PATH, vault:NAME or prompt:QUESTION",
            )
        return text

    def url(self, path: tuple[str, ...]) -> str:
        """The address there."""
        text = self.text(path)
        problem = wrong_url(text) if text else ""
        if problem:
            self.error("url", path, problem)
        return text

    def file(self, path: tuple[str, ...]) -> str:
        """The file named there, which must be one; its whole path."""
        text = self.text(path)
        if not text:
            return ""
        file = self.folder / text
        if not file.is_file():
            self.error("value", path, f"no file {file}")
        return str(file.absolute())

    def number(self, path: tuple[str, ...], *, least: float, most: float) -> float | None:
        """The number there, within these bounds."""
        if not isinstance(self.places.node(path[:-1]), Mapping):
            return None
        node = self.scalar(path)
        if node is None:
            return None
        if isinstance(node.value, bool) or not isinstance(node.value, int | float):
            self.error("wrong-type", path, "a number is wanted here")
        elif not least <= node.value <= most:
            self.error("range", path, f"a number from {least:.15g} to {most:.15g} is wanted")
        else:
            return float(node.value)
        return None

    def flag(self, path: tuple[str, ...], default: bool) -> bool:
        """The yes or no there."""
        node = self.scalar(path)
        if node is None:
            return default
        if not isinstance(node.value, bool):
            self.error("wrong-type", path, "true or false is wanted here")
            return default
        return node.value

    def texts(self, path: tuple[str, ...]) -> tuple[str, ...]:
        """The list of texts there; a single one may stand without brackets."""
        node = self.places.node(path)
        if isinstance(node, Sequence) and not node.broken:
            found = []
            for i, item in enumerate(node.items):
                if isinstance(item, Scalar) and isinstance(item.value, str) and item.value:
                    found.append(item.value)
                else:
                    place = self.places.place((*path, i))
                    name = self.places.text((*path, i))
                    self.findings.error("wrong-type", place, name, "text is wanted here")
            return tuple(found)
        text = self.text(path)
        return (text,) if text else ()

    def networks(self, path: tuple[str, ...]) -> tuple[str, ...]:
        """The list of addresses and networks there, as 10.0.0.0/8."""
        found = []
        for text in self.texts(path):
            try:
                found.append(str(ipaddress.ip_network(text)))
            except ValueError as error:
                self.error("value", path, f"not an address or a network: {error}")
        return tuple(found)


def wrong_url(text: str) -> str:
    """What is wrong with an address; empty if nothing is."""
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return "not an address"
    if parts.scheme not in ("http", "https") or not parts.hostname or any(map(str.isspace, text)):
        return "not an address: it begins with https:// and has a host"
    if "@" in parts.netloc:
        return "an address holds no name or password"
    if parts.query or parts.fragment:
        return "an address of a server ends before any ? or #"
    return ""
