"""docs/guides/pipeline.md, command by command, as somebody who follows it."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
import requests
import yaml

from tests import wheel
from tests.cli.conftest import clean_env
from tests.pipelines.conftest import COMPANY, PASSWORD, Chat, Repository
from tests.pipelines.runner import load

GUIDE = wheel.CHECKOUT / "docs" / "guides" / "pipeline.md"
TEXT = GUIDE.read_text(encoding="utf-8")


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```", TEXT, re.M | re.S)


def commands() -> list[str]:
    return [line[2:] for block in blocks("console") for line in block.splitlines()]


def test_it_is_followed(
    chat: Chat,
    tmp_path: Path,
    hooks: tuple[Path, str],
    environ: Mapping[str, str],
    tools: None,
) -> None:
    made = Repository(tmp_path / "company")
    # The checkout beside it, as the guide has it; only the examples are wanted of it.
    shutil.copytree(wheel.CHECKOUT / "examples", tmp_path / "chatops" / "examples")
    shutil.copy(wheel.CHECKOUT / "Dockerfile", tmp_path / "chatops")
    company = (COMPANY % "mattermost").replace(
        "smtp: {", "smtp: {username: chat, password: vault:smtp-password, "
    )
    environment, config = blocks("yaml")
    token = made_token(chat)
    assert "token: env:CHATOPS_TOKEN" in environment
    made.commit(
        "The company",
        company=company,
        inventories__production__environment=environment.replace(
            "https://chat.example.com", chat.sandbox.url
        ),
    )
    config = config.replace("https://github.com/YOUR-ORG/chatops", str(hooks[0]))
    config = config.replace("v0.1.0", hooks[1])
    (made.folder / ".pre-commit-config.yaml").write_text(config, encoding="utf-8")
    env = {**environ, **clean_env(), "PATH": environ["PATH"], "CHATOPS_TOKEN": token}
    ran = []
    for line in commands():
        words = shlex.split(line)
        if words[0] == "docker":
            # No engine here: the Dockerfile's steps are run in test_image.py.
            assert (made.folder / words[-1] / "Dockerfile").exists()
            continue
        if words[:2] == ["pre-commit", "run"]:
            made.git("add", "--all")
        # The secret, and the answer to the question of apply.
        answer = "canary-smtp\n" if "secret" in words else None
        words += ["--yes"] if "apply" in words else []
        done = subprocess.run(
            words,
            cwd=made.folder,
            env=env,
            input=answer or "",
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        assert "canary" not in done.stdout + done.stderr
        ran.append(words[0])
    assert ran.count("chatops") == 4 and "cp" in ran and "pre-commit" in ran
    assert chat.topic("dispatch") == "On duty: 112"
    assert load(made.folder / ".github" / "workflows" / "chat.yml")["name"] == "chat"
    assert (made.folder / ".gitlab-ci.yml").exists()
    assert PASSWORD not in (made.folder / "vault.yaml").read_text(encoding="utf-8")


def made_token(chat: Chat) -> str:
    """A personal access token of the admin, as the page of Mattermost makes one."""
    login = {"login_id": "boss", "password": PASSWORD}
    with requests.Session() as session:
        api = f"{chat.sandbox.url}/api/v4/users"
        answer = session.post(f"{api}/login", json=login, timeout=10)
        head = {"Authorization": f"Bearer {answer.headers['Token']}"}
        body = {"description": "chatops"}
        made = session.post(f"{api}/me/tokens", json=body, headers=head, timeout=10).json()
    return str(made["token"])


def test_what_it_says_of_the_examples_is_so() -> None:
    workflow = load(wheel.CHECKOUT / "examples/pipelines/github/.github/workflows/chat.yml")
    gitlab = yaml.safe_load(
        (wheel.CHECKOUT / "examples/pipelines/gitlab/.gitlab-ci.yml").read_text(encoding="utf-8")
    )
    assert set(workflow["env"]) == {"CHATOPS", "CHATOPS_ENV"}
    assert set(gitlab["variables"]) == {"CHATOPS_IMAGE", "CHATOPS_ENV"}
    places = {job.get("environment") for job in workflow["jobs"].values()} - {None}
    assert places == {"chat-plan", "chat-apply"}
    for name in (*workflow["env"], *gitlab["variables"], *places, "CHATOPS_FORGE_TOKEN"):
        assert f"`{name}`" in TEXT, name
    used = set(re.findall(r"secrets\.(\w+)", str(workflow)))
    assert {name for name in used if f"`{name}`" not in TEXT} == set()
    assert workflow["on"]["schedule"][0]["cron"].endswith("* * 1"), "Monday"
    for name in ("Validate", "Plan"):
        assert any(job["name"] == name for job in workflow["jobs"].values())


@pytest.mark.parametrize("link", re.findall(r"\]\((?!https?:)([^)#]+)", TEXT))
def test_its_links_lead_somewhere(link: str) -> None:
    assert (GUIDE.parent / link).exists()


def test_its_commands_exist() -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    for line in commands():
        word = shlex.split(line)[0]
        assert word == "docker" or shutil.which(word, path=path), word
