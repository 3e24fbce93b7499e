import json
import re
import signal
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from chatops import assets
from chatops.deploy import ansible
from chatops.deploy.ansible import Event, EventKind, PlaybookError, RunResult
from chatops.errors import InstallError, Interrupted
from chatops.sandbox.liveness import born, wait
from chatops.secrets import Secret

INVENTORY = assets.folder("inventories") / "sandbox" / "hosts.yml"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    return folder


def playbook(folder: Path, tasks: str, head: str = "") -> str:
    """A playbook of these tasks; its path."""
    path = folder / "try.yml"
    path.write_text(
        f"- name: Try\n  hosts: sandbox\n  gather_facts: false\n{head}  tasks:\n{tasks}"
    )
    return str(path)


def run(path: str, events: list[Event] | None = None, **variables: Any) -> RunResult:
    listen = (lambda event: None) if events is None else events.append
    return ansible.run(path, inventory=INVENTORY, variables=variables, on_event=listen)


WRITE = """
  - name: Write what was given
    ansible.builtin.copy:
      content: "{{ given | to_json }}"
      dest: "{{ where }}/given.json"
      mode: "0600"
"""


def test_text_from_the_company_file_is_never_a_template(tmp_path: Path) -> None:
    bomb = tmp_path / "it-ran"
    text = "{{ lookup('ansible.builtin.pipe', 'touch " + str(bomb) + "') }}"
    given = {"name": text, "list": [text, {"deep": f"{{% if 1 %}}{text}"}], "number": 7, "no": None}
    run(playbook(tmp_path, WRITE), given=given, where=str(tmp_path))
    assert json.loads((tmp_path / "given.json").read_text()) == given
    assert not bomb.exists()


def test_steps_are_told_as_they_happen_and_nothing_is_printed(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], home: Path
) -> None:
    path = playbook(tmp_path, WRITE)
    events: list[Event] = []
    result = run(path, events, given="x", where=str(tmp_path))
    assert (result.ok, result.changed) == (1, 1)
    task = "Write what was given"
    assert events == [
        Event(kind=EventKind.PLAY, name="Try"),
        Event(kind=EventKind.TASK, name=task),
        Event(kind=EventKind.CHANGED, name=task, host="localhost"),
    ]
    assert run(path, given="x", where=str(tmp_path)).changed == 0
    assert capfd.readouterr() == ("", "")
    assert list(home.iterdir()) == [], "nothing of Ansible's in the home folder"


def test_check_mode_changes_nothing(tmp_path: Path) -> None:
    path = playbook(tmp_path, WRITE)
    result = ansible.run(
        path,
        inventory=INVENTORY,
        variables={"given": "x", "where": str(tmp_path)},
        check=True,
    )
    assert result.changed == 1
    assert not (tmp_path / "given.json").exists()


def test_a_failure_names_task_host_and_the_last_lines(tmp_path: Path) -> None:
    words = "import sys; print('said first'); sys.exit('\\x1b[31mdisk is full')"
    tasks = f"""
  - name: Do the work
    ansible.builtin.command:
      argv: ["{{{{ ansible_playbook_python }}}}", "-c", "{words}"]
"""
    with pytest.raises(PlaybookError) as caught:
        run(playbook(tmp_path, tasks))
    assert str(caught.value) == (
        "try.yml: the task `Do the work` failed on localhost:\n  disk is full"
    )
    (failure,) = caught.value.failures
    assert (failure.task, failure.host) == ("Do the work", "localhost")


def test_a_playbook_that_is_none_says_so(tmp_path: Path) -> None:
    (tmp_path / "try.yml").write_text("- hosts: [\n")
    with pytest.raises(PlaybookError, match=r"(?s)try\.yml: Ansible ended with \d.*YAML"):
        run(str(tmp_path / "try.yml"))
    with pytest.raises(InstallError, match=r"no playbook lost\.yml"):
        run("lost.yml")


def test_what_stays_is_a_log_without_secrets(tmp_path: Path) -> None:
    secret = "Swordfish-of-the-Fjord"
    tasks = """
  - name: Say it
    ansible.builtin.fail:
      msg: "it is {{ word }}"
"""
    variables = {"word": Secret(secret).reveal()}
    before = ours()
    logs = tmp_path / "logs"
    with pytest.raises(PlaybookError) as caught:
        ansible.run(playbook(tmp_path, tasks), inventory=INVENTORY, variables=variables, logs=logs)
    assert secret not in str(caught.value)
    (log,) = logs.iterdir()
    assert str(log) in caught.value.hint
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [line["kind"] for line in lines] == ["play", "task", "failed"]
    assert lines[-1]["lines"] == ["it is ••••••"]
    assert ours() == before, "the private folder is gone"


def ours() -> list[str]:
    """The private folders there are at this moment, of any run."""
    memory = Path("/dev/shm")
    return sorted(p.name for p in memory.glob("chatops-*")) if memory.is_dir() else []


def test_logs_do_not_pile_up(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    for number in range(30):
        (logs / f"20200101T0000{number:02}.000000Z-site.jsonl").touch()
    ansible.run(
        playbook(tmp_path, "  - ansible.builtin.meta: noop\n"),
        inventory=INVENTORY,
        variables={},
        logs=logs,
    )
    names = sorted(p.name for p in logs.iterdir())
    assert len(names) == ansible.LOGS_KEPT
    assert names[-1].endswith("-try.jsonl")


def test_neither_path_nor_locale_nor_settings_of_the_person_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "PATH": "/usr/bin:/bin",
        "LC_ALL": "C",
        "ANSIBLE_STDOUT_CALLBACK": "no_such_callback",
        "ANSIBLE_CALLBACK_PLUGINS": str(tmp_path),
        "ANSIBLE_CHECK_MODE_MARKERS": "not a boolean",
        "CHATOPS_TOKEN": "not-for-playbooks",
    }.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "ansible.cfg").write_text("[defaults]\nforks = no number\n")
    monkeypatch.chdir(tmp_path)
    given = "{{ lookup('ansible.builtin.env', 'CHATOPS_TOKEN') }}"
    head = f'  vars:\n    given: "{given}"\n'
    result = run(playbook(tmp_path, WRITE, head), where=str(tmp_path))
    assert result.changed == 1
    assert json.loads((tmp_path / "given.json").read_text()) == ""


def test_trouble_in_the_listener_ends_the_run(tmp_path: Path) -> None:
    def listen(event: Event) -> None:
        if event.kind is EventKind.TASK:
            raise KeyError("a fault of ours")

    path = playbook(tmp_path, "  - name: Wait\n    ansible.builtin.command: sleep 60\n")
    with pytest.raises(KeyError, match="a fault of ours"):
        ansible.run(path, inventory=INVENTORY, variables={}, on_event=listen)


INTERRUPTED = """
import sys
from pathlib import Path
from chatops.deploy import ansible
from chatops.errors import Interrupted

def listen(event):
    print(event.kind, flush=True)

try:
    ansible.run(
        sys.argv[1], inventory=Path(sys.argv[2]), variables={"where": sys.argv[3]}, on_event=listen
    )
except Interrupted as error:
    print(error.exit_code, flush=True)
"""


def test_ctrl_c_ends_the_playbook_and_what_it_runs(tmp_path: Path) -> None:
    tasks = """
  - name: Work for long
    ansible.builtin.shell: echo $$ > {{ where }}/pid; exec sleep 60
"""
    path = playbook(tmp_path, tasks)
    command = [sys.executable, "-c", INTERRUPTED, path, str(INVENTORY), str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        said = [child.stdout.readline().strip() for _ in range(2)]
        assert said == ["play", "task"]
        pid = wait_for_text(tmp_path / "pid", child)
        child.send_signal(signal.SIGINT)
        rest = child.stdout.read().split()
    assert rest[-1] == str(Interrupted.exit_code)
    assert wait(lambda: not born(int(pid)), 20), "it has ended too"


def wait_for_text(path: Path, child: "subprocess.Popen[str]") -> str:
    while child.poll() is None:
        if path.exists() and (text := path.read_text()).endswith("\n"):
            return text
    raise AssertionError(f"{path} never came")


def test_values_that_are_no_data_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match=re.escape("a Secret is no variable for Ansible")):
        run(playbook(tmp_path, WRITE), given=Secret("Swordfish-of-the-Fjord"), where="")
