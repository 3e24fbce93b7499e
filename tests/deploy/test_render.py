import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from chatops.deploy.render import LISTING, RenderedFile, render, write
from chatops.errors import ChatopsError
from chatops.spec.models import Spec

GOLDEN = Path(__file__).parent / "golden"


def spec() -> Spec:
    company = {"name": 'Nordlys "Æ" {{ 7 * 7 }} \\ Logistics'}
    smtp = {"host": "mail.nordlys.example", "password": "env:SMTP_PASSWORD"}
    chat = {"platform": "mattermost", "url": "https://chat.nordlys.example"}
    return Spec.model_validate({"version": 1, "company": company, "chat": chat, "smtp": smtp})


@pytest.mark.parametrize("platform", ["mattermost", "rocketchat"])
def test_the_rendered_files_are_these(platform: str, golden: Callable[[Path, str], None]) -> None:
    files = render(spec(), "sandbox", platform, port=8065)
    text = "".join(f"==> {f.path} {f.mode:o}\n{f.text}" for f in files)
    golden(GOLDEN / f"render-{platform}.txt", text)
    assert render(spec(), "sandbox", platform, port=8065) == files
    assert "SMTP_PASSWORD" not in text
    assert [json.loads(f.text) for f in files if f.path.endswith(".json")]


def files(**texts: str) -> list[RenderedFile]:
    return [RenderedFile(name.replace("_", "."), text) for name, text in texts.items()]


def test_only_what_differs_is_written(tmp_path: Path) -> None:
    folder = tmp_path / "build" / "sandbox"
    assert write(files(a_txt="one\n", b_txt="two\n"), folder) == ["a.txt", "b.txt"]
    before = (folder / "b.txt").stat()
    assert write(files(a_txt="1\n", b_txt="two\n"), folder) == ["a.txt"]
    assert (folder / "b.txt").stat() == before
    (folder / "b.txt").chmod(0o600)
    assert write(files(a_txt="1\n", b_txt="two\n"), folder) == ["b.txt"]
    assert stat.S_IMODE((folder / "b.txt").stat().st_mode) == 0o644
    assert sorted(p.name for p in folder.iterdir()) == [LISTING, "a.txt", "b.txt"]


def test_what_is_ours_and_stale_goes_and_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "build"
    write([*files(a_txt="one\n"), RenderedFile("deep/b.txt", "two\n")], folder)
    (folder / "notes.txt").write_text("a person's")
    outside = tmp_path / "outside.txt"
    outside.write_text("a person's")
    listing = json.loads((folder / LISTING).read_text())
    (folder / LISTING).write_text(json.dumps([*listing, "../outside.txt", str(outside), 7, ""]))
    assert write(files(a_txt="one\n"), folder) == ["deep/b.txt"]
    assert not (folder / "deep" / "b.txt").exists()
    assert outside.exists() and (folder / "notes.txt").exists()
    (folder / LISTING).write_text("no list")
    assert write(files(c_txt="three\n"), folder) == ["c.txt"]
    assert (folder / "a.txt").exists(), "whose it is is not known any more"


def test_a_link_is_replaced_and_its_target_spared(tmp_path: Path) -> None:
    target = tmp_path / "target.txt"
    target.write_text("one\n")
    folder = tmp_path / "build"
    folder.mkdir()
    (folder / "a.txt").symlink_to(target)
    assert write(files(a_txt="two\n"), folder) == ["a.txt"]
    assert target.read_text() == "one\n"
    assert not (folder / "a.txt").is_symlink()


def test_a_folder_that_cannot_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "build").write_text("a file")
    with pytest.raises(ChatopsError, match=r"cannot write .*build"):
        write(files(a_txt="one\n"), tmp_path / "build")
