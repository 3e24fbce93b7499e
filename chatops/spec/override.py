"""What an environment has otherwise: `inventories/NAME/override.yaml`, laid over the company file.

- A block is merged key by key. Any other value, and a list, replaces what was there.
- A list of things with names (people, teams, channels, …) is patched by a block that is keyed by
  those names: `users: {ida: {title: Tester}}`. A thing that is not in the list is added when it
  says its own name once more, as `tester: {username: tester}`; without that it is a finding.
- `null` takes a key, or a thing of such a list, out, as if the company file had not said it.
"""

from pathlib import Path as FilePath

from chatops.errors import Place
from chatops.spec.files import Findings, read_text
from chatops.spec.giveaways import remark_secrets
from chatops.spec.keys import identity, nearest, pattern
from chatops.spec.nodes import Mapping, Node, Path, Scalar, Sequence, SourceMap
from chatops.spec.people import splice_people
from chatops.spec.source import compose
from chatops.spec.text import quoted

__all__ = ["lay_over"]


def lay_over(root: Node, path: FilePath, findings: Findings, folder: FilePath) -> Node:
    """The company with the override at `path` over it. Raises OSError, ValueError as reading does.

    `folder` is the company's.
    Nothing of `root` is changed: anchors may hold the same node at several places.
    """
    name = str(path)
    text = read_text(path, name, findings)
    over = None if text is None else compose(text, name, findings, empty="")
    remark_secrets(text or "", name, findings)
    if over is None or over.broken or (isinstance(over, Scalar) and over.value is None):
        return root
    start = Place(name, over.line, over.column)
    if not isinstance(over, Mapping):
        findings.error(
            "override", start, "", "a block of keys is wanted", "company: {name: Acme (staging)}"
        )
        return root
    include = over.pairs.pop("include", None)
    if include is not None:
        findings.error(
            "override",
            Place(name, include[0].line, include[0].column),
            "include",
            "an override includes no files",
            "include them in the company file",
        )
    splice_people(over, path, SourceMap(name, over), findings, folder)
    if not isinstance(root, Mapping):
        return root
    return _Patch(name, findings).block(root, over, ())


class _Patch:
    def __init__(self, file: str, findings: Findings) -> None:
        self.file = file
        self.findings = findings

    def block(self, base: Mapping, over: Mapping, path: Path) -> Mapping:
        both = Mapping(base.line, base.column)
        both.file, both.partial = base.file, base.partial or over.partial
        both.broken = base.broken or over.broken
        both.pairs = dict(base.pairs)
        both.values, both.height = base.values + over.values, max(base.height, over.height)
        for key, (word, value) in over.pairs.items():
            before = both.pairs.get(key)
            here = (*path, key)
            if _taken_out(value):
                if self._sound_null(word, value, before is not None, here):
                    del both.pairs[key]
                    both.taken = {**(both.taken or {}), key: word}
            elif isinstance(value, Mapping) and (name := identity(f"{pattern(here)}[]")):
                old = before[1] if before else None
                both.pairs[key] = (word, self._things(old, value, name, here))
            elif (
                before is not None and isinstance(before[1], Mapping) and isinstance(value, Mapping)
            ):
                both.pairs[key] = (before[0], self.block(before[1], value, here))
            else:
                both.pairs[key] = (word, value)
        return both

    def _things(self, base: Node | None, over: Mapping, name: str, path: Path) -> Node:
        """A list of named things, patched by their names."""
        both = Sequence(over.line, over.column)
        both.file = over.file
        old = list(base.items) if isinstance(base, Sequence) else []
        at = {n: i for i, item in enumerate(old) if (n := _name(item, name)) is not None}
        kept: list[Node | None] = [*old]
        for key, (word, value) in over.pairs.items():
            i = at.get(key)
            here = (*path, key)
            if _taken_out(value):
                if self._sound_null(word, value, i is not None, here) and i is not None:
                    kept[i] = None
            elif not isinstance(value, Mapping):
                if not value.broken:
                    self._error(word, here, f"what is other about {quoted(key)} is a block of keys")
            elif i is not None:
                was = old[i]
                new = self.block(was, value, (*path, i)) if isinstance(was, Mapping) else value
                kept[i] = new
            elif _name(value, name) == key:
                kept.append(value)
            else:
                near = nearest(key, at)
                add = f"to add it, say its name once more: `{key}: {{{name}: {key}, …}}`"
                hint = f"did you mean `{near}`? {add}" if near else add
                self._error(word, here, f"nothing here is named {quoted(key)}", hint)
        both.items = [item for item in kept if item is not None]
        both.values = sum((item.values for item in both.items), 1)
        both.height = max((item.height + 1 for item in both.items), default=1)
        return both

    def _sound_null(self, word: Node, value: Node, there: bool, path: Path) -> bool:
        """Whether taking out is meant, and possible."""
        if isinstance(value, Scalar) and not value.text:
            self._error(word, path, "has no value", "write null to take it out here")
            return False
        if not there:
            self._error(word, path, "is not there, so it cannot be taken out")
        return there

    def _error(self, word: Node, path: Path, message: str, hint: str = "") -> None:
        text = SourceMap("", word).text(path)
        place = Place(word.file or self.file, word.line, word.column)
        self.findings.error("override", place, text, message, hint)


def _taken_out(node: Node) -> bool:
    return isinstance(node, Scalar) and node.value is None and not node.broken


def _name(item: Node, key: str) -> str | None:
    """The name of a thing in a list."""
    node = item.get(key) if isinstance(item, Mapping) else None
    return node.value.strip() if isinstance(node, Scalar) and isinstance(node.value, str) else None
