"""The sandbox of a company, put in place by a playbook on this machine, and its first admin."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from chatops import assets
from chatops.deploy import ansible
from chatops.deploy.handover import make_home, write_private
from chatops.errors import InstallError
from chatops.platforms.base import Credential
from chatops.sandbox import process
from chatops.secrets import Secret

__all__ = [
    "ADMIN",
    "Installed",
    "control",
    "credentials",
    "install",
    "keep_admin",
    "read_admin",
    "variables",
]

ADMIN: Final = "admin.json"


@dataclass(frozen=True, kw_only=True)
class Installed:
    """A server that runs now, and how many tasks changed something for it."""

    url: str
    changed: int


def install(
    platform: str,
    *,
    state: Path,
    build: Path,
    on_event: Callable[[ansible.Event], None] = lambda event: None,
    check: bool = False,
) -> Installed:
    """Run the playbook for the sandbox of a platform, with the files in `build`.

    `state` is .chatops/sandbox/PLATFORM; the log goes to .chatops/logs. Raises InstallError.
    """
    state, build = state.absolute(), build.absolute()
    home = state.parents[1]
    make_home(home)
    result = ansible.run(
        "site.yml",
        inventory=assets.folder("inventories") / "sandbox" / "hosts.yml",
        variables=variables(platform, state, build),
        on_event=on_event,
        logs=home / "logs",
        check=check,
    )
    return Installed(url=control("status", platform, state).url, changed=result.changed)


def variables(platform: str, state: Path, build: Path) -> dict[str, str]:
    """What the playbook is told. Raises InstallError where nothing was rendered."""
    return _read_json(build / "vars.json") | {
        "sandbox_product": platform,
        "sandbox_state_folder": str(state),
        "sandbox_settings_file": str(build / "sandbox.json"),
    }


def control(verb: str, product: str, state: Path, *, port: int = 0) -> process.Status:
    """Start, stop, status or reset, by name. Raises InstallError."""
    try:
        if verb == "start":
            make_home(state.absolute().parents[1])
            return process.start(product, state.absolute(), port=port)
        verbs = {"stop": process.stop, "status": process.status, "reset": process.reset}
        return verbs[verb](product, state.absolute())
    except process.ProcessError as error:
        raise InstallError(str(error), hint=error.hint) from error


def keep_admin(folder: Path, admin: Credential) -> None:
    """Write down the first admin of a server of ours: before there is an account."""
    if not admin.username or admin.password is None:
        raise ValueError("a first admin has a name and a password")
    make_home(next((p for p in folder.parents if p.name == ".chatops"), folder))
    fields = {"username": admin.username, "password": admin.password.reveal()}
    write_private(folder / ADMIN, json.dumps(fields, indent=2) + "\n")


def read_admin(folder: Path) -> Credential | None:
    """The first admin that was written down here; None if none was. Raises InstallError."""
    path = folder / ADMIN
    if not path.exists():
        return None
    found = _read_json(path)
    try:
        return Credential(username=found["username"], password=Secret(found["password"]))
    except (KeyError, TypeError) as error:
        raise InstallError(
            f"{path} does not hold a username and a password",
            hint="move it away; if the password is lost, `chatops sandbox reset` begins anew",
        ) from error


def credentials(folder: Path) -> Credential:
    """The first admin, who must be there. Raises InstallError."""
    admin = read_admin(folder)
    if admin is None:
        raise InstallError(f"no {folder / ADMIN}", hint="`chatops deploy` makes the first admin")
    return admin


def _read_json(path: Path) -> dict[str, str]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InstallError(f"cannot read {path}: {error}") from error
    return found if isinstance(found, dict) else {}
