"""A relay between the client and a server that writes down what passes, and may bend it."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit
from urllib.request import HTTPErrorProcessor, Request, build_opener

DROPPED = {"connection", "content-length", "date", "host", "server", "transfer-encoding"}


@dataclass
class Relay:
    """Where to talk to, and what has been said: method, path, and the body or the query."""

    url: str
    heard: list[tuple[str, str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Bend:
    """How another release differs. `ask` may answer itself; `answer` may change an answer."""

    ask: Callable[[str, str, Mapping[str, str], Any], tuple[int, Any] | None] = (
        lambda method, path, headers, body: None
    )
    answer: Callable[[str, int, Any], tuple[int, Any]] = lambda path, status, data: (status, data)


STRAIGHT = Bend()


class _AsItIs(HTTPErrorProcessor):
    def http_response(self, request: Any, response: Any) -> Any:
        return response


_OPENER = build_opener(_AsItIs)


@contextmanager
def relay(target: str, bend: Bend = STRAIGHT) -> Iterator[Relay]:
    """A relay on loopback in front of `target`."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    record = Relay(f"http://127.0.0.1:{server.server_address[1]}")
    server.record, server.target, server.bend = record, target, bend  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield record
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _pass(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        raw = self.rfile.read(length)
        parts = urlsplit(self.path)
        if (self.headers.get("content-type") or "").startswith("multipart/"):
            said: Any = {}
        else:
            said = json.loads(raw) if raw else _query(parts.query)
        self.server.record.heard.append((self.command, parts.path, said))  # type: ignore[attr-defined]
        bend: Bend = self.server.bend  # type: ignore[attr-defined]
        headers = {k: v for k, v in self.headers.items() if k.lower() not in DROPPED}
        folded = {key.lower(): value for key, value in headers.items()}
        own = bend.ask(self.command, parts.path, folded, said)
        if own is not None:
            self._say(own[0], {"Content-Type": "application/json"}, json.dumps(own[1]).encode())
            return
        headers["Accept-Encoding"] = "identity"
        request = Request(
            self.server.target + self.path,  # type: ignore[attr-defined]
            data=raw or None,
            headers=headers,
            method=self.command,
        )
        with _OPENER.open(request, timeout=30) as answer:
            status, data = answer.status, answer.read()
            if (
                data
                and bend is not STRAIGHT
                and "json" in (answer.headers.get("content-type") or "")
            ):
                status, bent = bend.answer(parts.path, status, json.loads(data))
                data = json.dumps(bent).encode()
            self._say(status, dict(answer.headers.items()), data)

    def _say(self, status: int, headers: Mapping[str, str], data: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() not in DROPPED:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PUT = do_DELETE = _pass

    def log_message(self, format: str, *args: Any) -> None:
        return


def _query(text: str) -> dict[str, Any]:
    return {
        key.removesuffix("[]"): values if key.endswith("[]") else values[-1]
        for key, values in parse_qs(text, keep_blank_values=True).items()
    }
