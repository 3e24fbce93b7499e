"""YAML to nodes: plain data that knows where it stands.

The events of PyYAML's parser (libyaml's where it is built in) are put together here and not by
PyYAML: it takes the last of two equal keys in silence, unfolds aliases without a limit, follows
deep nesting until the stack ends, and knows tags that run code.
"""

import re
from typing import Any, Final

import yaml

from chatops.errors import Place
from chatops.spec.files import Findings
from chatops.spec.nodes import Mapping, Node, Odd, Scalar, Sequence, SourceMap
from chatops.spec.syntax import explain_syntax, refuse_tabs
from chatops.spec.text import quoted

__all__ = [
    "Mapping",
    "Node",
    "Scalar",
    "Sequence",
    "SourceMap",
    "compose",
    "refuse_unmerged",
    "resolve",
]

MOST_VALUES: Final = 500_000
MOST_UNFOLDED: Final = 200_000
MOST_DEPTH: Final = 60

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_CORE = "tag:yaml.org,2002:"
# As git writes them; `=======` alone may be an underlined title in a text.
_OURS: Final = re.compile(r"<{7}( |\r?$)")
_THEIRS: Final = re.compile(r">{7}( |\r?$)|\|{7}( |\r?$)")
_BEGINS = "it begins with `version: 1`, then `company:` and `chat:`"
_PLAIN: Final = {"null": "null", "bool": "bool", "int": "int", "float": "float"}


class _Stop(Exception):
    """There is no sense in reading on; the finding is on record."""


def compose(
    text: str, file: str, findings: Findings, loader: Any = None, *, empty: str = _BEGINS
) -> Node | None:
    """The one YAML document in the text as nodes; None where there is none to speak of.

    `empty` is what to do about an empty file; without such words it is no finding.
    """
    if refuse_unmerged(text, file, findings):
        return None
    parser = (loader or _LOADER)(text)
    try:
        root = _Composer(parser, file, findings, empty).run()
        if "\t" in text:
            refuse_tabs(text, file, findings)
        return root
    except _Stop:
        return None
    except yaml.MarkedYAMLError as error:
        explain_syntax(error, text, file, findings)
        return None
    finally:
        parser.dispose()


def refuse_unmerged(text: str, file: str, findings: Findings) -> bool:
    """Whether a merge was left unsolved: a finding for each place."""
    if ">>>>>>>" not in text and "<<<<<<<" not in text and "|||||||" not in text:
        return False
    ours = [i for i, line in enumerate(text.split("\n"), 1) if _OURS.match(line)]
    theirs = [i for i, line in enumerate(text.split("\n"), 1) if _THEIRS.match(line)]
    for line in ours or theirs:
        findings.error(
            "conflict-marker",
            Place(file, line),
            "",
            "an unsolved merge: both versions are still in the file"
            if ours
            else "the rest of an unsolved merge",
            "keep one of them, and take the lines <<<<<<<, ======= and >>>>>>> out",
        )
    return bool(ours or theirs)


class _Composer:
    def __init__(self, parser: Any, file: str, findings: Findings, empty: str) -> None:
        self.parser = parser
        self.file = file
        self.findings = findings
        self.empty = empty
        self.anchors: dict[str, Node] = {}
        self.open: set[int] = set()
        self.values = 0
        self.unfolded = 0

    def run(self) -> Node | None:
        get = self.parser.get_event
        root: Node | None = None
        stack: list[Mapping | Sequence] = []
        keys: list[Node | None] = []
        while True:
            event = get()
            kind = type(event)
            if kind is yaml.ScalarEvent:
                node: Node = self._scalar(event)
            elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
                mark = event.start_mark
                if len(stack) >= MOST_DEPTH:
                    self._too_deep(mark)
                new: Mapping | Sequence = (
                    Mapping(mark.line + 1, mark.column + 1)
                    if kind is yaml.MappingStartEvent
                    else Sequence(mark.line + 1, mark.column + 1)
                )
                new.file = self.file
                if event.tag is not None:
                    self._tag(event, new, "map" if isinstance(new, Mapping) else "seq")
                if event.anchor is not None:
                    self.anchors[event.anchor] = new
                self._count(mark)
                self.open.add(id(new))
                stack.append(new)
                keys.append(None)
                continue
            elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                closed = stack.pop()
                keys.pop()
                self.open.discard(id(closed))
                self._close(closed)
                node = closed
            elif kind is yaml.AliasEvent:
                node = self._alias(event)
            elif kind is yaml.DocumentStartEvent:
                if root is not None:
                    self._error(
                        "yaml-documents",
                        event.start_mark,
                        "a second YAML document begins here",
                        "one company, one document: take the line `---` out",
                    )
                    return root
                continue
            elif kind is yaml.StreamEndEvent:
                if root is None and self.empty:
                    self.findings.error(
                        "file-empty", Place(self.file, 1), "", "the file is empty", self.empty
                    )
                return root
            else:
                continue
            if not stack:
                root = node
                continue
            parent = stack[-1]
            if isinstance(parent, Sequence):
                parent.items.append(node)
                parent.values += node.values
                if node.height >= parent.height:
                    parent.height = node.height + 1
            elif keys[-1] is None:
                keys[-1] = node
            else:
                self._pair(parent, keys[-1], node)
                keys[-1] = None

    def _error(self, rule: str, mark: Any, message: str, hint: str = "") -> None:
        self.findings.error(
            rule, Place(self.file, mark.line + 1, mark.column + 1), "", message, hint
        )

    def _node_error(self, rule: str, node: Node, message: str, hint: str = "") -> None:
        self.findings.error(rule, Place(self.file, node.line, node.column), "", message, hint)

    def _too_deep(self, mark: Any) -> None:
        self._error(
            "yaml-depth",
            mark,
            f"nested deeper than {MOST_DEPTH} levels",
            "nothing in a company file goes deeper than ten: is a bracket missing?",
        )
        raise _Stop

    def _count(self, mark: Any) -> None:
        self.values += 1
        if self.values > MOST_VALUES:
            self._error(
                "yaml-values",
                mark,
                f"the file holds more than {MOST_VALUES:,} values",
                "put the people into a CSV file: `- from: people.csv` under users",
            )
            raise _Stop

    def _scalar(self, event: Any) -> Scalar:
        mark = event.start_mark
        self._count(mark)
        text: str = event.value
        bare = event.implicit[0] and event.tag is None
        if bare:
            value = resolve(text)
        else:
            value = text
            if not text.isascii() and any("\ud800" <= c <= "\udfff" for c in text):
                self._error("yaml-syntax", mark, "half a character (a lone surrogate) in quotes")
                value = ""
        node = Scalar(mark.line + 1, mark.column + 1, value, text, bare)
        node.file = self.file
        if event.tag not in (None, "!"):
            name = event.tag.removeprefix(_CORE)
            if name in _PLAIN and event.tag != name:
                node.value = resolve(text)
                if _name(node.value) != name:
                    self._error("yaml-tag", mark, f"{quoted(text)} is no {name}", "drop the tag")
                    node.broken = True
            else:
                self._tag(event, node, "str")
        if event.anchor is not None:
            self.anchors[event.anchor] = node
        return node

    def _tag(self, event: Any, node: Node, fitting: str) -> None:
        tag: str = event.tag
        if tag in ("!", _CORE + fitting):
            return
        shown = "!!" + tag.removeprefix(_CORE) if tag.startswith(_CORE) else tag
        self._error(
            "yaml-tag",
            event.start_mark,
            f"the tag {quoted(shown)} is not taken: nothing in this file becomes a type or a call",
            "write the value without a tag, or in quotes where it is meant as text",
        )
        node.broken = True

    def _alias(self, event: Any) -> Node:
        mark = event.start_mark
        node = self.anchors.get(event.anchor)
        dead = Scalar(mark.line + 1, mark.column + 1, None, "")
        dead.file = self.file
        dead.broken = True
        if node is None:
            self._error(
                "yaml-anchor",
                mark,
                f"no anchor `&{event.anchor}` above",
                f'text that begins with * needs quotes: "*{event.anchor}"',
            )
            return dead
        if id(node) in self.open:
            self._error(
                "yaml-cycle",
                mark,
                f"the anchor `&{event.anchor}` (line {node.line}) contains itself",
                "an alias stands outside of what it repeats",
            )
            return dead
        self.unfolded += node.values
        if self.unfolded > MOST_UNFOLDED:
            self._error(
                "yaml-expansion",
                mark,
                f"the aliases unfold to more than {MOST_UNFOLDED:,} values",
                "aliases of aliases grow fast: write a group, and name it",
            )
            raise _Stop
        return node

    def _pair(self, parent: Mapping, key: Node, value: Node) -> None:
        parent.values += key.values + value.values
        if value.height >= parent.height:
            parent.height = value.height + 1
        if not isinstance(key, Scalar):
            template = isinstance(key, Mapping) and not parent.pairs
            self._node_error(
                "yaml-key",
                key,
                "a key is plain text, not a list or a block",
                'text that begins with { needs quotes: "{{ … }}"' if template else "",
            )
            parent.partial = True
            return
        if key.text == "<<" and key.bare:
            parent.merged.append((key, value))
            return
        first = parent.pairs.get(key.text)
        if first is not None:
            self._node_error(
                "yaml-duplicate-key",
                key,
                f"the key {quoted(key.text)} is there twice; the first is in line {first[0].line}",
                "put both together, or take one out",
            )
            return
        parent.pairs[key.text] = (key, value)

    def _close(self, node: Mapping | Sequence) -> None:
        if node.height > MOST_DEPTH:
            self._node_error(
                "yaml-depth",
                node,
                f"nested deeper than {MOST_DEPTH} levels, through aliases",
                "nothing in a company file goes deeper than ten",
            )
            raise _Stop
        if not isinstance(node, Mapping) or not node.merged:
            return
        for extra, _ in node.merged[1:]:
            self._node_error(
                "yaml-duplicate-key",
                extra,
                f"the key `<<` is there twice; the first is in line {node.merged[0][0].line}",
                "merge a list: `<<: [*a, *b]`",
            )
        key, value = node.merged[0]
        for part in value.items if isinstance(value, Sequence) else [value]:
            if isinstance(part, Mapping):
                for name, pair in part.pairs.items():
                    node.pairs.setdefault(name, pair)
                node.partial = node.partial or part.partial or part.broken
            elif part.broken:
                node.partial = True
            else:
                self._node_error(
                    "yaml-merge", key, "`<<` merges a block of keys, or a list of blocks"
                )
                node.partial = True


_RESOLVERS: Final = yaml.SafeLoader.yaml_implicit_resolvers
_BOOLS: Final = {"yes": True, "true": True, "on": True, "no": False, "false": False, "off": False}
_DECIMAL: Final = re.compile(r"[-+]?(0|[1-9][0-9_]{0,30})")
_OCTAL: Final = re.compile(r"[-+]?0[0-7_]+")


def resolve(text: str) -> Any:
    """A value without quotes, as every reader of YAML 1.1 takes it."""
    for tag, pattern in _RESOLVERS.get(text[:1], ()):
        if not pattern.match(text):
            continue
        name = tag.removeprefix(_CORE)
        if name == "null":
            return None
        if name == "bool":
            return _BOOLS[text.lower()]
        if name == "int":
            if _DECIMAL.fullmatch(text):
                return int(text.replace("_", ""))
            if ":" in text:
                return Odd("a number of base sixty")
            return Odd("an octal number" if _OCTAL.fullmatch(text) else "a number")
        if name == "float":
            plain = text.replace("_", "").lower()
            try:
                return float(plain)
            except ValueError:
                return Odd("a number of base sixty" if ":" in text else "a number")
        if name == "timestamp":
            return Odd("a date")
        return text
    return text


def _name(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, Odd):
        return "int"
    return {"bool": "bool", "int": "int", "float": "float"}.get(type(value).__name__, "str")
