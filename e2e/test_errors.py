"""Errors stay where they happen, and say in which component (ruling 32): e2e/gallery/errors.ptml."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from e2e.support.watching import Watch


@pytest.fixture
def errors(gallery: Page, watch: Watch) -> Locator:
    return gallery.locator("#errors")


def test_errors_reach_boundary_or_global_handler_and_the_rest_lives(errors: Locator) -> None:
    reported = errors.locator("output p")
    noisy, path = errors.locator(".noisy"), "in Gallery > Errors > Outer > Noisy"
    expect(reported).to_have_text([f"of a mount | {path}"])

    noisy.get_by_role("button", name="now").click()
    noisy.get_by_role("button", name="later").click()
    expect(reported).to_have_count(3)
    errors.locator("#remove").click()
    expect(noisy.locator("i")).to_have_count(0)
    expect(reported).to_have_text(
        [
            f"of a mount | {path}",
            f"of a handler | {path}",
            f"of a task | {path}",
            f"of a disposal | {path} > Show > Short",
        ]
    )

    # A handler below a boundary: the fallback instead, and nothing for the global handler.
    guarded = errors.locator("#guarded")
    guarded.get_by_role("button", name="press").click()
    expect(guarded).to_have_text("of a handler again")
    guarded.get_by_role("button", name="again").click()
    expect(guarded).to_have_text("whole press")
    expect(reported).to_have_count(4)

    # One change makes a binding, an attribute and an effect fail; each is told of once.
    errors.locator("#break").click()
    expect(guarded).to_have_text("of a binding again")
    expect(reported).to_have_count(6)
    assert set(reported.all_text_contents()[4:]) == {f"of an attribute | {path}", f"of an effect | {path}"}
    guarded.get_by_role("button", name="again").click()
    expect(guarded).to_have_text("of a binding again")
    errors.locator("#mend").click()
    guarded.get_by_role("button", name="again").click()
    expect(guarded).to_have_text("whole press")

    # The rest of the page never noticed.
    count = errors.locator("#count")
    count.click()
    expect(count).to_have_text("1")
    expect(noisy).to_have_attribute("title", "fine")
