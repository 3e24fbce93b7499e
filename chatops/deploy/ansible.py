"""Playbooks, run: the only place that knows ansible-runner.

Each run has a private folder, which goes away with it: ansible-runner writes the variables, the
command and its whole environment to disk. What stays is a log with the secrets taken out.
"""

import contextlib
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import IO, Any, Final

from ansible_runner import AnsibleRunnerException, Runner, RunnerConfig

from chatops import assets, children
from chatops.deploy.steps import Event, EventKind, Failure, PlaybookError, RunResult, Watch, clean
from chatops.errors import InstallError, Interrupted
from chatops.secrets import Secret

__all__ = [
    "Event",
    "EventKind",
    "Failure",
    "PlaybookError",
    "RunResult",
    "Ssh",
    "host_variables",
    "run",
]

LOGS_KEPT: Final = 20

# Asked for by module, as the scripts beside sys.executable need not be on PATH.
_ANSIBLE: Final = (sys.executable, "-P", "-m", "ansible")

# What ansible-runner itself needs to hear of the run; of the person's environment Ansible sees what
# `children` lets through: any other may hold a secret, or a setting for some other playbook.
_RUNNERS_OWN: Final = frozenset(
    (
        *("ANSIBLE_CALLBACK_PLUGINS", "ANSIBLE_STDOUT_CALLBACK", "AWX_ISOLATED_DATA_DIR"),
        *("RUNNER_OMIT_EVENTS", "RUNNER_ONLY_FAILED_EVENTS"),
    )
)


@dataclass(frozen=True, kw_only=True)
class Ssh:
    """How hosts are reached: the options that every call of ssh gets, before any other's."""

    options: tuple[str, ...]


def run(
    playbook: str,
    *,
    inventory: Path | Sequence[Path],
    variables: Mapping[str, Any],
    on_event: Callable[[Event], None] = lambda event: None,
    logs: Path | None = None,
    roles: Path | None = None,
    ssh: Ssh | None = None,
    groups: Mapping[str, Sequence[str]] | None = None,
    secret_files: Mapping[str, Secret] | None = None,
    report: str = "",
    check: bool = False,
) -> RunResult:
    """Run a playbook: a file name in playbooks/, or an absolute path.

    No text in `variables` is ever a template. `groups` are more groups of the inventory's hosts.
    `secret_files` lie in the folder `chatops_secret_files` while it runs, and nowhere after it.
    `report` names the task whose output is wanted. With `check` nothing is changed, and the
    changes carry their differences. `on_event` is called between two reads of the output and
    must be quick. Raises PlaybookError or InstallError; Interrupted after Ctrl-C.
    """
    path = Path(playbook) if Path(playbook).is_absolute() else assets.playbook(playbook)
    roles = assets.folder("playbooks") / "roles" if roles is None else roles
    with _private_folder() as private, _event_log(logs, path.stem) as log:
        _write_variables(private, variables)
        _write_secret_files(private, secret_files or {})
        sources = [inventory] if isinstance(inventory, Path) else list(inventory)
        sources += [_write_groups(private, groups)] if groups else []
        config = _configure(private, path, sources, roles, ssh, check=check)
        watch = Watch(on_event, log, report)
        runner = Runner(config, event_handler=watch.see, cancel_callback=watch.is_cancelled)
        with _interrupts(watch.cancel):
            try:
                runner.run()
            except AnsibleRunnerException as error:
                raise InstallError(f"Ansible could not be run: {error}") from error
        log_path = Path(log.name) if log is not None else None
        if watch.trouble is not None:
            raise watch.trouble
        if watch.cancelled.is_set():
            raise Interrupted("interrupted: the playbook was stopped", hint="run again to go on")
        if runner.rc != 0:
            raise watch.error(path.name, runner.rc, log_path)
        return watch.result(log_path)


def host_variables(inventory: Path) -> Mapping[str, Mapping[str, Any]]:
    """Each host of an inventory with its variables, as Ansible reads them. Raises InstallError."""
    with _private_folder() as private:
        done = subprocess.run(
            [*_ANSIBLE, "inventory", "--list", "--inventory", str(inventory)],
            env=children.environment()
            | _environment(private, assets.folder("playbooks") / "roles", None),
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise InstallError(
            f"Ansible cannot read {inventory}:", lines=tuple(clean(done.stderr))[-6:]
        )
    found: Mapping[str, Mapping[str, Any]] = json.loads(done.stdout)["_meta"]["hostvars"]
    return found


def _configure(
    private: Path,
    playbook: Path,
    inventory: Sequence[Path],
    roles: Path,
    ssh: Ssh | None,
    *,
    check: bool,
) -> RunnerConfig:
    """The whole run: command, environment, where everything goes."""
    own = _environment(private, roles, ssh)
    config = RunnerConfig(
        private_data_dir=str(private),
        project_dir=str(private / "project"),
        playbook=str(playbook),
        inventory=[str(path.absolute()) for path in inventory],
        envvars=own | dict.fromkeys(("ANSIBLE_CALLBACK_PLUGINS", "AWX_LIB_DIRECTORY"), ""),
        fact_cache_type="memory",
        quiet=True,
    )
    config.prepare()
    config.command[0:1] = [*_ANSIBLE, "playbook"]
    if check:
        config.command += ["--check", "--diff"]
    config.env = {
        name: value
        for name, value in config.env.items()
        if name in children.PASSED_ON or name in _RUNNERS_OWN or name in own
    }
    config.suppress_output_file = True
    config.pexpect_timeout = 0.5
    return config


def _environment(private: Path, roles: Path, ssh: Ssh | None) -> dict[str, str]:
    """Ansible's settings: nothing from the person's files, nothing outside the private folder."""
    over_ssh = {}
    if ssh is not None:
        reused = ("-C", "-o", "ControlMaster=auto", "-o", "ControlPersist=120s")
        over_ssh = {
            "ANSIBLE_SSH_ARGS": shlex.join((*reused, *ssh.options)),
            "ANSIBLE_SSH_CONTROL_PATH_DIR": str(private / "ssh"),
            "ANSIBLE_FORKS": "20",
            "ANSIBLE_TIMEOUT": "20",
        }
    return over_ssh | {
        # It refuses to run in any locale that is not UTF-8.
        "LC_ALL": "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "PYTHONWARNINGS": "ignore",
        "ANSIBLE_CONFIG": str(private / "ansible.cfg"),
        "ANSIBLE_HOME": str(private / "home"),
        "ANSIBLE_LOCAL_TEMP": str(private / "scratch"),
        "ANSIBLE_COLLECTIONS_PATH": str(private / "collections"),
        "ANSIBLE_COLLECTIONS_SCAN_SYS_PATH": "False",
        "ANSIBLE_ROLES_PATH": str(roles),
        "ANSIBLE_RETRY_FILES_ENABLED": "False",
        "ANSIBLE_HOST_KEY_CHECKING": "True",
        "ANSIBLE_LOCALHOST_WARNING": "False",
        "ANSIBLE_PIPELINING": "True",
        "ANSIBLE_NOCOLOR": "True",
        "ANSIBLE_NOCOWS": "True",
    }


def _write_secret_files(private: Path, files: Mapping[str, Secret]) -> None:
    folder = private / "secret-files"
    folder.mkdir(mode=0o700)
    for name, content in files.items():
        handle = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(content.reveal())


def _write_groups(private: Path, groups: Mapping[str, Sequence[str]]) -> Path:
    path = private / "groups.json"
    tree: dict[str, Any] = {
        name: {"hosts": {host: {} for host in hosts}} for name, hosts in groups.items()
    }
    path.write_text(json.dumps(tree), encoding="utf-8")
    return path


def _write_variables(private: Path, variables: Mapping[str, Any]) -> None:
    folder = private / "env"
    folder.mkdir(mode=0o700)
    (private / "project").mkdir(mode=0o700)
    (private / "ansible.cfg").touch()
    ours = {
        "chatops_scratch": str(private / "scratch"),
        "chatops_secret_files": str(private / "secret-files"),
    }
    with os.fdopen(
        os.open(folder / "extravars", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w"
    ) as file:
        json.dump({name: _data(value) for name, value in variables.items()} | ours, file)


def _data(value: Any) -> Any:
    """A value that Ansible never looks into for templates: it would run what it finds."""
    if isinstance(value, str):
        return {"__ansible_unsafe": str(value)}
    if isinstance(value, Mapping):
        return {str(key): _data(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_data(item) for item in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    raise TypeError(f"a {type(value).__name__} is no variable for Ansible")


@contextlib.contextmanager
def _private_folder() -> Iterator[Path]:
    # In memory where the system offers it: the variables may hold secrets.
    memory = Path("/dev/shm")
    base = str(memory) if memory.is_dir() and os.access(memory, os.W_OK | os.X_OK) else None
    path = Path(tempfile.mkdtemp(prefix="chatops-", dir=base))
    try:
        yield path
    finally:
        _hang_up(path / "ssh")
        # What was killed may still write its last words.
        for _ in range(5):
            shutil.rmtree(path, ignore_errors=True)
            if not path.exists():
                break
            time.sleep(0.1)


def _hang_up(sockets: Path) -> None:
    """End the connections that ssh keeps for the next task: there is none."""
    for socket in sockets.glob("*") if sockets.is_dir() else ():
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            subprocess.run(
                ["ssh", "-o", f"ControlPath={socket}", "-O", "exit", "host"],
                env=children.environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=10,
                check=False,
            )


@contextlib.contextmanager
def _event_log(logs: Path | None, name: str) -> Iterator[IO[str] | None]:
    if logs is None:
        yield None
        return
    logs.mkdir(mode=0o700, parents=True, exist_ok=True)
    now = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    path = logs / f"{now}-{name}.jsonl"
    path.touch(mode=0o600, exist_ok=False)
    with path.open("a", encoding="utf-8") as file:
        yield file
    for old in sorted(logs.glob("*.jsonl"))[:-LOGS_KEPT]:
        old.unlink(missing_ok=True)


@contextlib.contextmanager
def _interrupts(cancel: Callable[[], None]) -> Iterator[None]:
    """Ctrl-C ends the playbook, not us, while this lasts."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        cancel()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
