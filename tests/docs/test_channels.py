"""``docs/channels.md``: its recipes run, its diagram is the machine's, its tables know every state."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from metafor.channels import ChannelState, ReceiptStatus, connection
from metafor.channels.transports.cpython import CPythonTransport
from metafor.channels.transports.memory import MemoryTransport
from tests.channels.everywhere.place import Place
from tests.channels.everywhere.recipes import RECIPES
from tests.channels.everywhere.server import Behaviour, PathServer

DOCUMENT = Path(__file__).parents[2] / "docs" / "channels.md"


def recipes() -> str:
    """All code of the page, as one module."""
    text = DOCUMENT.read_text(encoding="utf-8")
    return "\n\n".join(re.findall(r"^```python\n(.*?)^```$", text, re.DOTALL | re.MULTILINE))


@pytest.fixture(scope="module")
def doc() -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(compile(recipes(), str(DOCUMENT), "exec"), names)
    return names


@pytest.fixture(params=["memory", "cpython"], scope="module")
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    if request.param == "memory":
        yield Place(MemoryTransport(Behaviour().serve), "ws://memory")
    else:
        with PathServer() as server:
            yield Place(CPythonTransport(), f"ws://127.0.0.1:{server.port}")


@pytest.mark.parametrize("name", RECIPES)
async def test_recipe(name: str, place: Place, doc: dict[str, Any]) -> None:
    await RECIPES[name](place, doc)


def test_every_recipe_has_a_test_of_its_name() -> None:
    titles = re.findall(r"^### (.*)$", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)
    assert [title.lower().replace(" ", "_") for title in titles] == list(RECIPES)


def test_the_diagram_is_the_one_in_the_code() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    diagram = text.partition("\n```\n")[2].partition("```\n")[0]
    assert "RECONNECTING" in diagram
    assert connection.__doc__ is not None
    assert diagram in connection.__doc__


@pytest.mark.parametrize("name", [*(state.name for state in ChannelState), *map(str, ReceiptStatus)])
def test_every_state_and_status_is_explained(name: str) -> None:
    assert f"\n| `{name}`" in DOCUMENT.read_text(encoding="utf-8")
