"""Machines on a network of their own, with fixed addresses, and their teardown."""

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.e2e.lab.rootfs import TRIXIE, Distribution, machine_image
from tests.e2e.lab.shell import CommandError, docker, run

__all__ = ["GATEWAY", "Lab", "Machine", "lab"]

KEEP: Final = bool(os.environ.get("CHATOPS_E2E_KEEP"))
"""Leave the machines as the last test left them; the next run clears them away."""
LABEL: Final = "chatops.e2e"
NETWORK: Final = "chatops-e2e"
SUBNET: Final = "10.231.0.0/24"
GATEWAY: Final = "10.231.0.1"
"""The machine outside, as the machines inside see it."""

# Docker refuses --privileged where a capability is lacking; this is what systemd and an engine
# inside want.
_SYSTEMD: Final = (
    *(f"--cap-add={c}" for c in ("SYS_ADMIN", "NET_ADMIN", "SYS_PTRACE", "SYS_NICE", "SYSLOG")),
    "--cap-add=MKNOD",
    *(f"--security-opt={o}=unconfined" for o in ("seccomp", "apparmor", "systempaths")),
    *("--cgroupns=host", "--volume=/sys/fs/cgroup:/sys/fs/cgroup:rw"),
    *("--tmpfs=/run", "--tmpfs=/run/lock", "--env=container=docker"),
)


@dataclass(frozen=True)
class Machine:
    """A blank machine that runs."""

    hostname: str
    address: str

    @property
    def name(self) -> str:
        """Its name as a container outside."""
        return f"{NETWORK}-{self.hostname}"

    def sh(self, script: str, *, seconds: float = 300) -> str:
        """The output of a shell script on it: not by SSH, so that SSH is left to the product."""
        return docker("exec", self.name, "sh", "-ec", script, seconds=seconds)

    def put(self, path: str, text: str) -> None:
        """Write a file on it."""
        docker("exec", "-i", self.name, "sh", "-c", f"cat > {path}", stdin=text)

    @property
    def host_key(self) -> str:
        """Its SSH host key, read where nobody can be in between."""
        words = self.sh("cat /etc/ssh/ssh_host_ed25519_key.pub").split()
        return f"{words[0]} {words[1]}"


class Lab:
    """The network, the machines on it, and the key that opens them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.key = folder / "id_ed25519"
        run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "e2e", "-f", str(self.key)])

    def machine(self, name: str, last: int, distribution: Distribution = TRIXIE) -> Machine:
        """A new blank machine at 10.231.0.LAST, with SSH open for our key."""
        machine = Machine(name, f"{GATEWAY.rpartition('.')[0]}.{last}")
        docker(
            *("run", "--detach", f"--name={machine.name}", f"--hostname={name}"),
            *(f"--label={LABEL}", f"--network={NETWORK}", f"--ip={machine.address}"),
            *_SYSTEMD,
            f"--volume={machine.name}:/var/lib/docker",
            *(machine_image(distribution), "/sbin/init"),
        )
        machine.put("~root/.ssh/authorized_keys", self.key.with_suffix(".pub").read_text())
        _until_booted(machine)
        # What a hoster does at the first start; before it, SSH may have failed for want of keys.
        machine.sh("ssh-keygen -q -A && chmod 0600 ~root/.ssh/authorized_keys")
        machine.sh("systemctl reset-failed ssh; systemctl restart ssh")
        state = machine.sh("systemctl is-system-running || true")
        if state != "running":
            units = machine.sh("systemctl --failed --no-legend || true")
            raise CommandError(f"{machine.name} is {state}: {units}")
        return machine

    def remove(self, machine: Machine) -> None:
        """Take a machine away, and all it held; unless somebody wants to look at it."""
        if KEEP:
            return
        docker("rm", "--force", "--volumes", machine.name)
        docker("volume", "rm", "--force", machine.name)


@contextlib.contextmanager
def lab(folder: Path) -> Iterator[Lab]:
    """A lab that is gone when this ends. One at a time on a machine."""
    with _alone():
        _clear()
        docker(
            *("network", "create", "--driver=bridge", f"--subnet={SUBNET}", f"--gateway={GATEWAY}"),
            *(f"--label={LABEL}", f"--opt=com.docker.network.driver.mtu={_mtu()}", NETWORK),
        )
        try:
            yield Lab(folder)
        finally:
            if not KEEP:
                _clear()


def _until_booted(machine: Machine) -> None:
    state = ""
    for _ in range(200):
        # It exits non-zero for every state but `running`.
        with contextlib.suppress(CommandError):
            state = machine.sh("systemctl is-system-running || true")
        if state in ("running", "degraded"):
            return
        time.sleep(0.1)
    raise CommandError(f"{machine.name} is {state or 'not there'}")


def _mtu() -> int:
    """The packet size of the way out: a bridge with a larger one would lose packets."""
    words = run(["ip", "route", "show", "default"]).split()
    if "dev" not in words:
        return 1500
    return int(Path(f"/sys/class/net/{words[words.index('dev') + 1]}/mtu").read_text())


def _clear() -> None:
    """Remove what we, or a run that was killed, left."""
    own = f"--filter=label={LABEL}"
    names = docker("ps", "--all", "--quiet", own).split()
    if names:
        docker("rm", "--force", "--volumes", *names)
    volumes = docker("volume", "ls", "--quiet", f"--filter=name=^{NETWORK}-").split()
    if volumes:
        docker("volume", "rm", "--force", *volumes)
    networks = docker("network", "ls", "--quiet", own).split()
    if networks:
        docker("network", "rm", *networks)


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    with Path("/run/chatops-e2e.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CommandError("another run of these tests is under way here") from error
        yield
