"""One company in several files: `include: [teams/*.yaml]`, and how they become one.

Every file holds the same keys at the top. Lists are put one behind the other, blocks are merged
key by key, and a value that two files give is a finding that names both places.
"""

import contextlib
import os
from pathlib import Path as FilePath
from typing import Final

from chatops.errors import Place
from chatops.spec.files import Findings, read_text
from chatops.spec.folder import OUTSIDE_HINT, is_outside, not_relative
from chatops.spec.giveaways import remark_secrets
from chatops.spec.nodes import Mapping, Node, Path, Scalar, Sequence, SourceMap
from chatops.spec.people import splice_people
from chatops.spec.source import MOST_VALUES, compose
from chatops.spec.text import quoted

__all__ = ["Included", "gather"]

MOST_FILES: Final = 1000
_WILD: Final = frozenset("*?[")
_EMPTY: Final = "it holds keys of a company file, such as `teams:`"


class Included:
    """The files that were read, in that order, and what they hold together."""

    def __init__(self, root: Node, files: list[FilePath]) -> None:
        self.root = root
        self.files = tuple(files)


def gather(root: Node, path: FilePath, findings: Findings) -> Included:
    """The company file `root`, read from `path`, with all that it includes and its people."""
    reader = _Reader(path, findings)
    return Included(reader.take(root, path), reader.files)


class _Reader:
    def __init__(self, top: FilePath, findings: Findings) -> None:
        self.folder = top.parent
        self.findings = findings
        self.files: list[FilePath] = []
        self.open: list[FilePath] = []
        self.first: dict[FilePath, Place] = {}
        self.values = 0

    def take(self, root: Node, path: FilePath) -> Node:
        """A file with the files that it includes behind it."""
        self.files.append(path)
        self.values += root.values
        places = SourceMap(str(path), root)
        splice_people(root, path, places, self.findings, self.folder)
        pair = root.pairs.pop("include", None) if isinstance(root, Mapping) else None
        if pair is None:
            return root
        self.open.append(path.resolve())
        for place, file in self._named(pair[1], places, path):
            below = self._read(place, file)
            if below is not None:
                root = self._merged(root, below, ())
        self.open.pop()
        return root

    def _named(
        self, listed: Node, places: SourceMap, path: FilePath
    ) -> list[tuple[Place, FilePath]]:
        """The files behind the patterns, each with the place of its pattern."""
        at = Place(str(path), listed.line, listed.column)
        if not isinstance(listed, Sequence):
            if not listed.broken:
                text = listed.text if isinstance(listed, Scalar) and listed.text else "teams/*.yaml"
                self._error("include", at, "a list of files is wanted", f"write [{text}]")
            return []
        found: list[tuple[Place, FilePath]] = []
        for item in listed.items:
            place = Place(str(path), item.line, item.column)
            name = item.value if isinstance(item, Scalar) else None
            if not isinstance(name, str) or not name.strip() or not name.isprintable():
                if not item.broken:
                    self._error("include", place, "the name of a file is wanted", "teams/it.yaml")
            elif (wrong := not_relative(name)) is not None:
                self._error("include", place, *wrong)
            elif _WILD & set(name):
                files = sorted(f for f in path.parent.glob(name) if f.is_file())
                shut = _shut(path.parent, name)
                if shut is not None:
                    # A glob passes over it, and whatever is in it would count as gone.
                    self._error("include", place, f"{shut} cannot be read", "may you read it?")
                elif not files:
                    self.findings.warning(
                        "include-nothing", place, "include", f"no file fits {quoted(name)}"
                    )
                found += [(place, file) for file in files]
            else:
                found.append((place, _plain(path.parent / name)))
        return found

    def _read(self, place: Place, path: FilePath) -> Node | None:
        """One included file, itself complete; None after a finding."""
        if len(self.files) >= MOST_FILES or self.values > MOST_VALUES or self.findings.full:
            what = f"more than {MOST_FILES:,} files, or {MOST_VALUES:,} values in them"
            self._error("include-many", place, what, "is the pattern too wide?")
            return None
        try:
            real = path.resolve()
            outside = is_outside(path, self.folder)
        except (OSError, ValueError, RuntimeError):
            self._error("include-file", place, f"there is no file {path}")
            return None
        if outside:
            self._error(
                "include-outside",
                place,
                f"{path} is not in the folder of the company file",
                OUTSIDE_HINT,
            )
            return None
        if real in self.open:
            again = "includes itself" if real == self.open[-1] else "is what includes this file"
            self._error("include-cycle", place, f"{path} {again}", "take it out here")
            return None
        before = self.first.setdefault(real, place)
        if before is not place:
            where = f"in line {before.line}" if before.file == place.file else f"at {before}"
            self._error("include-twice", place, f"{path} is included {where} already")
            return None
        name = str(path)
        try:
            text = read_text(path, name, self.findings)
        except (OSError, ValueError) as error:
            missing = isinstance(error, FileNotFoundError | NotADirectoryError)
            why = getattr(error, "strerror", None) or "no file can have this name"
            hint = "the name is taken from the folder of the file that includes it"
            message = f"there is no file {path}" if missing else f"cannot read {path}: {why}"
            self._error("include-file", place, message, hint if missing else "")
            return None
        root = None if text is None else compose(text, name, self.findings, empty=_EMPTY)
        remark_secrets(text or "", name, self.findings)
        if root is None or root.broken:
            return None
        if not isinstance(root, Mapping):
            start = Place(name, root.line, root.column)
            self._error("include", start, "a block of keys is wanted in an included file", _EMPTY)
            return None
        return self.take(root, path)

    def _merged(self, one: Node, two: Node, path: Path) -> Node:
        """Both together, as new nodes: what an anchor holds may stand elsewhere too."""
        if isinstance(one, Mapping) and isinstance(two, Mapping):
            return self._block(one, two, path)
        if isinstance(one, Sequence) and isinstance(two, Sequence):
            both = Sequence(one.line, one.column)
            both.file, both.broken = one.file, one.broken or two.broken
            both.items = [*one.items, *two.items]
            both.values, both.height = one.values + two.values, max(one.height, two.height)
            return both
        if _said_nothing(one):
            return two
        same = path == ("version",) and one.plain() == two.plain()
        if not (_said_nothing(two) or one.broken or two.broken or same):
            self.findings.error(
                "include-conflict",
                Place(two.file or "", two.line, two.column),
                SourceMap("", one).text(path),
                f"is also said at {Place(one.file or '', one.line, one.column)}",
                "say it in one of the two files",
            )
        return one

    def _block(self, one: Mapping, two: Mapping, path: Path) -> Mapping:
        both = Mapping(one.line, one.column)
        both.file, both.partial = one.file, one.partial or two.partial
        both.broken = one.broken or two.broken
        both.pairs = dict(one.pairs)
        both.values, both.height = one.values + two.values, max(one.height, two.height)
        for key, (word, value) in two.pairs.items():
            before = both.pairs.get(key)
            both.pairs[key] = (
                (word, value)
                if before is None
                else (before[0], self._merged(before[1], value, (*path, key)))
            )
        return both

    def _error(self, rule: str, place: Place, message: str, hint: str = "") -> None:
        self.findings.error(rule, place, "include", message, hint)


def _shut(folder: FilePath, pattern: str) -> FilePath | None:
    """The folder that a pattern looks into, where it cannot be read."""
    parts = FilePath(pattern).parts
    plain = next((i for i, part in enumerate(parts) if _WILD & set(part)), len(parts))
    looked_in = folder.joinpath(*parts[:plain])
    try:
        next(looked_in.iterdir(), None)
    except PermissionError:
        return looked_in
    except OSError:
        return None
    return None


def _plain(path: FilePath) -> FilePath:
    """The path without `..`, where that is the same file."""
    plain = FilePath(os.path.normpath(path))
    with contextlib.suppress(OSError, ValueError, RuntimeError):
        if plain.resolve() == path.resolve():
            return plain
    return path


def _said_nothing(node: Node) -> bool:
    return isinstance(node, Scalar) and node.value is None and not node.broken
