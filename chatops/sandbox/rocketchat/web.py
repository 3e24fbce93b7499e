"""From a request to an answer: who asks, how often, with what, and the endpoint that replies."""

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from starlette.datastructures import FormData, Headers
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from chatops.sandbox.rocketchat import factors
from chatops.sandbox.rocketchat.limiter import Limiter
from chatops.sandbox.rocketchat.listing import Order, Page, read_page, read_sort
from chatops.sandbox.rocketchat.refusals import Refused, failure, no_permission, unauthenticated
from chatops.sandbox.rocketchat.rights import Rights
from chatops.sandbox.rocketchat.rules import Messages
from chatops.sandbox.rocketchat.schemas import SCHEMAS, Schema
from chatops.sandbox.rocketchat.state import State, hashed
from chatops.sandbox.store import Doc

PREFIX = "/api/v1/"
BYPASS = "api-bypass-rate-limit"


@dataclass(frozen=True)
class Route:
    """An endpoint: how it is called and what it wants before it runs."""

    method: str
    path: str
    run: "Handler"
    login: bool = True
    permissions: tuple[str, ...] = ()
    second_factor: bool = False
    calls: str = ""


@dataclass
class Call:
    """One request, as an endpoint sees it."""

    state: State
    rights: Rights
    limiter: Limiter
    body: Doc
    query: dict[str, Any]
    headers: Headers
    caller: str
    raw: Any = None
    form: FormData | None = None
    path: dict[str, str] = field(default_factory=dict)
    user: Doc | None = None
    session: Doc | None = None
    status: int = 200

    @property
    def me(self) -> Doc:
        """The person who calls."""
        if self.user is None:
            raise unauthenticated()
        return self.user

    def can(self, *permissions: str, rid: str | None = None) -> bool:
        """Whether the caller holds one of these permissions."""
        return self.rights.can_any(self.user, permissions, rid)

    def page(self) -> Page:
        """The page asked for."""
        settings = self.state.settings
        return read_page(
            self.query,
            settings.number("API_Default_Count"),
            settings.number("API_Upper_Count_Limit"),
            settings["API_Allow_Infinite_Count"] is not False,
        )

    def sort(self, default: Order) -> Order:
        """The order asked for, or the endpoint's own."""
        return read_sort(self.query) or default


Answer = Doc | Response | None
Handler = Callable[[Call], Answer]
H = TypeVar("H", bound=Handler)


class Routes:
    """The endpoints of one subject."""

    def __init__(self) -> None:
        self.all: list[Route] = []

    def get(self, *paths: str, **wants: Any) -> Callable[[H], H]:
        """Register a handler for GET."""
        return self._add("GET", paths, wants)

    def post(self, *paths: str, **wants: Any) -> Callable[[H], H]:
        """Register a handler for POST."""
        return self._add("POST", paths, wants)

    def put(self, *paths: str, **wants: Any) -> Callable[[H], H]:
        """Register a handler for PUT."""
        return self._add("PUT", paths, wants)

    def delete(self, *paths: str, **wants: Any) -> Callable[[H], H]:
        """Register a handler for DELETE."""
        return self._add("DELETE", paths, wants)

    def _add(self, method: str, paths: tuple[str, ...], wants: dict[str, Any]) -> Callable[[H], H]:
        def register(handler: H) -> H:
            for path in paths:
                self.all.append(Route(method, path, handler, **wants))
            return handler

        return register


class Dispatcher:
    """Finds the endpoint of a request and runs it behind all that stands before it."""

    def __init__(self, state: State, rights: Rights, limiter: Limiter, routes: list[Route]) -> None:
        self._state = state
        self._rights = rights
        self._limiter = limiter
        self._exact: dict[tuple[str, str], Route] = {}
        self._patterns: list[tuple[str, re.Pattern[str], Route]] = []
        for route in routes:
            path = route.path if route.path.startswith("/") else PREFIX + route.path
            if ":" in path:
                pattern = re.compile(re.sub(r":(\w+)", r"(?P<\1>[^/]+)", path))
                self._patterns.append((route.method, pattern, route))
            else:
                self._exact[route.method, path] = replace(route, calls=path)

    async def answer(self, request: Request) -> Response:
        """Answer one request."""
        if request.method == "OPTIONS":
            return PlainTextResponse("OK")
        method = "GET" if request.method == "HEAD" else request.method
        route, path = self._find(method, request.url.path)
        if route is None:
            return PlainTextResponse("404 Not Found", 404)
        call = await self._read(request)
        call.path = path
        headers: dict[str, str] = {}
        try:
            answer = self._run(route, call, headers)
        except Refused as refusal:
            return as_json(refusal.body, refusal.status, headers)
        finally:
            if call.form:
                await call.form.close()
        if isinstance(answer, Response):
            answer.headers.update(headers)
            return answer
        return as_json({**(answer or {}), "success": True}, call.status, headers)

    def _find(self, method: str, path: str) -> tuple[Route | None, dict[str, str]]:
        route = self._exact.get((method, path))
        if route:
            return route, {}
        for verb, pattern, candidate in self._patterns:
            found = pattern.fullmatch(path) if verb == method else None
            if found:
                return candidate, found.groupdict()
        return None, {}

    async def _read(self, request: Request) -> Call:
        content, _, _ = request.headers.get("content-type", "").partition(";")
        content = content.strip().lower()
        body: Any = {}
        form: FormData | None = None
        if content == "multipart/form-data":
            form = await request.form()
        elif content == "application/x-www-form-urlencoded":
            body = dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
        elif content == "application/json":
            try:
                body = json.loads(await request.body() or b"{}")
            except ValueError:
                body = {}
        host = request.client.host if request.client else "127.0.0.1"
        call = Call(
            self._state,
            self._rights,
            self._limiter,
            body if isinstance(body, dict) else {},
            read_query(request),
            request.headers,
            host,
            raw=body,
            form=form,
        )
        token, uid = request.headers.get("x-auth-token"), request.headers.get("x-user-id")
        session = self._state.sessions.get(hashed(token)) if token and uid else None
        if session and session["userId"] == uid:
            call.user, call.session = self._state.user(uid), session
        return call

    def _run(self, route: Route, call: Call, headers: dict[str, str]) -> Answer:
        if route.login and call.user is None:
            raise unauthenticated()
        if route.permissions and not call.can(*route.permissions):
            raise no_permission()
        schema = SCHEMAS.get(f"{route.method} {route.path}")
        if schema and schema.typed:
            validate(schema, route.method, call)
        if route.path[:1] != "/" and self._limited(call):
            self._limiter.take(f"{route.method} {route.path}", _bucket(call), headers)
        if schema and not schema.typed:
            validate(schema, route.method, call)
        if route.second_factor and call.user:
            factors.demand(self._state, call.user, call.headers)
        return route.run(call)

    def _limited(self, call: Call) -> bool:
        if not self._limiter.awake or self._state.settings["API_Enable_Rate_Limiter"] is not True:
            return False
        return not self._rights.can(call.user, BYPASS)


def _bucket(call: Call) -> str:
    return call.user["_id"] if call.user else call.caller


def validate(schema: Schema, method: str, call: Call) -> None:
    """Refuse a request whose shape the server's own validator would not let pass."""
    reading = method in ("GET", "DELETE")
    wrong: Messages = schema.rule.check(call.query if reading else call.raw)
    if not wrong:
        return
    text = "\n ".join(wrong)
    if schema.typed:
        kind = "error-invalid-params" if reading else "invalid-params"
        raise Refused(400, {"success": False, "errorType": kind, "error": text})
    raise failure(f"{text} [invalid-params]", "invalid-params")


def read_query(request: Request) -> dict[str, Any]:
    """The query, with `name[]` and repeated names as lists."""
    query: dict[str, Any] = {}
    for key, value in request.query_params.multi_items():
        if key.endswith("[]"):
            query.setdefault(key[:-2], []).append(value)
        elif key in query:
            before = query[key]
            query[key] = [*before, value] if isinstance(before, list) else [before, value]
        else:
            query[key] = value
    return query


def as_json(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """An answer in JSON."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Response(text, status, headers, media_type="application/json")


def milliseconds_now() -> int:
    """The time as a number."""
    return int(time.time() * 1000)
