import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from chatops import assets
from chatops.deploy import ansible, local
from chatops.deploy.render import render, write
from chatops.sandbox import process
from chatops.spec.models import Spec

ROLES = sorted(p.name for p in (assets.folder("playbooks") / "roles").iterdir())
PLAYBOOKS = sorted(p.name for p in assets.folder("playbooks").glob("*.yml"))
LINT = (sys.executable, "-m", "ansiblelint", "--offline", "--nocolor", "--profile=production")
INVENTORY = assets.folder("inventories") / "sandbox" / "hosts.yml"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Playbooks and inventories by themselves, where a linter may leave what it likes."""
    for name in ("playbooks", "inventories"):
        shutil.copytree(assets.folder(name), tmp_path / name)
    return tmp_path


def lint(tree: Path) -> "subprocess.CompletedProcess[str]":
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        [*LINT, "playbooks", "inventories"],
        cwd=tree,
        env={"PATH": path, "HOME": str(tree), "ANSIBLE_HOME": str(tree / "home")},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_linter_finds_nothing(tree: Path) -> None:
    done = lint(tree)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_linter_would_find_something(tree: Path) -> None:
    tasks = tree / "playbooks" / "roles" / "sandbox" / "tasks" / "install.yml"
    tasks.write_text(tasks.read_text().replace("ansible.builtin.copy", "copy"))
    assert "fqcn" in lint(tree).stdout


@pytest.mark.parametrize("name", PLAYBOOKS)
def test_a_playbook_gathers_no_facts_that_nobody_asked_for(name: str) -> None:
    plays = yaml.safe_load(assets.playbook(name).read_text())
    assert [play["gather_facts"] for play in plays] == [False] * len(plays)


def options(role: str) -> dict[str, Any]:
    path = assets.folder("playbooks") / "roles" / role / "meta" / "argument_specs.yml"
    found: dict[str, Any] = yaml.safe_load(path.read_text())["argument_specs"]["main"]["options"]
    return found


@pytest.mark.parametrize("role", ROLES)
def test_a_role_tells_its_variables(role: str) -> None:
    folder = assets.folder("playbooks") / "roles" / role
    readme = (folder / "README.md").read_text()
    defaults = yaml.safe_load((folder / "defaults" / "main.yml").read_text())
    for name, option in options(role).items():
        assert name.startswith(f"{role}_")
        assert f"| `{name}` |" in readme
        assert "default" not in option, "defaults stand in defaults/main.yml alone"
    assert set(defaults) <= set(options(role))


def test_the_sandbox_role_is_told_what_it_takes(tmp_path: Path) -> None:
    known = options("sandbox")
    told = set(local.variables("mattermost", tmp_path / "state", rendered(tmp_path)))
    assert told <= set(known)
    assert {name for name, option in known.items() if option.get("required")} <= told


def rendered(folder: Path) -> Path:
    spec = Spec.model_validate(
        {"version": 1, "company": {"name": "Nordlys"}, "chat": {"platform": "mattermost"}}
    )
    write(render(spec, "sandbox", "mattermost"), folder / "build")
    return folder / "build"


def test_a_sandbox_is_taken_away_again(tmp_path: Path) -> None:
    state = tmp_path / ".chatops" / "sandbox" / "mattermost"
    told: dict[str, Any] = dict(local.variables("mattermost", state, rendered(tmp_path)))
    process.start("mattermost", state)

    def remove() -> ansible.RunResult:
        told["sandbox_present"] = False
        return ansible.run("site.yml", inventory=INVENTORY, variables=told)

    assert remove().changed == 2
    assert not state.exists()
    assert remove().changed == 0


def test_wrong_variables_are_refused_before_anything_is_done(tmp_path: Path) -> None:
    told = local.variables("zulip", tmp_path / "state", rendered(tmp_path))
    with pytest.raises(ansible.PlaybookError, match="sandbox_product must be one of"):
        ansible.run("site.yml", inventory=INVENTORY, variables=told)
    assert not (tmp_path / "state").exists()
