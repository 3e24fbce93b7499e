"""The sandbox of a company, put in place by a playbook on this machine."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from chatops import assets
from chatops.deploy import ansible
from chatops.errors import InstallError
from chatops.private import make_home
from chatops.sandbox import process

__all__ = [
    "Installed",
    "control",
    "install",
    "variables",
]


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
        head, *lines = str(error).split("\n")
        raise InstallError(head, hint=error.hint, lines=lines) from error


def _read_json(path: Path) -> dict[str, str]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InstallError(f"cannot read {path}: {error}") from error
    return found if isinstance(found, dict) else {}
