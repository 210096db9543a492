"""What the tests of the page share: a server of a folder on this machine and Debian's headless Chromium."""

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from publishing.space import PACKAGES, VENDORED

CHROMIUM = shutil.which("chromium")


def skip_without_browser() -> None:
    """Skip, with the reason, where the page cannot be opened."""
    pytest.importorskip("playwright", reason="playwright is not installed: pip install mujo[space]")
    if CHROMIUM is None:
        pytest.skip("no chromium: `make browser` installs it")
    if not all((PACKAGES / name).is_file() for name in VENDORED):
        pytest.skip("no npm packages: `make space-packages` installs them")


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args) -> None:
        pass


@contextmanager
def served(folder: Path) -> Iterator[ThreadingHTTPServer]:
    """A server of `folder`; its address is `http://localhost:PORT/`, which browsers take for a secure context."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


def address(server: ThreadingHTTPServer) -> str:
    return f"http://localhost:{server.server_port}/"


@contextmanager
def chromium() -> Iterator:
    """A headless browser, without a sandbox, which root needs."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()
