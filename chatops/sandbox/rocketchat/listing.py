"""Pages, orders and filters of lists, with the database's idea of what comes first."""

import json
import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from chatops.sandbox.rocketchat.refusals import coded
from chatops.sandbox.store import Doc

Order = dict[str, int]


@dataclass(frozen=True)
class Page:
    """A cut out of a list; a count of 0 is everything."""

    offset: int
    count: int

    def of(self, docs: list[Doc]) -> list[Doc]:
        """The documents of this page."""
        end = self.offset + self.count if self.count else None
        return docs[self.offset : end]

    def answer(self, name: str, docs: list[Doc], total: int) -> Doc:
        """The page in the usual wrapping."""
        return {name: docs, "count": len(docs), "offset": self.offset, "total": total}


def read_page(query: dict[str, Any], default: int, limit: int, all_allowed: bool) -> Page:
    """The page asked for: more than the limit is cut without a word."""
    offset = max(_integer(query.get("offset"), 0), 0)
    count = _integer(query.get("count"), default) if "count" in query else default
    if count > limit or count < 0:
        count = limit
    if count == 0 and not all_allowed:
        count = default
    return Page(offset, count)


def _integer(value: Any, fallback: int) -> int:
    # As JavaScript reads numbers: what begins with digits counts.
    found = re.match(r"\s*[-+]?\d+", str(value)) if value not in (None, "") else None
    if value == "":
        return 0
    return int(found.group()) if found else fallback


def read_sort(query: dict[str, Any]) -> Order | None:
    """The order asked for, or None."""
    text = query.get("sort")
    if not text:
        return None
    try:
        order = json.loads(str(text))
    except ValueError:
        order = None
    if not isinstance(order, dict):
        raise coded(
            "error-invalid-sort",
            f'Invalid sort parameter provided: "{text}"',
            helperMethod="parseJsonQuery",
        )
    for key, value in order.items():
        if value not in (1, -1):
            raise coded("error-invalid-sort-parameter", f"Invalid sort parameter: {key}")
    return order


def ordered(docs: Iterable[Doc], order: Order) -> list[Doc]:
    """Documents in the database's order: nothing, numbers, text, objects, lists, booleans."""
    result = list(docs)
    for field, direction in reversed(order.items()):
        path = field.split(".")
        result.sort(key=_key(path), reverse=direction < 0)
    return result


def _key(path: list[str]) -> Callable[[Doc], tuple[int, Any]]:
    def key(doc: Doc) -> tuple[int, Any]:
        value: Any = doc
        for part in path:
            if isinstance(value, list):
                value = value[0] if value else None
            value = value.get(part) if isinstance(value, dict) else None
        match value:
            case None:
                return (0, 0)
            case bool():
                return (5, value)
            case int() | float():
                return (1, -math.inf if math.isnan(value) else value)
            case str():
                return (2, value.encode())
            case dict():
                return (3, 0)
        return (4, 0)

    return key


def finder(text: Any, start: bool = False) -> re.Pattern[str]:
    """A search for a text that somebody typed, whatever the case."""
    return re.compile(("^" if start else "") + re.escape(str(text).strip()), re.IGNORECASE)


def words(text: str) -> tuple[str, ...]:
    """The words of a text: lists of field names are easier to read that way."""
    return tuple(text.split())


def only(doc: Doc, fields: Iterable[str]) -> Doc:
    """The named fields of a document, those it has."""
    return {name: doc[name] for name in fields if name in doc}


def without(doc: Doc, *fields: str) -> Doc:
    """A document less some fields."""
    return {name: value for name, value in doc.items() if name not in fields}
