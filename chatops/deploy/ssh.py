"""The way to a host: SSH with the host's key checked, a tunnel to its loopback, a lock on it.

What the inventory says of a host (address, port, user, key) holds for Ansible and for us alike.
"""

import getpass
import os
import select
import shlex
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from chatops import children
from chatops.deploy import ansible
from chatops.deploy.steps import Failure, PlaybookError, clean
from chatops.errors import InstallError, RefusedError, UsageError

__all__ = ["KNOWN_HOSTS", "Door", "ask", "doors", "host_lock", "key_advice", "options", "tunnel"]

KNOWN_HOSTS: Final = "known_hosts"
"""The file of an environment's host keys, beside its hosts.yml."""
LOCK: Final = "/run/chatops.lock"
PATIENCE_SECONDS: Final = 30.0
SSH_FAILED: Final = 255
"""The exit code with which ssh says that it did not get there."""


@dataclass(frozen=True, kw_only=True)
class Door:
    """How one host is reached. `local`: it is this machine, and no SSH is needed."""

    host: str
    address: str
    port: int = 22
    user: str = ""
    key: str = ""
    more: tuple[str, ...] = ()
    become: bool = False
    local: bool = False
    known_hosts: Path

    def command(self, *words: str, before: tuple[str, ...] = ()) -> list[str]:
        """The argument list that runs these words there, as root where the inventory says so."""
        inner = (("sudo", "--non-interactive", "--"), ())[not self.become] + words
        if self.local:
            return list(inner)
        said = shlex.join(inner)
        return ["ssh", *self._words(), *before, self.address, *((said,) if words else ())]

    def _words(self) -> tuple[str, ...]:
        words = [*options(self.known_hosts), "-o", "BatchMode=yes"]
        words += ["-o", f"ConnectTimeout={PATIENCE_SECONDS:g}", "-p", str(self.port)]
        words += ["-l", self.user] if self.user else []
        words += ["-i", self.key] if self.key else []
        return (*words, *self.more)


def options(known_hosts: Path) -> tuple[str, ...]:
    """The options of ssh that come before any of the inventory's: the first one counts."""
    files = " ".join(f'"{path}"' for path in (known_hosts.absolute(), "~/.ssh/known_hosts"))
    return ("-o", "StrictHostKeyChecking=yes", "-o", f"UserKnownHostsFile={files}")


def doors(inventory: Path) -> Mapping[str, Door]:
    """Each host of an inventory. Raises InstallError, and UsageError for what cannot be used."""
    known = inventory.parent / KNOWN_HOSTS
    return {
        host: _door(host, variables, known, inventory)
        for host, variables in ansible.host_variables(inventory).items()
    }


def _door(host: str, variables: Mapping[str, Any], known: Path, inventory: Path) -> Door:
    def text(*names: str) -> str:
        value = next((variables[n] for n in names if variables.get(n) not in (None, "")), "")
        if "{{" in str(value) or "{%" in str(value):
            raise UsageError(
                f"{inventory}: {names[0]} of {host} is a template",
                hint="write the value itself: chatops, too, goes there by SSH",
            )
        return str(value)

    for secret in ("ansible_password", "ansible_ssh_pass", "ansible_become_password"):
        if variables.get(secret):
            raise UsageError(
                f"{inventory}: {host} has {secret}: passwords for SSH and sudo are not taken",
                hint="use a key, and sudo without a password for that account",
            )
    more = [
        word for n in ("common", "extra") for word in shlex.split(text(f"ansible_ssh_{n}_args"))
    ]
    key = text("ansible_ssh_private_key_file", "ansible_private_key_file")
    return Door(
        host=host,
        address=text("ansible_host", "ansible_ssh_host") or host,
        port=int(text("ansible_port", "ansible_ssh_port") or 22),
        user=text("ansible_user", "ansible_ssh_user"),
        key=str(Path(key).expanduser()) if key else "",
        more=tuple(more),
        become=text("ansible_become").lower() in ("true", "yes", "1"),
        local=text("ansible_connection") == "local",
        known_hosts=known,
    )


def key_advice(error: PlaybookError, all_doors: Mapping[str, Door]) -> InstallError:
    """The same error; where SSH refused a host, with what a person does about it."""
    for failure in error.failures:
        door = all_doors.get(failure.host)
        if door is not None and (advice := _advice(failure.lines, door)):
            others = [f for f in error.failures if f is not failure and _is_about_keys(f)]
            more = f" (and {len(others)} more: {', '.join(f.host for f in others)})"
            return InstallError(advice[0] + (more if others else ""), hint=advice[1])
    return error


def _is_about_keys(failure: Failure) -> bool:
    return "host key" in " ".join(failure.lines).lower()


def _advice(lines: tuple[str, ...], door: Door) -> tuple[str, str] | None:
    """What went wrong on the way in, and what to do; None if it was something else."""
    said = " ".join(lines)
    where = f"{door.host} ({door.address}, port {door.port})"
    scan = f"ssh-keyscan -t ed25519 -p {door.port} {door.address}"
    if "REMOTE HOST IDENTIFICATION HAS CHANGED" in said:
        name = door.address if door.port == 22 else f"[{door.address}]:{door.port}"
        return (
            f"{where} shows another SSH host key than the one on record: another machine answers, "
            "or it was set up anew",
            "if you know why, take the old key away with "
            f"`ssh-keygen -R '{name}' -f {door.known_hosts}` and record the new one",
        )
    if "Host key verification failed" in said or "host key is known" in said:
        return (
            f"the SSH host key of {where} is not known, so it could be any machine",
            f"see its fingerprint with `{scan} | ssh-keygen -lf -`, compare it with what the "
            "provider's console or the machine itself shows "
            "(`ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub`); if they are the same: "
            f"`{scan} >> {door.known_hosts}`",
        )
    if "Permission denied" in said:
        who = door.user or getpass.getuser()
        return (
            f"{where} does not let {who} in",
            "put the public key of this account into its ~/.ssh/authorized_keys, or name user and "
            "key in hosts.yml: ansible_user, ansible_ssh_private_key_file",
        )
    return None


@contextmanager
def tunnel(door: Door, port: int) -> Iterator[int]:
    """A port of ours that leads to a port of the host's loopback. Raises InstallError."""
    if door.local:
        yield port
        return
    ours = _free_port()
    forward: tuple[str, ...] = (
        "-N",
        "-o",
        "ExitOnForwardFailure=yes",
        "-o",
        "ServerAliveInterval=15",
    )
    forward += ("-o", "ControlPath=none", "-L", f"127.0.0.1:{ours}:127.0.0.1:{port}")
    process = subprocess.Popen(
        door.command(before=forward),
        env=children.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        until = time.monotonic() + PATIENCE_SECONDS
        while not _listens(ours):
            if process.poll() is not None or time.monotonic() > until:
                raise _refused(door, process, f"no tunnel to port {port} of")
            time.sleep(0.05)
        yield ours
    finally:
        _end(process)


@contextmanager
def host_lock(door: Door) -> Iterator[None]:
    """Hold the lock of a host: one run at a time, from whichever machine. Raises RefusedError.

    The connection holds it: when this process ends, however it ends, the host lets go.
    """
    who = f"{getpass.getuser()} on {socket.gethostname()}, process {os.getpid()}"
    # `who` is an argument, never a part of the script.
    script = (
        f"umask 077; exec 9>>{LOCK} && if flock --nonblock 9; "
        f"then printf '%s\\n' \"$1\" > {LOCK}.who; echo held; exec cat > /dev/null; "
        f'else printf "busy "; cat {LOCK}.who; fi'
    )
    process = subprocess.Popen(
        door.command("sh", "-c", script, "sh", who, before=("-o", "ControlPath=none")),
        env=children.environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        answer = _first_line(process)
        if answer.startswith("busy"):
            raise RefusedError(
                f"another run is at work on {door.host} ({' '.join(clean(answer[4:].strip()))})",
                hint="wait for it to end, then run again",
            )
        if answer != "held":
            raise _refused(door, process, "no lock on")
        yield
    finally:
        _end(process)


def _first_line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], PATIENCE_SECONDS)
    return process.stdout.readline().strip() if ready else ""


def _refused(door: Door, process: "subprocess.Popen[str]", what: str) -> InstallError:
    _end(process)
    said = tuple(clean(process.stderr.read())) if process.stderr is not None else ()
    advice = _advice(said, door)
    if advice is not None:
        return InstallError(advice[0], hint=advice[1])
    return InstallError(f"{what} {door.host} ({door.address}):", lines=said[-4:] or ("no answer",))


def _end(process: "subprocess.Popen[str]") -> None:
    if process.stdin is not None:
        with suppress(OSError):
            process.stdin.close()
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def ask(door: Door, *words: str, seconds: float = 60.0) -> tuple[int, str]:
    """Run something on a host that only looks; its code and what it said. Raises InstallError.

    A host that cannot be reached is an error; a command that fails there is an answer.
    """
    try:
        done = subprocess.run(
            door.command(*words),
            env=children.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise InstallError(f"no answer from {door.host} within {seconds:g} seconds") from error
    if done.returncode == SSH_FAILED and not door.local:
        said = tuple(clean(done.stderr))
        advice = _advice(said, door)
        if advice is not None:
            raise InstallError(advice[0], hint=advice[1])
        raise InstallError(
            f"{door.host} ({door.address}) cannot be reached by SSH: {' '.join(said[-2:])}"
        )
    return done.returncode, done.stdout
