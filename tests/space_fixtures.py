"""The assembled page with a tiny joint model, its server, a browser and tabs: fixtures of the tests of the page."""

import pytest

from benchmarks.browser import chromium, served
from publishing.space import assemble
from tests.space_page import save_tiny_joint, wait_until_ready


@pytest.fixture(scope="session")
def joint(tmp_path_factory):
    return save_tiny_joint(tmp_path_factory.mktemp("model") / "joint")


@pytest.fixture(scope="session")
def folder(joint, tmp_path_factory):
    return assemble(joint, tmp_path_factory.mktemp("pages") / "space")


@pytest.fixture(scope="session")
def address(folder):
    with served(folder) as found:
        yield found


@pytest.fixture(scope="module")
def browser():
    """For one file of tests, not for the session: while it runs, its thread can run no other event loop."""
    with chromium() as found:
        yield found


@pytest.fixture
def page(browser, address):
    """A fresh tab with the page, ready; an error in its console fails the test."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, service_workers="block")
    tab = context.new_page()
    errors = []
    tab.on("pageerror", lambda error: errors.append(str(error)))
    tab.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    tab.goto(address)
    wait_until_ready(tab)
    yield tab
    context.close()
    assert not errors


@pytest.fixture(scope="module")
def modules(browser, address):
    """A tab for all tests of a file, from which the page's modules are imported."""
    with browser.new_context(service_workers="block") as context:
        tab = context.new_page()
        tab.goto(address)
        yield tab
