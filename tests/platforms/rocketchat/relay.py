"""A relay between the client and a server that writes down what passes."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit
from urllib.request import HTTPErrorProcessor, Request, build_opener

DROPPED = {"connection", "content-length", "date", "host", "server", "transfer-encoding"}


@dataclass
class Relay:
    """Where to talk to, and what has been said: method, path, body (None without one)."""

    url: str
    heard: list[tuple[str, str, Any]] = field(default_factory=list)


class _AsItIs(HTTPErrorProcessor):
    def http_response(self, request: Any, response: Any) -> Any:
        return response


_OPENER = build_opener(_AsItIs)


@contextmanager
def relay(target: str) -> Iterator[Relay]:
    """A relay on loopback in front of `target`."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    record = Relay(f"http://127.0.0.1:{server.server_address[1]}")
    server.record, server.target = record, target  # type: ignore[attr-defined]
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
        body = json.loads(raw) if raw else None
        path = urlsplit(self.path).path
        self.server.record.heard.append((self.command, path, body))  # type: ignore[attr-defined]
        headers = {k: v for k, v in self.headers.items() if k.lower() not in DROPPED}
        headers["Accept-Encoding"] = "identity"
        request = Request(
            self.server.target + self.path,  # type: ignore[attr-defined]
            data=raw or None,
            headers=headers,
            method=self.command,
        )
        with _OPENER.open(request, timeout=30) as answer:
            data = answer.read()
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                if name.lower() not in DROPPED:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    do_GET = do_POST = _pass

    def log_message(self, format: str, *args: Any) -> None:
        return
