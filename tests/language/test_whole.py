"""The language whole: one company file that uses every part of it, for each free edition."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from chatops.core.expand import expand
from chatops.deploy.company import load_company
from chatops.errors import SpecError
from chatops.resources import KINDS
from chatops.spec import load
from chatops.spec.keys import known_keys
from chatops.spec.text import findings_text

HERE = Path(__file__).parent
FREE = [("mattermost", "team", "11.7"), ("mattermost", "entry", "11.7")]
FREE += [("rocketchat", "community", "8.9"), ("rocketchat", "community", "9.0")]


def written(folder: Path, platform: str, edition: str, version: str, policy: str) -> Path:
    """The company for this edition, in a folder of its own."""
    for name in ("people.csv", "emoji"):
        source = HERE / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / name)
    text = (HERE / "company.yaml").read_text(encoding="utf-8")
    for old, new in (
        ("platform: mattermost  ", f"platform: {platform}"),
        ("edition: team  ", f"edition: {edition}"),
        ('version: "11.7"', f'version: "{version}"'),
        ("unsupported: refuse", f"unsupported: {policy}"),
    ):
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    (folder / "company.yaml").write_text(text, encoding="utf-8")
    return folder / "company.yaml"


@pytest.mark.parametrize("policy", ["refuse", "note"])
@pytest.mark.parametrize(("platform", "edition", "version"), FREE)
def test_what_each_free_edition_lacks_is_said_at_its_line(
    platform: str,
    edition: str,
    version: str,
    policy: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    golden: Callable[[Path, str], None],
) -> None:
    written(tmp_path, platform, edition, version, policy)
    monkeypatch.chdir(tmp_path)
    try:
        findings = load_company(Path("company.yaml")).findings
        refused = False
    except SpecError as error:
        findings, refused = tuple(error.findings), True
    golden(HERE / f"{platform}-{edition}-{version}-{policy}.txt", findings_text(findings))
    assert refused is (policy == "refuse")


def test_the_file_uses_every_part_of_the_language(tmp_path: Path) -> None:
    path = written(tmp_path, "mattermost", "team", "11.7", "note")
    kinds = {r.kind for r in expand(load(path).spec).resources}
    assert kinds == set(KINDS)
    top = {
        line.partition(":")[0]
        for line in path.read_text("utf-8").splitlines()
        if line[:1].isalpha()
    }
    assert known_keys("") - top <= {"include"}
