"""A real registry on loopback (Debian's docker-registry), and images put into it over HTTP."""

import base64
import hashlib
import http.server
import json
import os
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.render import programs

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"


def sha(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


@dataclass(frozen=True)
class Registry:
    """Where it is, and what it holds."""

    address: str

    def send(self, method: str, path: str, data: bytes = b"", kind: str = "") -> Any:
        url = path if path.startswith("http") else f"http://{self.address}{path}"
        headers = {"Content-Type": kind or "application/octet-stream"}
        request = urllib.request.Request(url, data=data, method=method, headers=headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            answer.read()
            return answer.headers

    def blob(self, name: str, data: bytes) -> dict[str, Any]:
        place = self.send("POST", f"/v2/{name}/blobs/uploads/")["Location"]
        self.send("PUT", f"{place}{'&' if '?' in place else '?'}digest={sha(data)}", data)
        return {"digest": sha(data), "size": len(data)}

    def manifest(self, name: str, what: str, about: dict[str, Any]) -> str:
        """A manifest for one platform; the digest of its configuration."""
        config = {
            **self.blob(name, json.dumps(about).encode()),
            "mediaType": "application/vnd.oci.image.config.v1+json",
        }
        layer = {
            **self.blob(name, f"layer of {about}".encode()),
            "mediaType": "application/vnd.oci.image.layer.v1.tar",
        }
        body = {"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": [layer]}
        data = json.dumps(body).encode()
        self.send("PUT", f"/v2/{name}/manifests/{what or sha(data)}", data, MANIFEST)
        return sha(data)

    def index(self, name: str, tag: str, mark: str = "") -> str:
        """An image for two platforms, and what builders add beside them; the index's digest."""
        entries = []
        for system, machine in (("linux", "arm64"), ("linux", "amd64"), ("unknown", "unknown")):
            about = {"os": system, "architecture": machine, "mark": f"{name}:{tag}{mark}"}
            digest = self.manifest(name, "", about)
            platform = {"os": system, "architecture": machine}
            entries.append(
                {"mediaType": MANIFEST, "digest": digest, "size": 1, "platform": platform}
            )
        body = {"schemaVersion": 2, "mediaType": INDEX, "manifests": entries}
        data = json.dumps(body).encode()
        self.send("PUT", f"/v2/{name}/manifests/{tag}", data, INDEX)
        return sha(data)


@contextmanager
def registry(folder: Path, *, tls: tuple[Path, Path] | None = None) -> Iterator[Registry]:
    """Run one with its data in a folder."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    lines = [
        "version: 0.1",
        f"storage: {{filesystem: {{rootdirectory: {folder / 'data'}}}}}",
        f"http: {{addr: '127.0.0.1:{port}'" + _tls(tls) + "}",
        "log: {level: error, accesslog: {disabled: true}}",
    ]
    folder.mkdir(exist_ok=True)
    (folder / "config.yml").write_text("\n".join(lines) + "\n")
    command = [programs.program("docker-registry"), "serve", str(folder / "config.yml")]
    environment = {"PATH": os.environ["PATH"], "OTEL_TRACES_EXPORTER": "none"}
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
    try:
        deadline = time.monotonic() + 30
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                assert process.poll() is None, (folder / "log").read_text()
                assert time.monotonic() < deadline
                time.sleep(0.05)
        yield Registry(f"127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait(20)


def _tls(tls: tuple[Path, Path] | None) -> str:
    return f", tls: {{certificate: {tls[0]}, key: {tls[1]}}}" if tls else ""


@contextmanager
def relay(
    behind: Registry,
    *,
    user: str = "",
    spoil: bool = False,
    redirect: bool = False,
    pages: bool = False,
) -> Iterator[str]:
    """A stand-in for what stands before public registries: it wants a token, as they do.

    Gives what the real registry behind it says. `spoil` changes a byte of each manifest on the
    way, `redirect` sends to a stranger whoever asks for a blob, `pages` gives two tags at a time.
    """
    wanted = base64.b64encode(f"{user}:secret word".encode()).decode()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.startswith("/token?"):
                allowed = not user or self.headers.get("Authorization") == f"Basic {wanted}"
                self._answer(200 if allowed else 401, json.dumps({"token": "pass-word"}).encode())
            elif self.headers.get("Authorization") != "Bearer pass-word":
                here = f"http://{self.headers['Host']}/token"
                how = f'Bearer realm="{here}",service="s",scope="repository:x:pull"'
                self._answer(401, b"{}", {"WWW-Authenticate": how})
            elif redirect and "/blobs/" in self.path:
                self._answer(307, b"", {"Location": "https://stranger.invalid/blob"})
            else:
                self._pass_on()

        def _pass_on(self) -> None:
            request = urllib.request.Request(f"http://{behind.address}{self.path}")
            request.add_header("Accept", self.headers.get("Accept", "*/*"))
            try:
                with urllib.request.urlopen(request, timeout=30) as answer:
                    body, status, head = answer.read(), answer.status, dict(answer.headers)
            except urllib.error.HTTPError as error:
                body, status, head = error.read(), error.code, dict(error.headers)
            if spoil and "/manifests/" in self.path:
                body = body.replace(b'"schemaVersion": 2', b'"schemaVersion": 3')
            more = {}
            if pages and "/tags/list" in self.path:
                body, more = self._page(json.loads(body))
            kept = {k: v for k, v in head.items() if k.lower() not in ("content-length", "date")}
            self._answer(status, body, {**kept, **more})

        def _page(self, told: dict[str, Any]) -> tuple[bytes, dict[str, str]]:
            last = self.path.partition("last=")[2]
            rest = [t for t in sorted(told["tags"]) if t > last]
            link = (
                ""
                if len(rest) < 3
                else f"<https://elsewhere.invalid{self.path.partition('?')[0]}?n=2&last={rest[1]}>"
            )
            more = {"Link": f'{link}; rel="next"'} if len(rest) > 2 else {}
            return json.dumps({"tags": rest[:2]}).encode(), more

        def _answer(self, status: int, body: bytes, head: dict[str, str] | None = None) -> None:
            self.send_response(status)
            for key, value in (head or {}).items():
                self.send_header(key, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
