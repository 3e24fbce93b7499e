"""The base image: a freshly rented Debian machine, as debootstrap makes it."""

import hashlib
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.e2e.lab.shell import CommandError, docker, run

__all__ = ["BOOKWORM", "TRIXIE", "Distribution", "base_image"]

CACHE: Final = Path.home() / ".cache" / "chatops-e2e"
MIRROR: Final = "http://deb.debian.org/debian"
SECURITY: Final = "http://security.debian.org/debian-security"
PACKAGES: Final = (
    *("systemd", "systemd-sysv", "dbus", "python3", "openssh-server", "iproute2"),
    *("ca-certificates", "procps"),
)


@dataclass(frozen=True)
class Distribution:
    """A release of Debian, by its code name."""

    name: str

    @property
    def sources(self) -> str:
        """Its apt sources, as an installer writes them."""
        return (
            f"deb {MIRROR} {self.name} main\n"
            f"deb {MIRROR} {self.name}-updates main\n"
            f"deb {SECURITY} {self.name}-security main\n"
        )

    @property
    def key(self) -> str:
        """Changes with everything that the image is made from."""
        made_from = "\0".join((self.name, self.sources, *PACKAGES, *_FINISH))
        return hashlib.sha256(made_from.encode()).hexdigest()[:12]


TRIXIE: Final = Distribution("trixie")
BOOKWORM: Final = Distribution("bookworm")

# What debootstrap leaves that no two machines may share, and what nobody needs.
_FINISH: Final = (
    "rm -f etc/ssh/ssh_host_* etc/hostname var/lib/dbus/machine-id etc/machine-id",
    "rm -rf var/cache/apt/archives/*.deb var/lib/apt/lists/*",
    "touch etc/machine-id",
    "mkdir -m 0700 -p root/.ssh",
)


def base_image(distribution: Distribution) -> str:
    """The name of the image, made at need: a minute, then kept as a tar file in the cache."""
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
                *("debootstrap", "--variant=minbase", f"--include={','.join(PACKAGES)}"),
                *(distribution.name, str(root), MIRROR),
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
