"""The pages at the sandbox's address, as they leave the server."""

import html
import json
import re
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

import pytest
import requests

from chatops.sandbox import Sandbox
from chatops.sandbox.faults import Fault
from chatops.sandbox.workspace import MessageView, PersonView, WorkspaceView
from tests.sandbox.conftest import Api
from tests.sandbox.drawn import channel, company, drawing, person, team

NOON = 1_700_000_000_000
EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&amp;"
HOSTILE = (
    EVIL,
    "{{ 7 * 7 }}{% for %}${x}`id`",
    "\u202eright to left\u2066 \u05d0\u05d1\u05d2",
    "👩🏽\u200d🚀 \x00\x1b[31m \ud83d half a pair",
    "a/b c?d=e&f#g%2Fh;i\\j",
    "W" * 3000,
)


def get(url: str, path: str = "/", **headers: str) -> requests.Response:
    return requests.get(url + path, timeout=30, headers=headers, allow_redirects=False)


def page(url: str, path: str = "/") -> str:
    answer = get(url, path)
    assert answer.status_code == 200, path
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    return answer.text


def seen(text: str) -> str:
    """The text between the tags, on one line."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", text)).split())


def crawl(url: str) -> dict[str, str]:
    """Every page that links lead to from the first, by its address."""
    found: dict[str, str] = {}
    todo = ["/"]
    while todo:
        path = todo.pop()
        answer = get(url, path)
        assert answer.status_code == 200, path
        found[path] = answer.text
        if not answer.headers["Content-Type"].startswith("text/html"):
            continue
        for link in re.findall(r'\b(?:href|src|action)="([^"]*)"', answer.text):
            link = urljoin(url + path, html.unescape(link))
            assert link.startswith(url + "/"), link
            target = link.removeprefix(url).partition("#")[0]
            if target not in found and target not in todo:
                todo.append(target)
    return found


@pytest.fixture(scope="module")
def small() -> Iterator[str]:
    with drawing(company(2, 1, 1, 1)) as url:
        yield url


@pytest.fixture(scope="module")
def hostile() -> WorkspaceView:
    """Every text of the workspace is one that breaks careless pages."""
    names = tuple(f"{text[:40]}{n}".replace("\ud83d", "") for n, text in enumerate(HOSTILE))
    said = tuple(MessageView(names[0], text, NOON) for text in HOSTILE)
    rooms = tuple(
        channel(names[n], *names, display_name=text, topic=text, purpose=text, messages=said)
        for n, text in enumerate(HOSTILE)
    )
    people = tuple(PersonView(names[n], t, t, (t,), n % 2 == 0) for n, t in enumerate(HOSTILE))
    return WorkspaceView(EVIL, (team("", *rooms), team("eng", *rooms)), people)


def test_every_text_stays_text(hostile: WorkspaceView) -> None:
    with drawing(hostile) as url:
        pages = {path: text for path, text in crawl(url).items() if "<html" in text}
    # First page, people, a page for each of 6 people, 2 teams, 2 × 6 channels.
    assert len(pages) == 2 + 6 + 2 + 12
    for path, text in pages.items():
        assert "<script" not in text, path
        assert not re.search(r"<[^>]*\s(on\w+|style)\s*=", text), path
        assert len(re.findall("<img", text)) == 1, path
        assert "49" not in seen(text), path
    everything = "".join(map(html.unescape, pages.values()))
    for text in (HOSTILE[0], HOSTILE[1], HOSTILE[2], HOSTILE[4], HOSTILE[5]):
        assert text in everything
    # Half a surrogate pair cannot be sent; all around it is.
    assert HOSTILE[3].replace("\ud83d", "?") in everything


def test_every_answer_is_fenced_in(hostile: WorkspaceView) -> None:
    with drawing(hostile) as url:
        paths = ["/", "/_sandbox/people", "/_sandbox/nothing", "/_sandbox/style.css"]
        for path in [*paths, "/_sandbox/icon.svg"]:
            headers = get(url, path).headers
            policy = headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy, path
            assert "script-src" not in policy and "unsafe" not in policy, path
            assert "frame-ancestors 'none'" in policy and "base-uri 'none'" in policy, path
            assert headers["X-Content-Type-Options"] == "nosniff", path
            assert headers["Referrer-Policy"] == "no-referrer", path
            assert headers["Cache-Control"] == "no-store", path


@pytest.mark.parametrize("host", ["127.0.0.1:80", "localhost", "[::1]:8065", "10.0.0.7:1"])
def test_it_answers_to_numbers_and_localhost(small: str, host: str) -> None:
    assert get(small, Host=host).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:80", "localhost.x", ""])
def test_a_borrowed_name_shows_nothing(small: str, host: str) -> None:
    for path in ("/", "/_sandbox/people", "/_sandbox/team/team0/channel0-0"):
        answer = get(small, path, Host=host)
        assert (answer.status_code, "Big" in answer.text) == (421, False)


@pytest.mark.parametrize(
    "path",
    [
        "/_sandbox/team/nobody",
        "/_sandbox/team/team0/nothing",
        "/_sandbox/team/nobody/channel0-0",
        "/_sandbox/rooms",
        "/_sandbox/rooms/channel0-0",
        "/_sandbox/people/nobody",
        "/_sandbox/anything/else",
    ],
)
def test_what_is_not_there_is_a_page_too(small: str, path: str) -> None:
    answer = get(small, path)
    assert answer.status_code == 404
    assert "<h1>Not here</h1>" in answer.text


def test_the_product_keeps_all_other_addresses(sandbox: Sandbox, admin: Api) -> None:
    assert get(sandbox.url, "/_sandbox/health").json()["stand_in"] is True
    assert admin.ok("GET", "/users/me")["username"] == "root"
    for method, path in (("POST", "/"), ("GET", "/api/v4/nothing"), ("GET", "/people")):
        answer = requests.request(method, sandbox.url + path, timeout=30)
        assert "text/html" not in answer.headers.get("Content-Type", ""), path


def test_faults_do_not_hide_the_pages(sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault(times=None))
    assert get(sandbox.url, "/_sandbox/people").status_code == 200


def test_it_follows_what_the_product_is_told(sandbox: Sandbox, admin: Api) -> None:
    ann = admin.person("ann")
    eng = admin.team("eng", ann)
    path = "/_sandbox/team/eng/deploys"
    assert get(sandbox.url, path).status_code == 404
    deploys = admin.channel(eng, "deploys", "P")
    admin.ok("PUT", f"/channels/{deploys}/patch", json={"header": "On call: Ann"})
    admin.ok("POST", f"/channels/{deploys}/members", json={"user_id": ann})
    admin.ok("POST", "/posts", json={"channel_id": deploys, "message": "It is out"})
    text = seen(page(sandbox.url, path))
    for part in ("Deploys Private", "Topic On call: Ann", "Purpose none", "It is out", "@ann"):
        assert part in text
    admin.ok("DELETE", f"/channels/{deploys}")
    admin.ok("DELETE", f"/users/{ann}")
    text = seen(page(sandbox.url, path))
    assert "Deploys Private Archived" in text
    assert "@ann · inactive" in text


def test_messages_stand_day_by_day() -> None:
    said = (
        MessageView("ann", "first", NOON),
        MessageView("", "ann joined", NOON + 60_000, system=True),
        MessageView("gone", "next day", NOON + 86_400_000),
        MessageView("ann", "no such year", 10**18),
        MessageView("ann", "before all", -(10**18)),
    )
    view = WorkspaceView("W", (team("t", channel("c", "ann", messages=said)),), (person("ann"),))
    with drawing(view) as url:
        text = seen(page(url, "/_sandbox/team/t/c"))
    wanted = (
        "Tuesday, 14 November 2023 A ann 22:13 first ann joined 22:14 "
        "Wednesday, 15 November 2023 G gone 22:13 next day "
        "At no known time A ann no such year A ann before all"
    )
    assert wanted in text


def test_people_come_page_by_page_each_once() -> None:
    with drawing(company(250, 1, 1, 120)) as url:
        rows = [
            re.findall(r"<code>(person\d+)</code>", page(url, f"/_sandbox/people?page={number}"))
            for number in (1, 2, 3)
        ]
        assert [len(row) for row in rows] == [100, 100, 50]
        assert sorted(name for row in rows for name in row) == [
            f"person{number:04}" for number in range(250)
        ]
        for nonsense, same in (("0", 1), ("-1", 1), ("x", 1), ("", 1), ("9" * 30, 1), ("9", 3)):
            text = page(url, f"/_sandbox/people?page={nonsense}")
            assert f"Page {same} of 3" in text, nonsense
        members = page(url, "/_sandbox/people?team=team0&in=channel0-0&page=2")
        assert "101 to 120 of 120 people" in seen(members)
        assert "page=1" not in members and "in=channel0-0" in members


def test_a_long_list_of_members_leads_to_all_of_them() -> None:
    with drawing(company(60, 1, 1, 51)) as url:
        text = page(url, "/_sandbox/team/team0/channel0-0")
        assert "Members 51" in seen(text) and "All 51 members" in seen(text)
        assert len(re.findall('class="person"', text)) == 50


@pytest.mark.parametrize(
    ("sought", "found"),
    [
        ("holm", ["ann", "bo"]),
        ("HOLM ann", ["ann"]),
        ("driver", ["bo"]),
        ("@", []),
        ("system_user", ["ann", "bo", "eva"]),
        (" ", ["ann", "bo", "eva"]),
        ("østergaard", ["eva"]),
    ],
)
def test_people_are_found_by_words(sought: str, found: list[str]) -> None:
    people = (
        person("bo", "Bo Holm", "Driver"),
        person("eva", "Eva Østergaard", active=False),
        person("ann", "Ann Holm"),
    )
    with drawing(WorkspaceView("W", (), people)) as url:
        answer = requests.get(f"{url}/_sandbox/people", params={"q": sought}, timeout=30)
        assert re.findall(r"<code>(\w+)</code>", answer.text) == found


def test_a_large_company_stays_readable() -> None:
    with drawing(company(5000, 10, 50, 100)) as url:
        for path in (
            "/",
            "/_sandbox/people",
            "/_sandbox/team/team0",
            "/_sandbox/team/team0/channel0-0",
        ):
            assert len(get(url, path).content) < 250_000, path
        assert "People 5,000" in seen(page(url)) and "Memberships 50,000" in seen(page(url))


def test_an_empty_workspace_says_so() -> None:
    with drawing(WorkspaceView("", (), ())) as url:
        text = seen(page(url))
        assert "There is no team yet" in text and "Nobody has an account yet" in text
        assert {urlsplit(path).path for path in crawl(url)} == {
            "/", "/_sandbox/people", "/_sandbox/health", "/_sandbox/faults",
            "/_sandbox/style.css", "/_sandbox/icon.svg",
        }  # fmt: skip


@pytest.mark.parametrize("product", ["mattermost", "rocketchat"])
def test_it_says_what_it_stands_for(product: str) -> None:
    with Sandbox(product) as sandbox:
        name, version = {
            "mattermost": ("Mattermost", "11.6.0"),
            "rocketchat": ("Rocket.Chat", "8.3.0"),
        }[product]
        text = seen(page(sandbox.url))
        assert f"Sandbox A stand-in for {name} {version} on this machine." in text
        assert json.loads(get(sandbox.url, "/_sandbox/health").text)["version"] == version
