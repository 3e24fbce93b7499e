"""Images made from nothing but Debian: the bare system, and a freshly rented machine on it."""

import contextlib
import hashlib
import os
import re
import shutil
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from tests.e2e.lab.shell import CommandError, docker, run

__all__ = ["BOOKWORM", "TRIXIE", "Distribution", "bare_image", "build", "machine_image"]

CACHE: Final = Path.home() / ".cache" / "chatops-e2e"
_MACHINE: Final = (
    *("systemd", "systemd-sysv", "dbus", "python3", "openssh-server", "iproute2"),
    *("procps", "util-linux"),
)


@cache
def _mirror(ending: str) -> str:
    """Where this machine's own apt gets Debian (`/debian`), or its security updates, from."""
    folder = Path("/etc/apt")
    for path in (folder / "sources.list", *sorted((folder / "sources.list.d").glob("*"))):
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        for line in text.splitlines():
            found = re.search(rf"\bhttps?://\S+{ending}/?(?=\s|$)", line)
            if found and not line.lstrip().startswith("#"):
                return found[0].rstrip("/")
    raise CommandError(f"no mirror of Debian that ends in {ending} in the sources of apt")


@dataclass(frozen=True)
class Distribution:
    """A release of Debian, by its code name."""

    name: str

    @property
    def sources(self) -> str:
        """Its apt sources, as an installer writes them."""
        return (
            f"deb {_mirror('/debian')} {self.name} main\n"
            f"deb {_mirror('/debian')} {self.name}-updates main\n"
            f"deb {_mirror('/debian-security')} {self.name}-security main\n"
        )

    @property
    def key(self) -> str:
        """Changes with everything that the image is made from."""
        made_from = "\0".join((self.name, self.sources, *_FINISH))
        return _digest(made_from)


TRIXIE: Final = Distribution("trixie")
BOOKWORM: Final = Distribution("bookworm")

_FINISH: Final = ("rm -rf etc/hostname var/cache/apt/archives/*.deb var/lib/apt/lists/*",)
# With what no two machines may share taken away again.
_RENTED: Final = f"""
FROM %s
RUN apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \\
      --no-install-recommends {" ".join(_MACHINE)} \\
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /etc/ssh/ssh_host_* /var/lib/dbus/machine-id \\
 && truncate --size=0 /etc/machine-id && mkdir -m 0700 -p ~root/.ssh
"""


def machine_image(distribution: Distribution) -> str:
    """The name of the image of a freshly rented machine."""
    text = _RENTED % bare_image(distribution)
    name = f"chatops-e2e-{distribution.name}-machine:{_digest(text)}"
    with tempfile.TemporaryDirectory(prefix="chatops-e2e-image-") as folder:
        (Path(folder) / "Dockerfile").write_text(text)
        return build(name, Path(folder))


def build(name: str, context: Path, *arguments: str) -> str:
    """Build an image unless one of this name is there; the name."""
    with contextlib.suppress(CommandError):
        docker("image", "inspect", name)
        return name
    options = [f"--build-arg={argument}" for argument in arguments]
    run(
        ["docker", "build", "--quiet", "--network=host", *options, f"--tag={name}", str(context)],
        env=os.environ | {"DOCKER_BUILDKIT": "0"},
    )
    return name


def bare_image(distribution: Distribution) -> str:
    """The name of the image of the bare system: a minute, then kept as a tar file in the cache."""
    name = f"chatops-e2e-{distribution.name}:{distribution.key}"
    try:
        docker("image", "inspect", name)
    except CommandError:
        docker("import", str(_tar(distribution)), name)
    return name


def _tar(distribution: Distribution) -> Path:
    CACHE.mkdir(parents=True, exist_ok=True)
    kept = CACHE / f"debian-{distribution.name}-{distribution.key}.tar"
    if kept.exists():
        return kept
    # Not below CACHE: a file system mounted without devices cannot hold /dev.
    root = Path(tempfile.mkdtemp(prefix="chatops-e2e-rootfs-", dir="/var/tmp"))
    try:
        run(
            [
                *("debootstrap", "--variant=minbase", "--include=ca-certificates"),
                *(distribution.name, str(root), _mirror("/debian")),
            ]
        )
        (root / "etc/apt/sources.list").write_text(distribution.sources)
        for command in _FINISH:
            run(["sh", "-ec", command], cwd=root)
        part = kept.with_suffix(".part")
        run(["tar", "-C", str(root), "-cf", str(part), "."])
        part.replace(kept)
    finally:
        shutil.rmtree(root, ignore_errors=True)
    for old in CACHE.glob(f"debian-{distribution.name}-*.tar"):
        if old != kept:
            old.unlink()
    return kept


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
