"""Files that a company file, or a person, names: what they may be, and that they show nothing."""

from pathlib import Path

import pytest

from tests.cli.conftest import run

HEAD = "version: 1\ncompany: {name: Acme}\nchat: {platform: mattermost}\n"
CANARY = "sk-live-CANARY-4711"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A company's folder with a stranger's secrets beside it."""
    (tmp_path / "secrets.env").write_text(f"API_KEY={CANARY}\nDB_PASSWORD={CANARY}\n")
    (tmp_path / "company").mkdir()
    (tmp_path / "company" / "linked.csv").symlink_to(tmp_path / "secrets.env")
    (tmp_path / "company" / "linked").symlink_to(tmp_path)
    return tmp_path / "company"


@pytest.mark.parametrize(
    "name", ["{}/secrets.env", "../secrets.env", "linked.csv", "linked/secrets.env"]
)
@pytest.mark.parametrize(
    "text",
    [
        "users:\n  - from: {}\n",
        "users:\n  - {{username: ida, email: ida@acme.example, picture: {}}}\n",
        "integrations:\n  emoji:\n    - {{name: acme, file: {}}}\n",
    ],
    ids=["people", "picture", "emoji"],
)
def test_no_file_out_of_the_folder_is_shown(folder: Path, text: str, name: str) -> None:
    name = name.format(folder.parent)
    (folder / "company.yaml").write_text(HEAD + text.format(name))
    for words in (("validate",), ("validate", "--json")):
        done = run(folder, *words)
        said = done.out + done.err
        assert done.code == 3
        assert "CANARY" not in said
        assert "API_KEY" not in said
        assert "not a relative path" in said or "is not in the folder of the company file" in said
