"""The pages and their addresses. All of them only read, and none needs a log-in."""

import ipaddress
import re
from collections.abc import Awaitable, Callable
from importlib.resources import files
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from chatops.sandbox.page import words
from chatops.sandbox.page.shape import Book
from chatops.sandbox.workspace import Workspace

Handler = Callable[[Request], Awaitable[Response]]

PEOPLE_TO_A_PAGE: Final = 100

# Nothing but our own style sheet and picture: what people wrote can at most be read.
HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^:\[\]]+)(?::\d+)?")


def page_routes(workspace: Workspace) -> list[Route]:
    """The pages of a workspace: `/`, and under `/_sandbox/` its teams, channels and people."""
    pages = Pages(workspace)
    handlers: dict[str, Handler] = {
        "/": pages.overview,
        "/_sandbox/team/{team}": pages.team,
        "/_sandbox/team/{team}/{channel:path}": pages.channel,
        "/_sandbox/rooms": pages.team,
        "/_sandbox/rooms/{channel:path}": pages.channel,
        "/_sandbox/people": pages.people,
        "/_sandbox/people/{username:path}": pages.person,
        "/_sandbox/style.css": _static("style.css", "text/css"),
        "/_sandbox/icon.svg": _static("icon.svg", "image/svg+xml"),
        "/_sandbox/{rest:path}": pages.missing,
    }
    return [Route(path, _guarded(handler), methods=["GET"]) for path, handler in handlers.items()]


class Pages:
    """One handler a page."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._templates = Environment(
            loader=PackageLoader("chatops.sandbox.page"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals.update(
            {function.__name__: function for function in words.FOR_TEMPLATES}
        )

    async def overview(self, _: Request) -> Response:
        """The whole workspace at a glance."""
        return self._draw("overview.html", self._book())

    async def team(self, request: Request) -> Response:
        """A team and all its channels."""
        book = self._book()
        team = book.team(request.path_params.get("team", ""))
        return self._draw("team.html", book, team=team) if team else self._lost(book)

    async def channel(self, request: Request) -> Response:
        """A channel: what it is for, who is in it, what was said."""
        book = self._book()
        team = book.team(request.path_params.get("team", ""))
        channel = book.channel(team, request.path_params["channel"]) if team else None
        if channel is None:
            return self._lost(book)
        return self._draw("channel.html", book, team=team, channel=channel)

    async def people(self, request: Request) -> Response:
        """People, a hundred to a page; `q` looks for some, `team` and `in` for a channel's."""
        book = self._book()
        query = request.query_params
        team = book.team(query.get("team", ""))
        channel = book.channel(team, query["in"]) if team and "in" in query else None
        sought = query.get("q", "").strip()
        page = book.people(sought, channel, query.get("page", ""), PEOPLE_TO_A_PAGE)
        return self._draw("people.html", book, team=team, channel=channel, page=page, sought=sought)

    async def person(self, request: Request) -> Response:
        """One person and the channels that they are in."""
        book = self._book()
        person = book.person(request.path_params["username"])
        return self._draw("person.html", book, person=person) if person else self._lost(book)

    async def missing(self, _: Request) -> Response:
        """No such page of the sandbox's own."""
        return self._lost(self._book())

    def _book(self) -> Book:
        return Book(self._workspace.view())

    def _lost(self, book: Book) -> Response:
        return self._draw("missing.html", book, status=404)

    def _draw(self, template: str, book: Book, status: int = 200, **values: Any) -> Response:
        html = self._templates.get_template(template).render(
            book=book,
            key=self._workspace.product,
            product=words.product(self._workspace.product),
            version=self._workspace.version,
            here=template,
            **{"team": None, "channel": None, "sought": ""} | values,
        )
        # Half a surrogate pair can be stored, but not be sent.
        return Response(html.encode("utf-8", "replace"), status, HEADERS, "text/html")


def _guarded(handler: Handler) -> Handler:
    """Answer only who called this machine by number or as localhost.

    Elsewhere a page of a stranger could point a name of its own at 127.0.0.1 and read along.
    """

    async def answer(request: Request) -> Response:
        if not _is_local(request.headers.get("host", "")):
            text = "Open the sandbox by the address that it printed.\n"
            return Response(text, 421, HEADERS, "text/plain")
        return await handler(request)

    return answer


def _is_local(host: str) -> bool:
    match = _HOST.fullmatch(host)
    if not match:
        return False
    name = match[1].strip("[]").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _static(name: str, media_type: str) -> Handler:
    content = files("chatops.sandbox.page").joinpath(name).read_bytes()

    async def answer(_: Request) -> Response:
        return Response(content, 200, HEADERS, media_type)

    return answer
