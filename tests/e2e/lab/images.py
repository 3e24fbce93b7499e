"""Images for the machines: built on the spot, or given as tar files, and a registry for them."""

import contextlib
import hashlib
import importlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.e2e.lab.machines import GATEWAY
from tests.e2e.lab.rootfs import TRIXIE, bare_image, build
from tests.e2e.lab.shell import CommandError, docker, run

__all__ = ["FOLDERS", "Registry", "image", "kind", "registry"]

HERE: Final = Path(__file__).parent.parent / "images"
PORT: Final = 5000
FOLDERS: Final[Mapping[str, str]] = {
    "caddy": "debian-caddy",
    "coturn": "debian-coturn",
    "jitsi-jicofo": "stand-in-jicofo",
    "jitsi-jvb": "stand-in-jvb",
    "jitsi-prosody": "debian-prosody",
    "jitsi-web": "stand-in-jitsi-web",
    "mattermost-team": "stand-in-mattermost",
    "mongodb": "stand-in-mongodb",
    "postgres": "debian-postgres",
    "rocketchat": "stand-in-rocketchat",
}
"""What stands for an image of the lock file, unless a real one is given."""
# The stand-ins of the chats run our sandbox; what it needs is not in Debian in a fitting version.
_PYTHON: Final = (
    *("anyio", "click", "h11", "idna", "python_multipart", "starlette", "uvicorn", "wsproto"),
)
_PYTHON_FILES: Final = ("typing_extensions",)


def kind(key: str) -> str:
    """What an image is, for the output of a test: real, debian-built or stand-in."""
    if _given(key) is not None:
        return "real"
    return "stand-in" if FOLDERS[key].startswith("stand-in") else "debian-built"


def image(key: str) -> str:
    """The name of a local image that stands for one of the lock file; built at need."""
    given = _given(key)
    if given is not None:
        # "Loaded image: NAME" or "Loaded image ID: sha256:…"
        return docker("load", "--quiet", "--input", str(given)).rpartition(": ")[2]
    with tempfile.TemporaryDirectory(prefix="chatops-e2e-image-") as folder:
        context = Path(folder) / "context"
        shutil.copytree(HERE / FOLDERS[key], context)
        if FOLDERS[key] in ("stand-in-mattermost", "stand-in-rocketchat"):
            _put_python(context / "python")
        if key == "jitsi-prosody" and (plugins := os.environ.get("CHATOPS_PROSODY_PLUGINS")):
            shutil.copytree(plugins, context / "plugins", dirs_exist_ok=True)
        name = f"chatops-e2e-{FOLDERS[key]}:{_fingerprint(context)}"
        return build(name, context, f"BASE={bare_image(TRIXIE)}")


def _given(key: str) -> Path | None:
    folder = os.environ.get("CHATOPS_E2E_IMAGES")
    path = Path(folder) / f"{key}.tar" if folder else None
    return path if path is not None and path.exists() else None


def _put_python(folder: Path) -> None:
    """Our sandbox, and the pure Python packages that it stands on."""
    package = Path(__file__).parents[3] / "chatops"
    skip = shutil.ignore_patterns("__pycache__")
    shutil.copytree(package / "sandbox", folder / "chatops" / "sandbox", ignore=skip)
    shutil.copy(package / "__init__.py", folder / "chatops")
    for name in _PYTHON:
        there = Path(str(importlib.import_module(name).__file__)).parent
        shutil.copytree(there, folder / name, ignore=skip)
    shutil.copy(HERE / "shared" / "standing_in.py", folder)
    for name in _PYTHON_FILES:
        shutil.copy(str(importlib.import_module(name).__file__), folder)


def _fingerprint(folder: Path) -> str:
    digest = hashlib.sha256(TRIXIE.key.encode())
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        digest.update(f"{path.relative_to(folder)}\0{path.stat().st_mode}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


@dataclass(frozen=True)
class Registry:
    """A registry outside the machines: the only place they can pull from."""

    address: str
    ca_file: Path

    def push(self, key: str, path: str, tag: str) -> str:
        """Put an image there as PATH:TAG; its digest."""
        name = f"127.0.0.1:{PORT}/{path}:{tag}"
        docker("tag", image(key), name)
        try:
            said = docker("push", name)
        finally:
            docker("rmi", "--no-prune", name)
        return said.rpartition("digest: ")[2].split()[0]


@contextlib.contextmanager
def registry(folder: Path) -> Iterator[Registry]:
    """Debian's docker-registry on the machines' network, with a certificate of its own CA."""
    ca = _certificates(folder)
    config = folder / "registry.yml"
    config.write_text(
        "version: 0.1\nlog: {level: warn}\n"
        f"storage: {{filesystem: {{rootdirectory: {folder}/registry}}}}\n"
        f"http: {{addr: '0.0.0.0:{PORT}', "
        f"tls: {{certificate: {folder}/registry.pem, key: {folder}/registry.key}}}}\n"
    )
    # The engine outside pushes through loopback, where it asks for no certificate.
    with (folder / "registry.log").open("w") as log:
        process = subprocess.Popen(
            ["docker-registry", "serve", str(config)],
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        until = time.monotonic() + 20
        while not _listens():
            if process.poll() is not None or time.monotonic() > until:
                raise CommandError((folder / "registry.log").read_text()[-2000:])
            time.sleep(0.1)
        yield Registry(f"{GATEWAY}:{PORT}", ca)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def _listens() -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", PORT), timeout=1):
        return True
    return False


def _certificates(folder: Path) -> Path:
    ca, key, own = folder / "ca.pem", folder / "ca.key", folder / "registry"
    new = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]

    common = ["-nodes", "-days", "7"]
    run([*new, *common, "-subj", "/CN=e2e CA", "-keyout", str(key), "-out", str(ca)])
    run(
        [
            *(*new, *common, "-subj", "/CN=e2e registry", "-CA", str(ca), "-CAkey", str(key)),
            *("-addext", f"subjectAltName=IP:{GATEWAY},IP:127.0.0.1"),
            *("-addext", "basicConstraints=critical,CA:FALSE"),
            *("-keyout", str(own.with_suffix(".key")), "-out", str(own.with_suffix(".pem"))),
        ]
    )
    return ca
