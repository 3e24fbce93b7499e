"""A stand-in for Docker's own apt repository, on the machines' network."""

import contextlib
from collections.abc import Iterator
from typing import Final

from tests.e2e.lab.images import HERE
from tests.e2e.lab.machines import GATEWAY, LABEL, NETWORK
from tests.e2e.lab.rootfs import BOOKWORM, TRIXIE, bare_image, build
from tests.e2e.lab.shell import docker, run

__all__ = ["docker_repository"]

_FOLDER: Final = HERE / "stand-in-docker-repository"
_ADDRESS: Final = f"{GATEWAY.rpartition('.')[0]}.9"
_NAME: Final = f"{NETWORK}-docker-repository"


@contextlib.contextmanager
def docker_repository() -> Iterator[str]:
    """Its address up to the distribution's name: Debian's engine under Docker's names."""
    made = run(["sh", "-c", "cat * | sha256sum | cut -c 1-12"], cwd=_FOLDER).strip()
    name = f"chatops-e2e-stand-in-docker-repository:{made}-{BOOKWORM.key}"
    bases = (f"BASE={bare_image(BOOKWORM)}", f"NEWER={bare_image(TRIXIE)}")
    image = build(name, _FOLDER, *bases)
    docker(
        *("run", "--detach", f"--name={_NAME}", f"--label={LABEL}"),
        *(f"--network={NETWORK}", f"--ip={_ADDRESS}", image),
    )
    try:
        yield f"http://{_ADDRESS}/linux"
    finally:
        docker("rm", "--force", _NAME)
