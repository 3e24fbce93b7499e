"""The pieces of a file with their places: what stands where."""

from typing import Any, TypeAlias

from chatops.errors import Place

__all__ = ["Mapping", "Node", "Odd", "Path", "Scalar", "Sequence", "SourceMap"]

Path: TypeAlias = tuple[str | int, ...]


class Odd:
    """A value that no key wants: a date, an octal number, 22:22 read as base sixty."""

    def __init__(self, what: str) -> None:
        self.what = what


class Node:
    """A piece of a file: its place (counted from 1), and how much hangs below it.

    `file` is where it stands; without one it is the file of what is around it.
    """

    __slots__ = ("broken", "column", "file", "height", "line", "values")

    def __init__(self, line: int, column: int) -> None:
        self.line = line
        self.column = column
        self.file: str | None = None
        self.values = 1
        self.height = 1
        self.broken = False

    def plain(self) -> Any:
        """The data without places."""
        raise NotImplementedError


class Scalar(Node):
    """A single value. `text` is how it is written, `bare` that it has no quotes."""

    __slots__ = ("bare", "text", "value")

    def __init__(self, line: int, column: int, value: Any, text: str, bare: bool = False) -> None:
        super().__init__(line, column)
        self.value = value
        self.text = text
        self.bare = bare

    def plain(self) -> Any:
        """The value."""
        return self.value


class Sequence(Node):
    """A list."""

    __slots__ = ("items",)

    def __init__(self, line: int, column: int) -> None:
        super().__init__(line, column)
        self.items: list[Node] = []

    def plain(self) -> list[Any]:
        """The values."""
        return [item.plain() for item in self.items]


class Mapping(Node):
    """A block of keys: name → (the key, its value)."""

    __slots__ = ("merged", "pairs", "partial", "taken")

    def __init__(self, line: int, column: int) -> None:
        super().__init__(line, column)
        self.pairs: dict[str, tuple[Node, Node]] = {}
        self.merged: list[tuple[Node, Node]] = []
        self.partial = False
        """Some of its keys could not be read, so that none of them can be called missing."""
        self.taken: dict[str, Node] | None = None
        """Keys that an override has taken out, and where it says so."""

    def plain(self) -> dict[str, Any]:
        """The values by key."""
        return {key: value.plain() for key, (_, value) in self.pairs.items()}

    def get(self, key: str) -> Node | None:
        """The value of a key."""
        pair = self.pairs.get(key)
        return pair and pair[1]


class SourceMap:
    """Where each piece of the spec stands."""

    def __init__(self, file: str, root: Node) -> None:
        self._file = file
        self._root = root

    def node(self, path: Path) -> Node | None:
        """The piece at the path."""
        node, _, rest = self._walk(path)
        return None if rest else node

    def place(self, path: Path) -> Place:
        """Where the value stands, or the nearest thing around it that the file has."""
        node, file, _ = self._walk(path)
        return Place(file, node.line, node.column)

    def key_place(self, path: Path) -> Place:
        """Where the key of the value stands; for an item of a list the item itself."""
        if path:
            node, file, rest = self._walk(path[:-1])
            pair = node.pairs.get(str(path[-1])) if isinstance(node, Mapping) else None
            if not rest and pair is not None:
                return Place(pair[0].file or file, pair[0].line, pair[0].column)
        return self.place(path)

    def text(self, path: Path) -> str:
        """The path as people write it: teams[0].channels[2].topic."""
        parts = [f"[{p}]" if isinstance(p, int) else f".{p}" for p in path]
        return "".join(parts).removeprefix(".")

    def _walk(self, path: Path) -> tuple[Node, str, Path]:
        node, file = self._root, self._file
        for i, part in enumerate(path):
            below: Node | None = None
            if isinstance(node, Mapping):
                below = node.get(str(part))
            elif isinstance(node, Sequence) and isinstance(part, int) and part < len(node.items):
                below = node.items[part]
            if below is None:
                return node, file, path[i:]
            node = below
            file = node.file or file
        return node, file, ()
