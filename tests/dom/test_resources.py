"""A resource on a page: what reads it waits, and shows the value when it is there (ruling 21)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from metafor.core import create_resource
from metafor.dom import component
from metafor.testing import render
from tests.dom.templates import component as template


async def answered(answer: asyncio.Future[str]) -> str:
    return await answer


async def test_a_hole_and_an_attribute_that_read_a_resource_show_it_when_it_arrives() -> None:
    answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    user = create_resource(lambda: answered(answer))
    shown = template("<p class=@{user()}>Hello @{user()}</p>", user=user)
    screen = render(shown)
    assert screen.html == "<p>Hello </p>"
    answer.set_result("Ada")
    await asyncio.sleep(0.001)
    assert screen.html == '<p class="Ada">Hello Ada</p>'
    screen.dispose()


async def test_a_component_whose_set_up_reads_a_resource_is_set_up_again_when_it_arrives() -> None:
    answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    user = create_resource(lambda: answered(answer))

    @component
    def Card(props: Mapping[str, Any]) -> Any:
        return f"card of {user()}"

    @component
    def Page(props: Mapping[str, Any]) -> Any:
        return lambda: Card()

    screen = render(Page)
    assert screen.text == ""
    answer.set_result("Ada")
    await asyncio.sleep(0.001)
    assert screen.text == "card of Ada"
    screen.dispose()


async def test_suspense_shows_its_fallback_until_all_below_have_what_they_wait_for() -> None:
    loop = asyncio.get_running_loop()
    first: asyncio.Future[str] = loop.create_future()
    second: asyncio.Future[str] = loop.create_future()
    one = create_resource(lambda: answered(first))
    two = create_resource(lambda: answered(second))
    page = template(
        "<main><Suspense fallback=@{<i>wait</i>}><b>@{one()}</b><u title=@{two()}></u>!</Suspense></main>",
        one=one,
        two=two,
    )
    screen = render(page)
    assert screen.html == "<main><i>wait</i></main>"
    first.set_result("1")
    await asyncio.sleep(0.001)
    assert screen.html == "<main><i>wait</i></main>"
    second.set_result("2")
    await asyncio.sleep(0.001)
    assert screen.html == '<main><b>1</b><u title="2"></u>!</main>'
    screen.dispose()
    assert screen.host.live_ids == 0


async def test_suspense_takes_a_set_up_that_waits_and_keeps_content_that_has_settled() -> None:
    answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    user = create_resource(lambda: answered(answer))

    @component
    def Card(props: Mapping[str, Any]) -> Any:
        return f"card of {user()}"

    screen = render(template("<p><Suspense fallback='wait'><Card/></Suspense></p>", Card=Card))
    assert screen.html == "<p>wait</p>"
    answer.set_result("Ada")
    await asyncio.sleep(0.001)
    assert screen.html == "<p>card of Ada</p>"


async def test_content_without_resources_is_never_hidden() -> None:
    screen = render(template("<p><Suspense fallback='wait'><b>there</b></Suspense></p>"))
    assert screen.html == "<p><b>there</b></p>"
