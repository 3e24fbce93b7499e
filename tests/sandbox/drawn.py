"""A server that draws a view made by hand: for what no product would let in so easily."""

import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

import uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, Response

from chatops.sandbox.faults import Faults
from chatops.sandbox.server import build_app
from chatops.sandbox.workspace import (
    ChannelView,
    MessageView,
    PersonView,
    TeamView,
    WorkspaceView,
)


@dataclass
class Drawn:
    """A workspace that is nothing but its view."""

    drawn: WorkspaceView
    product: str = "mattermost"
    version: str = "11.6.0"

    def app(self) -> Starlette:
        return Starlette()

    def seed_admin(self, username: str, password: str, email: str) -> None:
        """There is nobody to log in."""

    def view(self) -> WorkspaceView:
        return self.drawn

    def refusal(self, status: int, retry_after: int) -> Response:
        return PlainTextResponse("", status)


@contextlib.contextmanager
def drawing(view: WorkspaceView, product: str = "mattermost") -> Iterator[str]:
    """The address of a server that shows this view."""
    app = build_app(Drawn(view, product), Faults())
    server = uvicorn.Server(
        uvicorn.Config(
            app, port=0, log_config=None, lifespan="off", ws="none", timeout_graceful_shutdown=1
        )
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        while not server.started and thread.is_alive():
            time.sleep(0.01)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(30)


def person(username: str, name: str = "", title: str = "", active: bool = True) -> PersonView:
    return PersonView(username, name, title, ("system_user",), active)


def channel(
    name: str,
    *members: str,
    display_name: str = "",
    topic: str = "",
    purpose: str = "",
    private: bool = False,
    archived: bool = False,
    messages: tuple[MessageView, ...] = (),
) -> ChannelView:
    return ChannelView(
        name, display_name or name, topic, purpose, private, archived, members, messages
    )


def team(name: str, *channels: ChannelView, archived: bool = False) -> TeamView:
    return TeamView(name, name.title(), archived, channels)


def company(people: int, teams: int, channels: int, members: int) -> WorkspaceView:
    """A company of a size: each channel has that many members."""
    names = [f"person{number:04}" for number in range(people)]

    def some(start: int) -> list[str]:
        return [names[(start + step) % people] for step in range(members)]

    return WorkspaceView(
        "Big",
        tuple(
            team(
                f"team{t}",
                *(channel(f"channel{t}-{c}", *some(t * 97 + c * 13)) for c in range(channels)),
            )
            for t in range(teams)
        ),
        tuple(person(name, f"Person {name[-4:]}", "Driver") for name in names),
    )
