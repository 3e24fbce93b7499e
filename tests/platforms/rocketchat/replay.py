"""A server that only says again what a real one was heard to say.

It has no state and no rules. Of the recorded lines chosen by their step it answers, for each
method and path, in order, and repeats the last. A line that was recorded with a second factor
answers only to a call that has one, and a line with a `token` only to that session.
"""

import json
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

RECORDINGS = Path(__file__).parents[2] / "recordings"
FACTOR = "x-2fa-code"


@cache
def recorded(version: str) -> Mapping[str, dict[str, Any]]:
    """The recorded lines of a release, by step."""
    path = RECORDINGS / f"rocketchat-{version}.jsonl"
    lines = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
    return {line["step"]: line for line in lines}


def line(method: str, path: str, response: Any, status: int = 200, **more: Any) -> dict[str, Any]:
    """A line written by hand, in the form of a recorded one."""
    kind = "application/json" if isinstance(response, dict) else "text/plain"
    return {
        "step": "by hand",
        "method": method,
        "path": path if path.startswith("/api/") else f"/api/v1/{path}",
        "status": status,
        "content_type": kind,
        "response": response,
        **more,
    }


@dataclass(frozen=True)
class Call:
    """What the client sent."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: Any

    @property
    def name(self) -> str:
        """`POST users.update`."""
        return f"{self.method} {self.path.removeprefix('/api/v1/')}"


@dataclass
class Replay:
    """The server while it runs."""

    url: str
    calls: list[Call] = field(default_factory=list)

    def sent(self, name: str) -> list[Call]:
        """The calls of one kind."""
        return [call for call in self.calls if call.name == name]


class _Answers:
    def __init__(self, lines: Iterable[dict[str, Any]]) -> None:
        self._lock = threading.Lock()
        self._lines: dict[tuple[str, str, bool], list[dict[str, Any]]] = {}
        for entry in lines:
            factor = FACTOR in (entry.get("request_headers") or {})
            self._lines.setdefault((entry["method"], entry["path"], factor), []).append(entry)

    def take(self, call: Call) -> dict[str, Any] | None:
        factor = FACTOR in call.headers
        token = call.headers.get("x-auth-token")
        with self._lock:
            for key in ((call.method, call.path, factor), (call.method, call.path, False)):
                queue = self._lines.get(key, [])
                fit = [entry for entry in queue if entry.get("token") in (None, token)]
                if len(fit) > 1:
                    queue.remove(fit[0])
                if fit:
                    return fit[0]
        return None


@contextmanager
def replay(lines: Iterable[dict[str, Any]]) -> Iterator[Replay]:
    """A server on loopback that answers with these lines, and 404 to everything else."""
    answers = _Answers(lines)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    record = Replay(f"http://127.0.0.1:{server.server_address[1]}")
    server.answers, server.record = answers, record  # type: ignore[attr-defined]
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

    def _answer(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        raw = self.rfile.read(length)
        parts = urlsplit(self.path)
        call = Call(
            self.command,
            parts.path,
            parse_qs(parts.query),
            {key.lower(): value for key, value in self.headers.items()},
            json.loads(raw) if raw else None,
        )
        self.server.record.calls.append(call)  # type: ignore[attr-defined]
        entry = self.server.answers.take(call)  # type: ignore[attr-defined]
        if entry is None:
            entry = line(call.method, call.path, "404 Not Found", 404)
        response = entry["response"]
        text = response if isinstance(response, str) else json.dumps(response)
        data = text.encode()
        self.send_response(entry["status"])
        self.send_header("Content-Type", entry["content_type"] or "text/plain")
        self.send_header("Content-Length", str(len(data)))
        for name, value in (entry.get("answer_headers") or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PUT = do_DELETE = _answer

    def log_message(self, format: str, *args: Any) -> None:
        return
