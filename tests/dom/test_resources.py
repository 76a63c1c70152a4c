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
