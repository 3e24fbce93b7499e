"""A headless Chromium driven over a pipe: the DevTools protocol, one JSON text after another."""

import base64
import contextlib
import json
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PATIENCE = 60.0

_ARGUMENTS = (
    "--headless=new",
    "--remote-debugging-pipe",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-extensions",
    "--disable-sync",
    "--hide-scrollbars",
    "--no-default-browser-check",
    "--no-first-run",
    "--no-proxy-server",
    # Whatever a page asks for, nothing but this machine is found.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
# Chromium reads commands from descriptor 3 and writes answers to 4.
_LAUNCH = """
import os, sys
read, write = os.dup(int(sys.argv[1])), os.dup(int(sys.argv[2]))
while min(read, write) < 5:
    read, write = os.dup(read), os.dup(write)
os.dup2(read, 3)
os.dup2(write, 4)
os.execv(sys.argv[3], sys.argv[3:])
"""


def find() -> str | None:
    """Where Chromium is on this machine."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


class Page:
    """One tab: what a person sees in it, and what they can do there."""

    def __init__(self, browser: "Browser", target: str, session: str) -> None:
        self._browser = browser
        self._target = target
        self._session = session

    def open(self, url: str) -> None:
        """Go to an address and wait until it is loaded."""
        self._call("Page.enable")
        self._browser.forget("Page.loadEventFired")
        answer = self._call("Page.navigate", url=url)
        assert "errorText" not in answer, answer
        self._browser.wait("Page.loadEventFired")

    def follow(self, text: str, within: str = "body") -> None:
        """Click with the mouse on the link to what is called so; wait for where it leads."""
        place = self.run(
            """(text, within) => {
                const name = a => (a.querySelector('bdi') ?? a).innerText.trim();
                const fits = a => name(a) === text && a.getClientRects().length;
                const link = [...document.querySelectorAll(within + ' a')].find(fits);
                if (!link) return null;
                link.scrollIntoView({block: 'center', behavior: 'instant'});
                const box = link.getClientRects()[0];
                return [box.x + box.width / 2, box.y + box.height / 2];
            }""",
            text,
            within,
        )
        assert place, f"no link {text!r} to be seen in:\n{self.text()}"
        self._browser.forget("Page.loadEventFired")
        for kind in ("mousePressed", "mouseReleased"):
            self._call(
                "Input.dispatchMouseEvent",
                type=kind, x=place[0], y=place[1], button="left", clickCount=1,
            )  # fmt: skip
        self._browser.wait("Page.loadEventFired")

    def press(self, key: str) -> None:
        """Press and release a key, such as Tab."""
        codes = {"Tab": 9, "Enter": 13}
        text = {"Enter": "\r"}.get(key, "")
        self._call(
            "Input.dispatchKeyEvent",
            type="keyDown", key=key, code=key, windowsVirtualKeyCode=codes[key], text=text,
        )  # fmt: skip
        self._call(
            "Input.dispatchKeyEvent",
            type="keyUp", key=key, code=key, windowsVirtualKeyCode=codes[key],
        )  # fmt: skip

    def type(self, text: str) -> None:
        """Type into what has the focus."""
        self._call("Input.insertText", text=text)

    def submitted(self) -> None:
        """Press Enter and wait for the next page."""
        self._browser.forget("Page.loadEventFired")
        self.press("Enter")
        self._browser.wait("Page.loadEventFired")

    def show(self, width: int, height: int, dark: bool = False) -> None:
        """Take the shape of a screen, and the taste of the person before it."""
        self._call(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=1, mobile=width < 600,
        )  # fmt: skip
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self._call("Emulation.setEmulatedMedia", features=[scheme])

    def run(self, function: str, *arguments: Any) -> Any:
        """What a JavaScript function says about the page."""
        given = ", ".join(json.dumps(argument) for argument in arguments)
        answer = self._call(
            "Runtime.evaluate", expression=f"({function})({given})", returnByValue=True
        )
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def text(self, selector: str = "body") -> str:
        """The text to be seen in the first such element, as its lines."""
        return str(self.run("s => document.querySelector(s)?.innerText ?? ''", selector))

    def texts(self, selector: str) -> list[str]:
        """The text of every such element, on one line each."""
        found = self.run(
            "s => [...document.querySelectorAll(s)].map("
            "e => e.innerText.replace(/\\s+/g, ' ').trim())",
            selector,
        )
        return [str(text) for text in found]

    def accessible(self) -> list[tuple[str, str]]:
        """Role and name of all that a screen reader is told, in order."""
        nodes = self._call("Accessibility.getFullAXTree")["nodes"]
        return [
            (node["role"]["value"], node.get("name", {}).get("value", ""))
            for node in nodes
            if not node["ignored"]
        ]

    def screenshot(self) -> bytes:
        """The screen as PNG."""
        return base64.b64decode(self._call("Page.captureScreenshot", format="png")["data"])

    def close(self) -> None:
        """Close the tab."""
        self._browser.call("Target.closeTarget", targetId=self._target)

    def _call(self, method: str, **params: Any) -> dict[str, Any]:
        return self._browser.call(method, self._session, **params)


class Browser:
    """A running Chromium with a profile of its own."""

    def __init__(self, executable: str, profile: Path) -> None:
        here_read, there_write = os.pipe()
        there_read, here_write = os.pipe()
        arguments = [*_ARGUMENTS, f"--user-data-dir={profile}"]
        if os.geteuid() == 0:
            arguments.append("--no-sandbox")
        launch = [sys.executable, "-c", _LAUNCH, str(there_read), str(there_write)]
        self._process = subprocess.Popen(
            [*launch, executable, *arguments, "about:blank"],
            pass_fds=(there_read, there_write),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "HOME": str(profile), "XDG_CONFIG_HOME": str(profile)},
        )
        os.close(there_read)
        os.close(there_write)
        self._read, self._write = here_read, here_write
        self._rest = b""
        self._events: list[str] = []
        self._number = 0

    def page(self) -> Page:
        """A new tab."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        return Page(self, target, session)

    def call(self, method: str, session: str = "", **params: Any) -> dict[str, Any]:
        """Send a command and wait for its answer."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                assert "error" not in answer, (method, answer["error"])
                result: dict[str, Any] = answer["result"]
                return result

    def forget(self, event: str) -> None:
        """What happened so far does not count."""
        self._events = [name for name in self._events if name != event]

    def wait(self, event: str) -> None:
        """Return when something has happened."""
        while event not in self._events:
            self._next()

    def close(self) -> None:
        """End the browser."""
        with contextlib.suppress(OSError, EOFError):
            self.call("Browser.close")
        os.close(self._write)
        os.close(self._read)
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _next(self) -> dict[str, Any]:
        end = time.monotonic() + PATIENCE
        while b"\0" not in self._rest:
            if not select.select([self._read], [], [], max(0.0, end - time.monotonic()))[0]:
                raise TimeoutError(f"Chromium said nothing for {PATIENCE:.0f} s")
            more = os.read(self._read, 1 << 20)
            if not more:
                raise EOFError("Chromium has ended")
            self._rest += more
        text, _, self._rest = self._rest.partition(b"\0")
        message: dict[str, Any] = json.loads(text)
        if "method" in message:
            self._events.append(message["method"])
        return message


@contextlib.contextmanager
def running(executable: str, profile: Path) -> Iterator[Browser]:
    """A browser that is closed at the end."""
    browser = Browser(executable, profile)
    try:
        yield browser
    finally:
        browser.close()
