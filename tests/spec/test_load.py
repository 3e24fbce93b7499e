"""Loading: what comes out, and where everything stands."""

import os
from pathlib import Path

import pytest
import yaml

from chatops.deploy.company import load_company
from chatops.errors import ChatopsError, Place, Severity, SpecError, UsageError
from chatops.spec import Loaded, load
from chatops.spec.files import Findings
from chatops.spec.nodes import SourceMap
from chatops.spec.source import compose
from chatops.spec.text import findings_text

NORDLYS = Path(__file__).parents[2] / "examples" / "nordlys"
HEAD = "version: 1\ncompany: {name: Acme}\nchat: {platform: mattermost}\n"


def write(folder: Path, text: str, **others: str | bytes) -> Path:
    for name, content in others.items():
        data = content.encode() if isinstance(content, str) else content
        (folder / name.replace("_csv", ".csv")).write_bytes(data)
    path = folder / "company.yaml"
    path.write_text(HEAD + text, encoding="utf-8")
    return path


def users(folder: Path, csv: str | bytes) -> Loaded:
    return load(write(folder, "users:\n  - from: people.csv\n", people_csv=csv))


@pytest.mark.parametrize("platform", ["mattermost", "rocketchat"])
def test_nordlys_fits_both_platforms(platform: str, tmp_path: Path) -> None:
    text = (NORDLYS / "company.yaml").read_text(encoding="utf-8")
    assert text.count("platform: mattermost") == 1
    (tmp_path / "company.yaml").write_text(
        text.replace("platform: mattermost", f"platform: {platform}"), encoding="utf-8"
    )
    (tmp_path / "people.csv").write_bytes((NORDLYS / "people.csv").read_bytes())
    company = load_company(tmp_path / "company.yaml")
    assert {f.severity for f in company.findings} <= {Severity.NOTE}
    spec = company.loaded.spec
    assert len(spec.teams) == 4
    assert sum(len(t.channels) for t in spec.teams) == 25
    assert len(spec.users) == 133
    assert sum(u.active is False for u in spec.users) == 2
    assert company.desired.admins == {"ida", "bo", "mette"}


def test_every_word_has_its_place(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "users:\n"
        "  - {username: ida, name: Ida Holm}\n"
        "  - from: people.csv\n"
        "  - username: per\n"
        "teams:\n"
        "  - name: ops\n"
        "    channels:\n"
        "      - name: dispatch\n"
        "        topic: >-\n"
        "          On duty\n",
        people_csv='username,name,teams\nbo,"Friis, Bo", ops | sales \n',
    )
    places = load(path).places
    yaml_file, csv_file = str(path), str(tmp_path / "people.csv")
    assert places.place(("users", 0)) == Place(yaml_file, 5, 5)
    assert places.place(("users", 0, "name")) == Place(yaml_file, 5, 27)
    assert places.key_place(("users", 0, "name")) == Place(yaml_file, 5, 21)
    assert places.place(("users", 1)) == Place(csv_file, 2, 1)
    assert places.place(("users", 1, "name")) == Place(csv_file, 2, 4)
    assert places.place(("users", 1, "teams", 0)) == Place(csv_file, 2, 17)
    assert places.place(("users", 1, "teams", 1)) == Place(csv_file, 2, 23)
    assert places.place(("users", 1, "email")) == Place(csv_file, 2, 1)
    assert places.place(("users", 2, "username")) == Place(yaml_file, 7, 15)
    topic = ("teams", 0, "channels", 0, "topic")
    assert places.place(topic) == Place(yaml_file, 12, 16)
    assert places.key_place(topic) == Place(yaml_file, 12, 9)
    assert places.text(topic) == "teams[0].channels[0].topic"
    assert places.place(("policy", "min_admins")) == Place(yaml_file, 1, 1)
    assert places.place(("teams", 7, "name")) == Place(yaml_file, 9, 3)
    assert places.text(()) == ""


def test_places_are_relative_where_the_path_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "firm").mkdir()
    write(tmp_path / "firm", "users:\n  - from: people.csv\n", people_csv="username\nida\n")
    monkeypatch.chdir(tmp_path)
    places = load(Path("firm/company.yaml")).places
    assert str(places.place(("users", 0))) == "firm/people.csv:2:1"
    assert str(places.place(("company",))) == "firm/company.yaml:2:10"


def test_anchors_and_merges(tmp_path: Path) -> None:
    spec = load(
        write(
            tmp_path,
            "users:\n"
            "  - &ida {username: ida, title: Driver, teams: &teams [ops]}\n"
            "  - {<<: *ida, username: bo}\n"
            "  - <<: [{title: CIO}, *ida]\n"
            "    username: per\n"
            "    teams: *teams\n"
            "teams: [{name: ops}]\n",
        )
    ).spec
    assert [(u.username, u.title, u.teams) for u in spec.users] == [
        ("ida", "Driver", ["ops"]),
        ("bo", "Driver", ["ops"]),
        ("per", "CIO", ["ops"]),
    ]


@pytest.mark.parametrize("loader", [yaml.SafeLoader, getattr(yaml, "CSafeLoader", None)])
def test_both_parsers_of_yaml_agree(loader: type) -> None:
    text = (NORDLYS / "company.yaml").read_text(encoding="utf-8")
    findings = Findings()
    root = compose(text, "company.yaml", findings, loader)
    assert root is not None
    assert list(findings) == []
    assert root.plain() == yaml.safe_load(text)
    place = SourceMap("company.yaml", root).place(("teams", 3, "channels", 6, "membership"))
    line = text.splitlines()[place.line - 1]
    assert line[place.column - 1 :].startswith("exact}")


@pytest.mark.parametrize(
    "text",
    [
        "a: [1",
        "a: [",
        "{",
        "a: {\nb: [1]\n",
        "a: }",
        "a: [1]]",
        "a: {b",
        "a: 'x",
        "a:\n\t- b",
        "a: b: c",
        "a: *b",
        "a: !x y",
        "@a",
        "a: 1\n  b: 2",
    ],
)
def test_the_slow_parser_finds_the_same_rules(text: str) -> None:
    found = []
    for loader in (yaml.SafeLoader, None):
        findings = Findings()
        compose(text, "company.yaml", findings, loader)
        found.append([(f.rule, f.place.line, f.message) for f in findings])
    assert found[0] == found[1] != []


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_csv_as_programs_write_it(tmp_path: Path, delimiter: str, end: str, mark: str) -> None:
    rows = [
        ["email", "username", "name", "teams", "roles", "active"],
        ["ida@acme.example", "ida", '"Holm, ""Ida""; the first"', "ops|sales", "admin", "yes"],
        ["", " bo ", '""', "", "", "0"],
        ["", "per", " Per ", "| ops |", "", ""],
    ]
    text = mark + end.join(delimiter.join(row) for row in rows) + end + end
    loaded = users(tmp_path, text)
    ida, bo, per = loaded.spec.users
    assert ida.name == 'Holm, "Ida"; the first'
    assert (ida.email, ida.teams, ida.roles, ida.active) == (
        "ida@acme.example",
        ["ops", "sales"],
        ["admin"],
        True,
    )
    assert (bo.username, bo.name, bo.email, bo.teams, bo.active) == ("bo", None, None, None, False)
    assert (per.name, per.teams, per.active) == ("Per", ["ops"], None)
    assert loaded.places.place(("users", 2, "username")).line == 4


def test_csv_of_names_alone(tmp_path: Path) -> None:
    assert [u.username for u in users(tmp_path, "USERNAME\nida\n\nbo").spec.users] == ["ida", "bo"]


def test_csv_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "all.csv").write_text("username\nida\n")
    (tmp_path / "more.csv").write_text("username\nbo\n")
    text = "users:\n  - from: lists/all.csv\n  - from: lists/../more.csv\n"
    loaded = load(write(tmp_path, text))
    assert [u.username for u in loaded.spec.users] == ["ida", "bo"]
    assert loaded.places.place(("users", 1)).file == str(tmp_path / "lists" / ".." / "more.csv")


def test_a_fifo_of_people_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "people.csv")
    with pytest.raises(SpecError) as error:
        load(write(tmp_path, "users:\n  - from: people.csv\n"))
    assert [f.rule for f in error.value.findings] == ["people-file"]
    assert "not an ordinary file" in error.value.findings[0].message


def test_findings_of_all_files_come_at_once(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "user: []\nusers:\n  - from: a.csv\n  - from: b.csv\n  - {username: A}\nteams: 3\n",
        a_csv="username,nme\n",
        b_csv="username,email\nida,nowhere\n",
    )
    with pytest.raises(SpecError) as error:
        load(path)
    found = [(Path(f.place.file).name, f.rule) for f in error.value.findings]
    assert found == [
        ("company.yaml", "unknown-key"),
        ("company.yaml", "slug"),
        ("company.yaml", "wrong-type"),
        ("a.csv", "csv-header"),
        ("b.csv", "email"),
    ]
    assert str(error.value) == "the company file has 5 errors"


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as error:
        load(tmp_path / "acme.yaml")
    assert str(tmp_path / "acme.yaml") in error.value.message
    assert "-f FILE" in error.value.hint
    with pytest.raises(UsageError):
        load(write(tmp_path, "") / "below.yaml")


def test_a_folder(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as error:
        load(tmp_path)
    assert "is a folder" in error.value.message
    path = write(tmp_path, "")
    with pytest.raises(UsageError) as error:
        load(tmp_path)
    assert error.value.hint == f"try -f {path}"


@pytest.mark.parametrize("name", ["a\0b", "x" * 300])
def test_names_that_no_file_has(tmp_path: Path, name: str) -> None:
    with pytest.raises(ChatopsError) as error:
        load(tmp_path / name)
    assert "cannot read the company file" in error.value.message


def test_devices_are_not_read() -> None:
    with pytest.raises(ChatopsError) as error:
        load(Path("/dev/zero"))
    assert "not an ordinary file" in error.value.message


def test_no_permission(tmp_path: Path) -> None:
    path = write(tmp_path, "")
    path.chmod(0)
    me = os.geteuid()
    if me == 0:
        os.seteuid(65534)  # root reads everything, nobody does not
    try:
        with pytest.raises(ChatopsError) as error:
            load(path)
    finally:
        os.seteuid(me)
    assert "Permission denied" in error.value.message


def test_text_of_findings_moves_no_cursor(tmp_path: Path) -> None:
    with pytest.raises(SpecError) as error:
        load(write(tmp_path, '"\\e[2J\\u202e": 1\n'))
    text = findings_text(error.value.findings)
    assert "\\x1b[2J: holds a sign that nobody sees (U+202E" in text
    assert "\x1b" not in text


def test_text_of_no_findings() -> None:
    assert findings_text([]) == "nothing to remark\n"
