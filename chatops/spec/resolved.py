"""The whole company as it was read: every value, and where it comes from.

What the files do not say and nothing else decides is not there: it is not managed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any

from pydantic import BaseModel

from chatops.errors import Place
from chatops.spec import Loaded
from chatops.spec.emit import Remarks, emit
from chatops.spec.nodes import Path, Sequence

__all__ = ["Resolved", "resolve_company"]


@dataclass(frozen=True)
class Resolved:
    """The data, and the origin of each value: a place in a file, or why there is one at all.

    References to secrets stay references.
    """

    data: Mapping[str, Any]
    origins: Mapping[Path, Place | str]
    folder: FilePath = field(default_factory=FilePath)

    def to_yaml(self) -> str:
        """A company file again, with the origins as comments."""
        behind = {path: self._words(origin) for path, origin in self.origins.items()}
        return emit(self.data, Remarks(behind=behind), compact=False)

    def to_json(self) -> dict[str, Any]:
        """Plain data; origins by path, as `teams[0].name`."""
        origins: dict[str, Any] = {}
        for path, origin in self.origins.items():
            text = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in path)
            origins[text.removeprefix(".")] = (
                origin
                if isinstance(origin, str)
                else {"file": origin.file, "line": origin.line, "column": origin.column}
            )
        return {"company": self.data, "origins": origins}

    def _words(self, origin: Place | str) -> str:
        if isinstance(origin, str):
            return origin
        file = FilePath(origin.file)
        name = file.relative_to(self.folder) if file.is_relative_to(self.folder) else file
        return f"{name}:{origin.line}"


def resolve_company(loaded: Loaded, decided: Mapping[Path, tuple[Any, str]]) -> Resolved:
    """The company that was loaded.

    `decided` are values that something else than the files gives (the platform's own version,
    say), each with where it is from.
    """
    walk = _Walk(loaded, decided)
    return Resolved(walk.block(loaded.spec, ()), walk.origins, loaded.path.parent)


class _Walk:
    def __init__(self, loaded: Loaded, decided: Mapping[Path, tuple[Any, str]]) -> None:
        self.places = loaded.places
        self.decided = decided
        self.origins: dict[Path, Place | str] = {}

    def block(self, model: BaseModel, path: Path) -> dict[str, Any]:
        """The values of a block, in the order of the language."""
        found: dict[str, Any] = {}
        for name, about in type(model).model_fields.items():
            key = about.alias or name
            value = self.value(getattr(model, name), (*path, key))
            empty = value in ({}, []) and self.places.node((*path, key)) is None
            if value is not None and not empty:
                found[key] = value
        return found

    def value(self, value: Any, path: Path) -> Any:
        """A value as the file writes it, or the default."""
        if isinstance(value, BaseModel):
            return self.block(value, path)
        if isinstance(value, list) and any(isinstance(v, BaseModel) for v in value):
            return [self.value(v, (*path, i)) for i, v in enumerate(value)]
        node = self.places.node(path)
        if node is None:
            if value is None and path in self.decided:
                value, self.origins[path] = self.decided[path]
            elif value is not None and value != [] and value != {}:
                self.origins[path] = "default"
            return getattr(value, "value", value)
        plain = node.plain()
        if isinstance(node, Sequence):
            places = [self.places.place((*path, i)) for i in range(len(node.items))]
            if len({(p.file, p.line) for p in places}) > 1:
                self.origins |= {(*path, i): place for i, place in enumerate(places)}
                return plain
        if plain is not None:
            self.origins[path] = self.places.place(path)
        return plain
