"""`metafor build`: files that any static server can serve, to a page that may reach no other origin."""

from __future__ import annotations

import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from e2e.conftest import EXAMPLES, Open
from e2e.support.serving import PATIENCE, metafor
from e2e.support.static import static_server
from e2e.support.watching import LOST_SOCKET, Watch


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The root of a web server that has the built chat somewhere below it."""
    root = tmp_path_factory.mktemp("www")
    command = metafor("build", EXAMPLES / "chat", "--out", root / "teams" / "our chat")
    subprocess.run(command, check=True, timeout=PATIENCE, stdout=subprocess.DEVNULL)
    return root


@pytest.fixture
def url(root: Path) -> Iterator[str]:
    with static_server(root) as origin:
        yield f"{origin}/teams/our%20chat/"


def test_the_built_site_needs_nothing_else(root: Path, url: str, open_page: Open, watch: Watch) -> None:
    watch.expect(*LOST_SOCKET, "responded with a status of 404|Unexpected response code: 404")
    page = open_page(url)
    page.get_by_label("Your name").fill("Ada")
    page.get_by_role("button", name="Enter the chat").click()

    # No server answers at /ws: the page says so, keeps trying, and stays usable.
    expect(page.get_by_role("status")).to_contain_text("Connection lost. Reconnecting…")
    page.get_by_role("textbox", name="Message to general").fill("is anybody there?")
    page.keyboard.press("Enter")
    expect(page.get_by_role("log").get_by_text("Waiting to be sent")).to_be_visible()
    page.get_by_role("button", name="Try now").click()
    expect(page.get_by_role("status")).to_contain_text("1 message is waiting.")
    page.get_by_role("button", name="design").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("design")

    origin = url.removesuffix("/teams/our%20chat/")
    elsewhere = {asked for asked in watch.requests if not asked.startswith(url)}
    assert elsewhere <= {f"{origin}/ws"}  # Firefox lists the handshake among the requests
    assert "compiler" not in " ".join(watch.requests)
    names = [name for archive in root.rglob("*.zip") for name in zipfile.ZipFile(archive).namelist()]
    assert "metafor/dom/mounting.py" in names
    assert "chat.ptml.py" in names
    assert [
        name for name in names if name.startswith(("metafor/compiler", "metafor/cli", "metafor/server"))
    ] == []
