"""A headless Chromium driven over its DevTools pipe, with the standard library alone."""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = (
    "--headless=new", "--remote-debugging-pipe", "--disable-gpu", "--no-first-run",
    "--no-default-browser-check", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--disable-extensions", "--disable-default-apps", "--mute-audio",
    "--disable-dev-shm-usage", "--hide-scrollbars",
)  # fmt: skip
# The DevTools pipe is file descriptors 3 and 4 of the browser, whatever their numbers are here.
_START = (
    "import fcntl, os, sys; r, w = (fcntl.fcntl(int(n), fcntl.F_DUPFD, 10) for n in sys.argv[1:3]);"
    "os.dup2(r, 3); os.dup2(w, 4); os.execv(sys.argv[3], sys.argv[3:])"
)


def find_browser() -> str | None:
    """Return the path of a Chromium, or None."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


class Browser:
    """One browser with one page; every call waits for its answer, at most `timeout` seconds."""

    def __init__(self, program: str, profile: Path, timeout: float = 600.0) -> None:
        self.timeout = timeout
        self.events: list[dict[str, Any]] = []
        self._count = 0
        self._buffer = b""
        self._session: str | None = None
        read_end, self._out = os.pipe()
        self._in, write_end = os.pipe()
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
        arguments = [program, *_FLAGS, *sandbox, f"--user-data-dir={profile}", "about:blank"]
        self._process = subprocess.Popen(
            [sys.executable, "-c", _START, str(read_end), str(write_end), *arguments],
            pass_fds=(read_end, write_end),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(read_end)
        os.close(write_end)
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Return what the browser answers to a DevTools command."""
        self._count += 1
        number = self._count
        message: dict[str, Any] = {"id": number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        answer = self._wait(lambda m: m.get("id") == number, method)
        assert "error" not in answer, (method, answer)
        return answer["result"]

    def _wait(self, wanted: Callable[[dict[str, Any]], bool], what: str) -> dict[str, Any]:
        deadline = time.monotonic() + self.timeout
        while True:
            message = self._read(deadline, what)
            if "method" in message:
                self.events.append(message)
            if wanted(message):
                return message

    def _read(self, deadline: float, what: str) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._in], [], [], max(deadline - time.monotonic(), 0))
            assert ready, f"the browser did not answer in time: {what}"
            chunk = os.read(self._in, 1 << 20)
            assert chunk, f"the browser ended: {what}"
            self._buffer += chunk
        line, _, self._buffer = self._buffer.partition(b"\0")
        return json.loads(line)

    def media(self, *, dark: bool = False, media: str = "") -> None:
        """Emulate a light or dark screen, or another medium."""
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", media=media, features=[scheme])

    def script(self, *, on: bool) -> None:
        """Switch the page's own scripts off or on; takes effect when a page opens."""
        self.call("Emulation.setScriptExecutionDisabled", value=not on)

    def size(self, width: int, height: int = 900) -> None:
        """Give the page a screen of this size in CSS pixels."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )

    def open(self, path: Path) -> None:
        """Open a file from disk and wait until it is loaded."""
        self.events.clear()
        self.call("Page.navigate", url=path.as_uri())
        self.wait_for("Page.loadEventFired")

    def wait_for(self, event: str, **parameters: Any) -> None:
        """Wait until an event with these parameters has come, or return if it has already."""

        def is_it(message: dict[str, Any]) -> bool:
            given = message.get("params", {})
            named = message.get("method") == event
            return named and all(given.get(key) == value for key, value in parameters.items())

        if not any(map(is_it, self.events)):
            self._wait(is_it, event)

    def value(self, expression: str) -> Any:
        """Return what a JavaScript expression gives, as plain values."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def complaints(self) -> list[Any]:
        """Return what the console, the log and the scripts of the page complained about."""
        self.value("0")  # what happened before has been reported by the time this answers
        return [
            event["params"]
            for event in self.events
            if event["method"] in {"Runtime.exceptionThrown", "Log.entryAdded"}
            or event["method"] == "Runtime.consoleAPICalled"
        ]

    def requests(self) -> list[str]:
        """Return every address that the page asked for, apart from what it carries itself."""
        self.value("0")
        asked = (e for e in self.events if e["method"] == "Network.requestWillBeSent")
        urls = [event["params"]["request"]["url"] for event in asked]
        return [url for url in urls if not url.startswith("data:")]

    def picture(self, *, whole: bool = True) -> bytes:
        """Return the page as PNG."""
        answer = self.call("Page.captureScreenshot", captureBeyondViewport=whole, format="png")
        return base64.b64decode(answer["data"])

    def pdf(self) -> bytes:
        """Return the page as it prints on A4."""
        answer = self.call("Page.printToPDF", printBackground=True, preferCSSPageSize=True)
        return base64.b64decode(answer["data"])

    def close(self) -> None:
        """End the browser."""
        self._session = None
        self.call("Browser.close")
        os.close(self._out)
        os.close(self._in)
        self._process.wait(self.timeout)
