import re
from collections.abc import Callable
from pathlib import Path

import pytest

from chatops import environments
from chatops.environments import Environment, Login, Where, WrongEnvironmentError, from_flags, load
from chatops.errors import UsageError
from chatops.platforms.base import Network
from chatops.secrets import Secret, SecretError
from chatops.spec.text import findings_text

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture(autouse=True)
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("TOKEN", "USER_ID", "USERNAME", "PASSWORD"):
        monkeypatch.delenv(f"CHATOPS_{name}", raising=False)
    monkeypatch.chdir(tmp_path)
    return Path("company.yaml")


def write(name: str, text: str) -> Path:
    path = Path("inventories") / name / "environment.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_without_any_file_there_is_the_sandbox(company: Path) -> None:
    environment = load(environments.DEFAULT, company)
    assert (environment.name, environment.target) == ("sandbox", Where.SANDBOX)
    assert (environment.url, environment.port, environment.login) == ("", 0, Login())


def test_the_folder_beside_the_company_file_comes_first(company: Path) -> None:
    write("sandbox", "target: sandbox\nport: 8065\n")
    environment = load("sandbox", company)
    assert environment.port == 8065
    assert environment.folder == Path("inventories/sandbox")


WHOLE = """
target: server
url: https://chat.nordlys.example/
credential: {token: env:NORDLYS_TOKEN, user_id: aobEdbYhXfu5hkeqG}
ca_file: ca.pem
proxy: http://proxy.nordlys.example:3128
timeouts: {connect: 2.5, read: 60}
"""


def test_a_server_is_read_whole(company: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write("prod", WHOLE).with_name("ca.pem").write_text("a certificate")
    environment = load("prod", company)
    assert environment == Environment(
        name="prod",
        folder=Path("inventories/prod"),
        target=Where.SERVER,
        url="https://chat.nordlys.example",
        login=Login(token="env:NORDLYS_TOKEN", user_id="aobEdbYhXfu5hkeqG"),
        network=Network(
            ca_file=str(Path("inventories/prod/ca.pem").absolute()),
            proxy="http://proxy.nordlys.example:3128",
            connect_timeout=2.5,
            read_timeout=60.0,
        ),
    )
    with pytest.raises(SecretError, match="NORDLYS_TOKEN is not set"):
        environment.credential()
    monkeypatch.setenv("NORDLYS_TOKEN", "token-of-the-north")
    assert environment.credential().token == Secret("token-of-the-north")
    assert environment.credential().user_id == "aobEdbYhXfu5hkeqG"


def test_a_secret_file_is_looked_for_beside_the_environment(company: Path) -> None:
    text = "target: server\nurl: http://127.0.0.1:8065\n"
    text += "credential: {username: env:NOBODY, password: file:password.txt}\n"
    path = write("prod", text.replace("env:NOBODY", "it-admin"))
    path.with_name("password.txt").write_text("Correct-Horse-7\n")
    credential = load("prod", company).credential()
    assert (credential.username, credential.password) == ("it-admin", Secret("Correct-Horse-7"))
    with pytest.raises(SecretError, match=r"secret file /\S*/elsewhere/password\.txt:"):
        load("prod", company).credential(Path("elsewhere"))


def test_a_server_without_a_credential_asks_when_it_is_needed(company: Path) -> None:
    write("prod", "target: server\nurl: https://chat.nordlys.example\n")
    environment = load("prod", company)
    assert environment.login == Login()
    with pytest.raises(SecretError, match="does not know as whom"):
        environment.credential()


WRONG = {
    "all-at-once": """
        target: server
        urls: https://chat.nordlys.example
        url: chat.nordlys.example
        credential: {token: xoxb-this-is-in-the-clear, user_id: 7, pasword: env:X}
        ca_file: lost.pem
        proxy: http://me:secret@proxy:3128
        timeouts: {connect: 0, read: soon, write: 5}
        """,
    "target": "target: kubernetes\n",
    "no-target": "url: https://chat.nordlys.example\n",
    "sandbox-with-url": "target: sandbox\nurl: https://chat.nordlys.example\nport: 70000\n",
    "server-without-url": "target: server\ncredential: {}\n",
    "two-credentials": """
        target: server
        url: https://chat.nordlys.example
        credential: {token: env:T, username: ann, password: env:P}
        """,
    "half-a-credential": """
        target: server
        url: https://chat.nordlys.example
        credential: {password: env:P}
        """,
    "blocks": "target: server\nurl: [a]\ncredential: env:T\ntimeouts: 5\nca_file:\nproxy: 7\n",
    "list": "- target\n",
    "empty": "",
    "syntax": "target: [\n",
    "twice": "target: sandbox\ntarget: server\n",
}


@pytest.mark.parametrize("name", WRONG)
def test_every_wrong_thing_is_told_at_its_line(
    name: str, company: Path, golden: Callable[[Path, str], None]
) -> None:
    lines = [line.removeprefix("        ") for line in WRONG[name].strip("\n").splitlines()]
    write("prod", "\n".join(lines) + "\n" if lines else "")
    with pytest.raises(WrongEnvironmentError) as caught:
        load("prod", company)
    assert caught.value.exit_code == 3
    assert "in-the-clear" not in findings_text(caught.value.findings)
    text = f"{caught.value}\n\n{findings_text(caught.value.findings)}"
    golden(GOLDEN / f"environment-{name}.txt", text)


def test_the_one_that_the_readme_shows_is_right(company: Path) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```yaml\n(.*?)```", readme, re.DOTALL)
    write("production", block).with_name("ca.pem").touch()
    environment = load("production", company)
    assert environment.login == Login(token="env:CHATOPS_TOKEN")
    assert environment.network.proxy == "http://proxy.example.com:3128"


@pytest.mark.parametrize("name", ["", ".", "..", "../prod", "a/b", "a\\b", "-rf", "a\0b"])
def test_a_path_is_no_name(name: str, company: Path) -> None:
    with pytest.raises(UsageError, match="cannot be the name of an environment"):
        load(name, company)


def test_an_unknown_name_lists_those_there_are(company: Path) -> None:
    write("production", "target: sandbox\n")
    with pytest.raises(UsageError, match="no environment `prodution`") as caught:
        load("prodution", company)
    hint = caught.value.hint
    assert hint.startswith("did you mean `production`? there is production (inventories/prod")
    assert "sandbox (" in hint
    assert hint.endswith("by writing inventories/prodution/environment.yaml")


def test_a_server_by_its_address_takes_who_we_are_from_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    environment = from_flags("https://chat.nordlys.example/")
    assert (environment.name, environment.url) == ("--server", "https://chat.nordlys.example")
    with pytest.raises(SecretError, match="does not know as whom") as caught:
        environment.credential()
    assert "CHATOPS_TOKEN" in caught.value.hint

    monkeypatch.setenv("CHATOPS_USERNAME", "it-admin")
    with pytest.raises(SecretError, match="CHATOPS_PASSWORD is not set"):
        from_flags("https://chat.nordlys.example").credential()
    monkeypatch.setenv("CHATOPS_PASSWORD", "Correct-Horse-7")
    credential = from_flags("https://chat.nordlys.example").credential()
    assert (credential.username, credential.password) == ("it-admin", Secret("Correct-Horse-7"))

    monkeypatch.setenv("CHATOPS_TOKEN", "token-of-the-north")
    monkeypatch.setenv("CHATOPS_USER_ID", "aobEdbYhXfu5hkeqG")
    credential = from_flags("https://chat.nordlys.example").credential()
    assert (credential.token, credential.user_id) == (
        Secret("token-of-the-north"),
        "aobEdbYhXfu5hkeqG",
    )
    assert credential.username == ""


def test_flags_say_how_to_get_there(tmp_path: Path) -> None:
    Path("ca.pem").write_text("a certificate")
    environment = from_flags(
        "https://chat.nordlys.example", ca_file="ca.pem", proxy="http://proxy:3128", timeout=3
    )
    assert environment.network == Network(
        ca_file=str(tmp_path / "ca.pem"),
        proxy="http://proxy:3128",
        connect_timeout=3,
        read_timeout=3,
    )


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ({"server_url": "chat.nordlys.example"}, "--server: not an address"),
        ({"server_url": "https://me:pw@chat.nordlys.example"}, "--server: an address holds no"),
        ({"server_url": "https://[chat"}, "--server: not an address"),
        ({"server_url": "https://chat?x=1"}, "--server: an address of a server ends"),
        ({"server_url": "https://chat", "proxy": "proxy:3128"}, "--proxy: not an address"),
        ({"server_url": "https://chat", "ca_file": "lost.pem"}, "--ca-file: no file"),
        ({"server_url": "https://chat", "timeout": 0.0}, "--timeout: seconds"),
    ],
)
def test_flags_that_make_no_sense_are_refused(flags: dict[str, str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        from_flags(**flags)  # type: ignore[arg-type]
