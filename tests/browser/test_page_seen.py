"""What a person sees at the sandbox's address, in a real browser."""

import struct
import zlib
from itertools import pairwise

import pytest

from chatops.sandbox import Sandbox
from tests.browser import chromium
from tests.browser.company import (
    MARKUP,
    NAME,
    PURPOSE,
    RIGHT_TO_LEFT,
    SAID,
    TEMPLATE,
    TOPIC,
)

CHANNEL = {
    "mattermost": "/_sandbox/team/eng/deploys",
    "rocketchat": "/_sandbox/team/Engineering/deploys",
}
PRODUCT = {"mattermost": "Mattermost 11.6.0", "rocketchat": "Rocket.Chat 8.3.0"}

# The contrast of each text with what lies behind it, worst first: WCAG 2.2, 1.4.3.
CONTRASTS = """() => {
    const canvas = new OffscreenCanvas(1, 1).getContext('2d', {willReadFrequently: true});
    const bytes = colour => {
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data];
    };
    const light = ([r, g, b]) => {
        const part = v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
        return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
    };
    const behind = element => {
        for (let e = element; e; e = e.parentElement) {
            const colour = bytes(getComputedStyle(e).backgroundColor);
            if (colour[3] === 255) return colour;
            if (colour[3] !== 0) throw new Error('half transparent: ' + e.outerHTML);
        }
        throw new Error('nothing behind ' + element.outerHTML);
    };
    const found = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const element = walker.currentNode.parentElement;
        const text = walker.currentNode.data.trim();
        if (!text || !element.checkVisibility()) continue;
        const [a, b] = [bytes(getComputedStyle(element).color), behind(element)].map(light);
        found.push([(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), text.slice(0, 40)]);
    }
    return found.sort((a, b) => a[0] - b[0]);
}"""


def scanlines(png: bytes) -> tuple[int, int, list[bytes]]:
    """Width, bytes to a pixel, and the lines of an image as its filters left them."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    width, height, depth, kind = struct.unpack(">IIBB", png[16:26])
    assert depth == 8
    step = {2: 3, 6: 4}[kind]
    packed, at = b"", 8
    while at < len(png):
        (size,) = struct.unpack(">I", png[at : at + 4])
        if png[at + 4 : at + 8] == b"IDAT":
            packed += png[at + 8 : at + 8 + size]
        at += size + 12
    raw, line = zlib.decompress(packed), width * step + 1
    return width, step, [raw[n * line : (n + 1) * line] for n in range(height)]


def brightness(png: bytes) -> float:
    """Of the pixel in the upper left corner, which no filter changes."""
    pixel = scanlines(png)[2][0][1:4]
    return sum(pixel) / 3 / 255


def test_it_says_what_it_is_and_what_is_inside(tab: chromium.Page, company: Sandbox) -> None:
    tab.open(company.url)
    product = PRODUCT[company.workspace.product]
    assert f"A stand-in for {product} on this machine." in tab.text("header")
    assert tab.texts("h1") == [NAME]
    figures = dict(text.split(" ", 1) for text in tab.texts(".figures div"))
    assert figures["Teams"] == "1"
    assert figures["Channels"] == "5 1 private, 1 archived"
    assert figures["People"].endswith("1 inactive")
    assert "Engineering" in tab.texts("main h3")[0]
    assert "Ann Holm" in tab.text("main") and "Eva Bak" in tab.text("main")


def test_links_lead_from_the_team_to_a_person(tab: chromium.Page, company: Sandbox) -> None:
    tab.open(company.url)
    tab.follow("Engineering", "main")
    rows = {
        row.split(" ")[0].lstrip("#") or row.split(" ")[1]: row for row in tab.texts(".rows > li")
    }
    assert TOPIC in rows["deploys"] and PURPOSE in rows["deploys"]
    assert "4 members" in rows["deploys"]
    assert "Private" in rows["salaries"] and "Archived" not in rows["salaries"]
    assert "Archived" in rows["old-plans"] and "Private" not in rows["old-plans"]
    assert "Private" not in rows["deploys"] and "Archived" not in rows["deploys"]

    tab.follow("deploys", "main")
    assert tab.texts("h1")[0].endswith("deploys")
    assert tab.texts(".facts dd") == ["deploys", TOPIC, PURPOSE]
    people = tab.texts(".stack li")
    assert any("Ann Holm" in each and "inactive" not in each for each in people)
    assert any("Eva Bak" in each and "inactive" in each for each in people)

    tab.follow("Ann Holm", ".stack")
    assert tab.texts("h1")[0].endswith("Ann Holm")
    assert "ann" in tab.texts(".facts dd")
    assert "Active" in tab.texts(".facts dd")
    tab.follow("deploys", "main")
    assert tab.run("() => location.pathname") == CHANNEL[company.workspace.product]


def test_messages_are_shown_as_they_were_written(tab: chromium.Page, company: Sandbox) -> None:
    tab.open(company.url + CHANNEL[company.workspace.product])
    said = tab.texts(".talk > li:not(.system) .text")
    assert said == [" ".join(text.split()) for text in SAID]
    assert {MARKUP, TEMPLATE, RIGHT_TO_LEFT} < set(said)
    # What was written did nothing.
    assert "taken over" not in tab.run("() => document.title")
    assert (
        tab.run("() => document.scripts.length + document.querySelectorAll('main img').length") == 0
    )
    # The right-to-left mark turned its own line round, and none beside it.
    assert tab.run("() => document.dir || getComputedStyle(document.body).direction") == "ltr"


def test_a_page_asks_nobody_else(tab: chromium.Page, company: Sandbox) -> None:
    tab.open(company.url)
    asked = tab.run("() => performance.getEntriesByType('resource').map(e => e.name)")
    assert f"{company.url}/_sandbox/style.css" in asked
    assert all(address.startswith(f"{company.url}/_sandbox/") for address in asked)


def test_people_are_found_by_typing(tab: chromium.Page, company: Sandbox) -> None:
    tab.open(company.url)
    tab.run("() => document.querySelector('input[type=search]').focus()")
    tab.type("bo lund")
    tab.submitted()
    assert tab.texts("tbody th") == ["BL Bo Lund"]
    assert tab.run("() => document.querySelector('input[type=search]').value") == "bo lund"
    tab.follow("show all", "main")
    assert len(tab.texts("tbody tr")) == len(company.workspace.view().people)
    (inactive,) = (row for row in tab.texts("tbody tr") if "Eva Bak" in row)
    assert inactive.endswith("Inactive")


def test_the_keyboard_gets_past_the_navigation(tab: chromium.Page, company: Sandbox) -> None:
    tab.open(company.url)
    tab.press("Tab")
    box = tab.run(
        "() => { const box = document.activeElement.getBoundingClientRect();"
        " return [document.activeElement.innerText, box.x >= 0 && box.y >= 0 && box.width > 50]; }"
    )
    assert box == ["Skip to the content", True]
    tab.press("Enter")
    assert tab.run("() => document.activeElement.id") == "content"


@pytest.mark.parametrize("path", ["/", "channel", "/_sandbox/people", "/_sandbox/people/ann"])
def test_a_screen_reader_finds_its_way(tab: chromium.Page, company: Sandbox, path: str) -> None:
    tab.open(company.url + path.replace("channel", CHANNEL[company.workspace.product]))
    told = tab.accessible()
    roles = [role for role, _ in told]
    for landmark in ("banner", "main", "contentinfo", "search"):
        assert roles.count(landmark) == 1, landmark
    names = [name for role, name in told if role == "navigation"]
    assert "Pages" in names and "Teams and channels" in names
    assert len(set(names)) == len(names)
    assert ("searchbox", "Find people") in told
    assert all(name for role, name in told if role in ("link", "button", "heading", "table"))
    levels = tab.run("() => [...document.querySelectorAll('h1,h2,h3,h4')].map(h => +h.tagName[1])")
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert tab.run("() => document.documentElement.lang") == "en"


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("path", ["/", "channel", "/_sandbox/people", "/_sandbox/people/eva"])
def test_all_text_stands_out(tab: chromium.Page, company: Sandbox, path: str, dark: bool) -> None:
    tab.show(1280, 900, dark)
    tab.open(company.url + path.replace("channel", CHANNEL[company.workspace.product]))
    contrasts = tab.run(CONTRASTS)
    assert len(contrasts) > 30
    assert [each for each in contrasts if each[0] < 4.5] == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 768, 1280], ids=str)
def test_it_fits_the_screen(tab: chromium.Page, company: Sandbox, width: int, dark: bool) -> None:
    tab.show(width, 800, dark)
    channel = CHANNEL[company.workspace.product]
    for path in ("/", channel.rpartition("/")[0], channel, "/_sandbox/people"):
        tab.open(company.url + path)
        wide = tab.run("() => document.documentElement.scrollWidth")
        assert wide <= width, path
        png = tab.screenshot()
        drawn, _, lines = scanlines(png)
        assert (drawn, len(lines)) == (width, 800)
        # Most lines of a blank picture are the same; a page has text all over.
        assert len(set(lines)) > 200, path
        assert (brightness(png) < 0.3) if dark else (brightness(png) > 0.8), path
    shown = tab.run("() => document.querySelector('.side').checkVisibility()")
    assert shown == (width > 900)


def test_it_shows_a_change_at_the_next_look(tab: chromium.Page) -> None:
    with Sandbox("mattermost") as sandbox:
        tab.open(sandbox.url)
        assert "There is no team yet" in tab.text("main")
        assert "Nobody has an account yet" in tab.text("main")
        sandbox.workspace.seed_admin("root", "Sup3r-secret!pw", "root@acme.example")
        tab.open(sandbox.url)
        assert "@root" in tab.text("main")
        assert "Nobody has an account yet" not in tab.text("main")
