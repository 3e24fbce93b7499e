"""Each guide, from its first line to its last, by somebody who has nothing else."""

import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from chatops.platforms.base import AdminSeed, Network
from chatops.platforms.registry import platforms
from chatops.sandbox import Sandbox
from chatops.secrets import Secret
from tests.cli.conftest import run
from tests.guides.following import GUIDES, Reader, Step, steps

PASSWORD = "Guide-admin-password-1!"

# The command is installed from the wheel in tests/test_wheel.py.
ELSEWHERE = {
    "python3 -m venv ~/chatops && ~/chatops/bin/pip install .",
    "export PATH=~/chatops/bin:$PATH",
}


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    made = Reader(tmp_path)
    yield made
    run(made.folder, "sandbox", "stop")


def test_from_nothing_to_a_channel_in_the_browser(reader: Reader) -> None:
    address = ""
    for step in steps("first-company"):
        if step.command in ELSEWHERE:
            continue
        reader.follow(step)
        said = reader.said[-1] if reader.said else ""
        if "the workspace: " in said:
            address = said.partition("the workspace: ")[2].split()[0]
    assert address
    run(reader.folder, "sandbox", "start")
    address = run(reader.folder, "sandbox", "status").out.split()[-1]
    with urllib.request.urlopen(f"{address}/") as page:
        assert page.status == 200
        assert b"/team/company/dispatch" in page.read()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Sandbox]:
    """A Mattermost with people in it, which nobody has a file of."""
    (tmp_path / "before").mkdir()
    (tmp_path / "before/company.yaml").write_text(
        "version: 1\ncompany: {name: Acme}\nchat: {platform: mattermost}\n"
        "users: [{username: ann, email: ann@acme.example}]\n"
        "teams:\n  - name: crew\n    members: [ann]\n    channels:\n"
        '      - {name: dispatch, topic: "On duty: 112", members: [ann]}\n'
    )
    with Sandbox("mattermost") as sandbox:
        admin = AdminSeed(
            username="boss", email="boss@acme.example", name="Boss", password=Secret(PASSWORD)
        )
        platforms()["mattermost"].bootstrap(sandbox.url, admin, Network())
        env = {"CHATOPS_USERNAME": "boss", "CHATOPS_PASSWORD": PASSWORD}
        done = run(tmp_path / "before", "apply", "--yes", "--server", sandbox.url, env=env)
        assert done.code == 0, done.err
        yield sandbox


def test_a_server_that_already_runs(reader: Reader, server: Sandbox) -> None:
    answer = requests.post(
        f"{server.url}/api/v4/users/login",
        json={"login_id": "boss", "password": PASSWORD},
        timeout=10,
    )
    reader.env = {"CHATOPS_TOKEN": answer.headers["Token"]}
    reader.instead = {"https://chat.example.com": server.url}
    for step in steps("existing-server"):
        if not step.command.startswith("export CHATOPS_TOKEN="):
            reader.follow(step)
    assert (reader.folder / "plan.json").exists()
    reader.follow(Step(command="git add -A && git commit -qm More"))
    reader.follow(Step(command="git ls-files", says=(".gitignore", "company.yaml", "people.csv")))
    assert "plan" not in reader.said[-1]


def test_how_the_file_is_kept(reader: Reader) -> None:
    for step in steps("company-file"):
        reader.follow(step)
    assert (reader.folder / "findings.sarif").stat().st_size > 100


def test_a_guide_that_lies_is_found(reader: Reader) -> None:
    for step in (
        Step(command="chatops sandbox status -f nothing.yaml"),
        Step(command="chatops --version", says=("chatops 99",)),
        Step(command="chatops --version  # exit 3"),
        Step(what="into company.yaml, behind: x", text="y"),
    ):
        with pytest.raises((AssertionError, OSError)):
            reader.follow(step)


@pytest.mark.parametrize("path", sorted(GUIDES.glob("*.md")), ids=lambda p: p.stem)
def test_links_lead_somewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!https?:)([^)#]+)", text)
    assert [link for link in links if not (path.parent / link).exists()] == []
