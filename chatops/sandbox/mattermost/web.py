"""Requests in, answers out: routing by Mattermost's rules, reading of bodies and queries."""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from chatops.sandbox.mattermost.errors import AppError, bad_body, bad_url, refuse
from chatops.sandbox.mattermost.words import is_id

if TYPE_CHECKING:
    from chatops.sandbox.mattermost.state import Site
    from chatops.sandbox.store import Doc

PER_PAGE_DEFAULT, PER_PAGE_MAXIMUM = 60, 200  # server/channels/web/params.go

OK = {"status": "OK"}

# What may stand for a parameter of a path; without a pattern it is an identifier.
PATTERNS = {
    "id": r"[A-Za-z0-9]+",
    "username": r"[A-Za-z0-9_\-.]+",
    "email": r".+",
    "name": r"[A-Za-z0-9_-]+",
    "emoji": r"[A-Za-z0-9_\-+]+",
    "role": r"[a-z0-9_]+",
    "word": r"[A-Za-z0-9_]+",
    "file": r".+\.zip",
    "plugin": r"[A-Za-z0-9_\-.]+",
}
_PARAMETER = re.compile(r"\{(\w+)(?::(\w+))?\}")

_TRUE = {"1", "t", "T", "TRUE", "true", "True"}


@dataclass(frozen=True)
class Reply:
    """An answer that is more than 200 and JSON."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json"


@dataclass(frozen=True)
class Upload:
    """A file out of a multipart body."""

    filename: str
    content: bytes


@dataclass
class Call:
    """One request, with whom it comes from and the site it asks."""

    site: "Site"
    method: str
    path: str
    params: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    too_large: bool
    session: "Doc | None" = None
    me: "Doc" = field(default_factory=dict)
    files: Mapping[str, Sequence[Upload]] = field(default_factory=dict)
    fields: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def my_id(self) -> str:
        """The caller's identifier, empty for a stranger."""
        return str(self.me.get("id", ""))

    def ident(self, name: str) -> str:
        """An identifier out of the path; `me` stands for the caller. 400 if it is none."""
        value = self.params[name]
        if name == "user_id" and value == "me":
            value = self.my_id
        if not is_id(value):
            bad_url(name)
        return value

    def arg(self, name: str) -> str:
        """A parameter of the query, empty where it is not given."""
        return self.query.get(name, "")

    def flag(self, name: str) -> bool:
        """A parameter of the query read as Go reads a boolean."""
        return self.arg(name) in _TRUE

    def number(self, name: str, default: int, lowest: int = 0) -> int:
        """A parameter of the query as a number; the default where it is none or too small."""
        value = _integer(self.arg(name))
        return default if value is None or value < lowest else value

    @property
    def page(self) -> int:
        """The page asked for: nonsense and negatives count as the first."""
        return self.number("page", 0)

    @property
    def per_page(self) -> int:
        """How many to a page: more than 200 is cut without a word."""
        return min(self.number("per_page", PER_PAGE_DEFAULT), PER_PAGE_MAXIMUM)

    def cut(self, items: Sequence[Any]) -> Sequence[Any]:
        """The page asked for out of a whole list."""
        start = self.page * self.per_page
        return items[start : start + self.per_page]

    def record(self, name: str, shape: Mapping[str, type]) -> dict[str, Any]:
        """The body as an object with these fields. Unknown fields fall out; null counts as absent.

        A field of another type, or a body that is no object, is a 400 that blames `name`.
        """
        body = self._json(name)
        if body is None:
            return {}
        if not isinstance(body, dict):
            bad_body(name)
        given = {key: value for key, value in body.items() if key in shape and value is not None}
        if not all(_fits(value, shape[key]) for key, value in given.items()):
            bad_body(name)
        return given

    def records(self, name: str, shape: Mapping[str, type]) -> list[dict[str, Any]]:
        """The body as a list of objects."""
        body = self._json(name)
        if body is not None and not isinstance(body, list):
            bad_body(name)
        rows = []
        for row in body or []:
            if not isinstance(row, dict):
                bad_body(name)
            given = {key: value for key, value in row.items() if key in shape and value is not None}
            if not all(_fits(value, shape[key]) for key, value in given.items()):
                bad_body(name)
            rows.append(given)
        return rows

    def strings(self, name: str = "") -> list[str]:
        """The body as a list of strings, each once. 400 if it is none, or is empty and `name`d."""
        try:
            body = self._json("")
        except AppError as error:
            if error.status == 413:
                raise
            body = {}
        if body is not None and not (
            isinstance(body, list) and all(isinstance(item, str) for item in body)
        ):
            refuse("api.payload.parse.error")
        found = list(dict.fromkeys(body or []))
        if name and not found:
            bad_body(name)
        return found

    def loose(self) -> dict[str, Any]:
        """The body as an object of anything; nonsense counts as empty."""
        try:
            body = self._json("")
        except AppError:
            return {}
        return body if isinstance(body, dict) else {}

    def texts(self) -> dict[str, str]:
        """The body as an object of strings; whatever is none of them falls out."""
        return {key: value for key, value in self.loose().items() if isinstance(value, str)}

    def _json(self, name: str) -> Any:
        if self.too_large:
            refuse("api.context.request_body_too_large.app_error", 413)
        try:
            return json.loads(self.body)
        except ValueError:
            bad_body(name)


def _fits(value: Any, wanted: type) -> bool:
    if wanted is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, wanted)


def _integer(text: str) -> int | None:
    try:
        return int(text)
    except ValueError:
        return None


Handler = Callable[[Call], Any]
_H = TypeVar("_H", bound=Handler)


@dataclass(frozen=True)
class Endpoint:
    """A method, a path and who handles it."""

    method: str
    path: str
    handler: Handler
    session: bool
    files: bool


class Routes:
    """The endpoints of one subject; `/api/v4` is left out of their paths."""

    def __init__(self) -> None:
        self.endpoints: list[Endpoint] = []

    def get(self, path: str, *, session: bool = True) -> Callable[[_H], _H]:
        """Register for GET. `session` False lets strangers in."""
        return self.at("GET", path, session=session)

    def post(self, path: str, *, session: bool = True, files: bool = False) -> Callable[[_H], _H]:
        """Register for POST. `files` allows bodies as large as a file may be."""
        return self.at("POST", path, session=session, files=files)

    def put(self, path: str) -> Callable[[_H], _H]:
        """Register for PUT."""
        return self.at("PUT", path)

    def delete(self, path: str) -> Callable[[_H], _H]:
        """Register for DELETE."""
        return self.at("DELETE", path)

    def at(
        self, method: str, path: str, *, session: bool = True, files: bool = False
    ) -> Callable[[_H], _H]:
        """Register for any method."""

        def register(handler: _H) -> _H:
            self.endpoints.append(Endpoint(method, path, handler, session, files))
            return handler

        return register


class Router:
    """Finds the endpoint of a request. A known path with another method is unknown, as in Go."""

    def __init__(self, groups: Iterable[Routes]) -> None:
        self._buckets: dict[tuple[str, str], list[tuple[re.Pattern[str], Endpoint]]] = {}
        endpoints = [endpoint for group in groups for endpoint in group.endpoints]
        for endpoint in sorted(endpoints, key=lambda e: e.path.count("{")):
            first = endpoint.path.split("/")[1]
            bucket = self._buckets.setdefault((endpoint.method, first), [])
            bucket.append((re.compile(_regex(endpoint.path)), endpoint))

    def find(self, method: str, path: str) -> tuple[Endpoint, dict[str, str]] | None:
        """The endpoint and the parameters in its path."""
        parts = path.split("/", 2)
        for pattern, endpoint in self._buckets.get((method, parts[1] if parts[1:] else ""), ()):
            match = pattern.fullmatch(path)
            if match:
                return endpoint, match.groupdict()
        return None


def _regex(path: str) -> str:
    def group(match: re.Match[str]) -> str:
        return f"(?P<{match[1]}>{PATTERNS[match[2] or 'id']})"

    return _PARAMETER.sub(group, path)
