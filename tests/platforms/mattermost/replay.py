"""A replay: a server on loopback that answers with what a real one was recorded to answer.

It holds no state. A request is matched to the recorded line with the same method and path, the
nearest query and the same keys in its body; what was never recorded is answered as the old server
answers an address that it does not know.
"""

import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import parse_qsl, urlsplit

TOKEN = "recorded-session-token"


def load(path: Path) -> list[dict[str, Any]]:
    """The recorded lines, with identifiers and times a client can take."""
    text = path.read_text(encoding="utf-8")
    text = re.sub(r"<id(\d+)>", lambda m: ident(int(m[1])), text)
    text = text.replace('"<time>"', "1700000000000")
    return [json.loads(line) for line in text.splitlines()]


def ident(number: int) -> str:
    """The identifier that stands for `<idN>`."""
    return f"recorded{number:018d}"


class Replay:
    """`with Replay(path) as replay: replay.url`; `replay.asked` lists what it was asked."""

    def __init__(self, path: Path) -> None:
        self.lines = load(path)
        self.asked: list[tuple[str, str, dict[str, str], Any]] = []
        self._lock = threading.Lock()

    def __enter__(self) -> "Replay":
        replay = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = 1 << 16  # Head and body in one packet, or the client waits for an ACK.

            def answer(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(length)) if length else None
                split = urlsplit(self.path)
                path, params = split.path.removeprefix("/api/v4"), dict(parse_qsl(split.query))
                with replay._lock:
                    replay.asked.append((self.command, path, params, body))
                status, told = replay.find(self.command, path, params, body)
                data = json.dumps(told).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                if path == "/users/login" and status == 200:
                    self.send_header("Token", TOKEN)
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_PUT = do_DELETE = answer

            def log_message(self, format: str, *args: Any) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def calls(self, method: str, path: str) -> list[Any]:
        """The bodies of the requests of this kind, in order."""
        return [b for m, p, _, b in self.asked if (m, p) == (method, path)]

    def find(self, method: str, path: str, params: dict[str, str], body: Any) -> tuple[int, Any]:
        """The recorded status and answer."""
        best = max(
            self._candidates(method, path, body),
            key=lambda line: _nearness(line, params, body),
            default=None,
        )
        if best is None or ("format" in (best.get("params") or {})) != ("format" in params):
            return 404, {
                "id": "api.context.404.app_error",
                "message": "Sorry, we could not find the page.",
                "status_code": 404,
            }
        told = best["response"]
        wrapped = "include_total_count" in (best.get("params") or {})
        if wrapped and "include_total_count" not in params:
            # With the count the list is wrapped, without it is the list alone.
            told = next(v for v in told.values() if isinstance(v, list))
        if int(params.get("page", 0)) > 0 and isinstance(told, list):
            told = []
        return best["status"], told

    def _candidates(self, method: str, path: str, body: Any) -> Iterator[dict[str, Any]]:
        for line in self.lines:
            if (line["method"], line["path"]) != (method, path):
                continue
            recorded = line.get("request")
            if isinstance(body, dict) and isinstance(recorded, dict):
                if body.keys() != recorded.keys():
                    continue
            elif type(body) is not type(recorded):
                continue
            yield line


def _nearness(line: dict[str, Any], params: dict[str, str], body: Any) -> tuple[int, int, int]:
    recorded = {k: str(v) for k, v in (line.get("params") or {}).items()}
    same = len(recorded.items() & params.items())
    sized = int(recorded.get("per_page", 0))
    return (line.get("request") == body, same, sized)
