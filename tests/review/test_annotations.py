from pathlib import Path

from chatops.errors import Finding, Place, Severity
from chatops.review.annotations import annotations
from tests.cli.conftest import run


def test_nothing_escapes_from_its_line() -> None:
    finding = Finding(
        severity=Severity.WARNING,
        place=Place("a,b:c%.yaml", 3, 7),
        path="teams[0].name",
        message="50% of\r\n::error::this",
        hint="x\x1b[2J",
        rule="url",
    )
    assert (
        annotations([finding, finding]).split("\n")
        == [
            "::warning file=a%2Cb%3Ac%25.yaml,line=3,col=7,title=chatops url::"
            "teams[0].name: 50%25 of\\r%0A::error::this%0Ahint: x\\x1b[2J"
        ]
        * 2
    )


def test_on_the_command_line(tmp_path: Path) -> None:
    (tmp_path / "company.yaml").write_text("version: 2\ncompany: {name: A}\nchat: {platform: x}\n")
    done = run(tmp_path, "validate", "--format", "github")
    assert done.code == 3
    assert done.out == (
        "::error file=company.yaml,line=1,col=10,title=chatops language-version::"
        "version: `2` is no version of the language: it is 1%0Ahint: write `version: 1`\n"
    )
