"""What the pages about installing say is so."""

import re
from pathlib import Path

import pytest

from chatops import environments
from chatops.deploy import images
from chatops.deploy.company import load_company
from chatops.deploy.render import files, plan
from tests.render.company import CHAIN

ROOT = Path(__file__).parents[2]
CONCEPTS = ROOT / "docs" / "concepts"
BLOCK = re.compile(r"```yaml\n# (\S+)\n(.*?)```", re.DOTALL)


@pytest.fixture
def company(tmp_path: Path) -> Path:
    for name, text in BLOCK.findall((CONCEPTS / "installation.md").read_text(encoding="utf-8")):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    office = tmp_path / "inventories/office"
    (office / "ca.pem").write_text(CHAIN)
    (office / "hosts.yml").write_bytes((tmp_path / "inventories/prod/hosts.yml").read_bytes())
    return tmp_path / "company.yaml"


@pytest.mark.parametrize("name", ["prod", "apart", "office"])
def test_what_the_page_shows_can_be_installed(name: str, company: Path) -> None:
    environment = environments.load(name, company)
    planned, findings = plan(
        load_company(company, env=name), environment, images.read(company.parent / images.FILE)
    )
    assert not findings
    assert len(files(planned)) > 10
    hosts = {"prod": ["chat-1"], "apart": ["chat-1", "data-1"], "office": ["chat-1"]}
    assert [h.name for h in planned.hosts] == hosts[name]


def test_every_trap_is_held_by_something_that_is_there() -> None:
    text = (CONCEPTS / "video.md").read_text(encoding="utf-8")
    named = re.findall(r"`(\w+\.py)::(\w+)`", text)
    rows = [line for line in text.splitlines() if line.startswith("| ") and "`test_" in line]
    assert len(rows) >= 20
    assert len(named) >= len(rows)
    for file, test in named:
        source = (Path(__file__).parent / file).read_text(encoding="utf-8")
        assert f"def {test}(" in source, (file, test)


def test_the_table_of_groups_is_whole() -> None:
    from chatops.inventory import GROUPS

    text = (CONCEPTS / "installation.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)) >= set(GROUPS)
