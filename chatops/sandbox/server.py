"""A sandbox server on loopback: in a thread for tests, in the foreground for people."""

import asyncio
import contextlib
import importlib
import os
import signal
import socket
import threading
from collections.abc import Iterator, Sequence
from json import JSONDecodeError
from pathlib import Path
from types import TracebackType
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp

from chatops.sandbox.faults import Fault, FaultMiddleware, Faults
from chatops.sandbox.page import page_routes
from chatops.sandbox.store import Store
from chatops.sandbox.workspace import Workspace

# Named, not imported: a run of one product need not load the other.
WORKSPACES = {
    "mattermost": ("chatops.sandbox.mattermost", "MattermostWorkspace"),
    "rocketchat": ("chatops.sandbox.rocketchat", "RocketChatWorkspace"),
}
ADMIN_VARIABLE = "CHATOPS_SANDBOX_ADMIN"
STORE_FILE = "sandbox.sqlite3"


def open_workspace(product: str, store: Store, site_url: str, **options: Any) -> Workspace:
    """The stand-in for a product over a store. KeyError for a product unknown here."""
    module, name = WORKSPACES[product]
    workspace: Workspace = getattr(importlib.import_module(module), name)(
        store, site_url, **options
    )
    return workspace


def build_app(workspace: Workspace, faults: Faults, extra: Sequence[BaseRoute] = ()) -> ASGIApp:
    """The product's routes behind the faults, and beside them the sandbox's own."""

    async def health(_: Request) -> Response:
        return JSONResponse(
            {"product": workspace.product, "version": workspace.version, "stand_in": True}
        )

    async def set_faults(request: Request) -> Response:
        try:
            body = await request.json()
            rules = [Fault.of(fields) for fields in (body if isinstance(body, list) else [body])]
        except (JSONDecodeError, TypeError, ValueError) as error:
            return JSONResponse({"error": str(error)}, status_code=400)
        faults.add(*rules)
        return JSONResponse(faults.pending(), status_code=201)

    async def list_faults(_: Request) -> Response:
        return JSONResponse(faults.pending())

    async def clear_faults(_: Request) -> Response:
        faults.clear()
        return Response(status_code=204)

    app = Starlette(
        routes=[
            Route("/_sandbox/health", health, methods=["GET"]),
            Route("/_sandbox/faults", set_faults, methods=["POST"]),
            Route("/_sandbox/faults", list_faults, methods=["GET"]),
            Route("/_sandbox/faults", clear_faults, methods=["DELETE"]),
            *extra,
            *page_routes(workspace),
            Mount("/", workspace.app()),
        ],
    )
    # Around Starlette, not inside: to cut a connection it must meet the server itself.
    return FaultMiddleware(app, faults, workspace.refusal)


class Sandbox:
    """A server in a thread, for tests: `with Sandbox("mattermost") as sandbox: sandbox.url`.

    Without `data` it keeps everything in memory, which survives `restart` but not `stop`.
    `options` go to the product's workspace.
    """

    workspace: Workspace

    def __init__(
        self, product: str, data: Path | None = None, port: int = 0, **options: Any
    ) -> None:
        self._product = product
        self._data = data
        self._port = port
        self._options = options
        self._store: Store | None = None
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None
        self.faults = Faults()

    @property
    def url(self) -> str:
        """Where the server answers; known once it was started, the same after a restart."""
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Listen; returns when requests are answered."""
        listener = _listen("127.0.0.1", self._port)
        self._port = listener.getsockname()[1]
        self._store = self._store or _open_store(self._data)
        self.workspace = open_workspace(self._product, self._store, self.url, **self._options)
        self._server = _Server(build_app(self.workspace, self.faults))
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [listener]}, daemon=True
        )
        self._thread.start()
        self._server.listening.wait(30)

    def stop(self) -> None:
        """Close every connection and the store."""
        self._halt()
        if self._store:
            self._store.close()
            self._store = None

    def restart(self) -> None:
        """Down and up again on the same address with the same data."""
        self._halt()
        if self._store and self._data:
            self._store.close()
            self._store = None
        self.start()

    def _halt(self) -> None:
        if self._server and self._thread:
            self._server.should_exit = True
            self._thread.join(30)
            self._server = self._thread = None

    def __enter__(self) -> "Sandbox":
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def serve(
    product: str,
    port: int,
    data: Path | None,
    host: str = "127.0.0.1",
    extra: Sequence[BaseRoute] = (),
) -> None:
    """Serve until SIGTERM or SIGINT; the URL is the first line on stdout.

    CHATOPS_SANDBOX_ADMIN=NAME:PASSWORD:EMAIL makes the first administrator.
    """
    listener = _listen(host, port)
    url = f"http://{host}:{listener.getsockname()[1]}"
    store = _open_store(data)
    try:
        workspace = open_workspace(product, store, url)
        seed = os.environ.get(ADMIN_VARIABLE)
        if seed:
            workspace.seed_admin(*parse_admin(seed))
        asyncio.run(
            _serve_until_told(_Server(build_app(workspace, Faults(), extra)), listener, url)
        )
    finally:
        store.close()


def parse_admin(seed: str) -> tuple[str, str, str]:
    """Name, password and e-mail out of NAME:PASSWORD:EMAIL; the password may hold colons."""
    name, _, rest = seed.partition(":")
    password, _, email = rest.rpartition(":")
    if not (name and password and email):
        raise ValueError(f"{ADMIN_VARIABLE} must read NAME:PASSWORD:EMAIL")
    return name, password, email


class _Server(uvicorn.Server):
    """Uvicorn, quiet, that tells when it listens and leaves signals to its caller."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                log_config=None,
                log_level="critical",
                access_log=False,
                lifespan="off",
                ws="wsproto",
                proxy_headers=False,
                server_header=False,
                timeout_keep_alive=75,
                timeout_graceful_shutdown=1,
            )
        )
        self.listening = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        # Uvicorn would raise the signal again after it closed, and so end with its number.
        yield


async def _serve_until_told(server: _Server, listener: socket.socket, url: str) -> None:
    def stop() -> None:
        server.should_exit = True

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    # The listener queues callers from here on, so the address may be told before they are served.
    print(url, flush=True)
    await server.serve(sockets=[listener])


def _listen(host: str, port: int) -> socket.socket:
    # Without naming TCP, asyncio would leave Nagle's algorithm on: 40 ms to every answer.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    listener.listen(128)
    return listener


def _open_store(data: Path | None) -> Store:
    if data is None:
        return Store()
    data.mkdir(parents=True, exist_ok=True)
    return Store(data / STORE_FILE)
