"""A smoke run in WebKit: the page starts, renders, takes events, and talks to another page.

Playwright brings a WebKit of its own, which Debian has not; this one is driven by Selenium through
Debian's WebKitWebDriver, in a virtual screen. It has no stack switching (JSPI): what passes here does
not depend on it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver import WebKitGTK
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait
from selenium.webdriver.webkitgtk.options import Options
from selenium.webdriver.webkitgtk.service import Service

from e2e.conftest import EXAMPLES, ROOT, Serve

# Selenium's own driver for WebKitGTK still uses what Selenium deprecates.
pytestmark = pytest.mark.filterwarnings("ignore:setting remote_server_addr:DeprecationWarning")

#: Seconds: WebKit draws in software here and has one core at best.
START = 90
BROWSERS = sorted(Path("/usr/lib").glob("*/webkit2gtk-4.*/MiniBrowser"))


@pytest.fixture(scope="module")
def screen() -> Iterator[str]:
    """A virtual screen; gives its DISPLAY."""
    read, write = os.pipe()
    server = subprocess.Popen(
        [shutil.which("Xvfb") or "Xvfb", "-displayfd", str(write), "-screen", "0", "1200x900x24"],
        pass_fds=[write],
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    with os.fdopen(read) as answer:
        number = answer.readline().strip()
    yield f":{number}"
    server.terminate()
    server.wait(10)


@pytest.fixture
def webkit(screen: str) -> Iterator[WebKitGTK]:
    options = Options()
    options.binary_location = str(BROWSERS[-1])
    options.add_argument("--automation")
    environment = {
        **os.environ,
        "DISPLAY": screen,
        "LIBGL_ALWAYS_SOFTWARE": "1",
        "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1",
    }
    driver = WebKitGTK(
        options=options,
        service=Service(executable_path=shutil.which("WebKitWebDriver"), env=environment),
    )
    yield driver
    driver.quit()


def test_a_page_starts_and_its_component_chats(webkit: WebKitGTK, serve: Serve) -> None:
    served = serve(EXAMPLES / "component")
    webkit.get(served.url)
    root = webkit.find_element(By.TAG_NAME, "html")
    WebDriverWait(webkit, START).until(lambda _: root.get_attribute("data-metafor") != "loading")
    assert root.get_attribute("data-metafor") == "ready"

    field = webkit.find_element(By.TAG_NAME, "input")
    field.send_keys("hello from WebKit")
    webkit.find_element(By.TAG_NAME, "button").click()
    WebDriverWait(webkit, 20).until(
        lambda _: (
            [line.text for line in webkit.find_elements(By.TAG_NAME, "p")]
            == ["{'text': 'hello from WebKit'}"]
        )
    )
    assert field.get_property("value") == ""
    field.send_keys("again", Keys.TAB)
    assert field.get_property("value") == "again"


def test_forms_events_and_pictures(webkit: WebKitGTK, serve: Serve) -> None:
    served = serve(ROOT / "e2e" / "gallery")
    webkit.get(served.url)
    root = webkit.find_element(By.TAG_NAME, "html")
    WebDriverWait(webkit, START).until(lambda _: root.get_attribute("data-metafor") != "loading")
    assert root.get_attribute("data-metafor") == "ready"

    def one(selector: str) -> WebElement:
        return webkit.find_element(By.CSS_SELECTOR, selector)

    def comes(selector: str, text: str) -> None:
        WebDriverWait(webkit, 20).until(lambda _: one(selector).text == text)

    one("#digits").send_keys("1a2")
    comes("#digits + output", "'12'")
    assert one("#digits").get_property("value") == "12"
    one("#load").click()
    WebDriverWait(webkit, 20).until(lambda _: one("#late").get_property("value") == "two")
    one("#order b").click()
    comes("#order output", "capture inner P B outer order")
    one("#draw").click()
    spaces = "return [...document.querySelectorAll('#drawing circle')].map((one) => one.namespaceURI)"
    WebDriverWait(webkit, 20).until(lambda _: len(webkit.execute_script(spaces)) == 3)
    assert set(webkit.execute_script(spaces)) == {"http://www.w3.org/2000/svg"}

    # No `moveBefore` here: focus, caret and scroll position are restored by hand.
    assert not webkit.execute_script("return 'moveBefore' in Element.prototype")
    webkit.execute_script(
        """
        document.addEventListener("scroll", () => { window.hasScrolled = true; }, true);
        document.querySelector("#row-e .scroller").scrollTo(0, 20);
        """
    )
    # Browsers tell of it with a frame, and this one draws in software.
    WebDriverWait(webkit, 20).until(lambda _: webkit.execute_script("return window.hasScrolled"))
    script = """
        const row = document.querySelector("#row-e"), field = row.querySelector("input");
        field.focus();
        field.setSelectionRange(0, 1);
        document.querySelector("#rotate").click();
        return [
            row.parentNode.firstElementChild === row, document.activeElement === field,
            field.selectionStart, field.selectionEnd, row.querySelector(".scroller").scrollTop,
        ];
    """
    assert webkit.execute_script(script) == [True, True, 0, 1, 20]
