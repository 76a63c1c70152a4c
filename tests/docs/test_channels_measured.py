"""``docs/channels-measured.md``: its snippet runs, and the commands that it names exist."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from tests.channels.loopback import server

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "channels-measured.md").read_text(encoding="utf-8")


async def test_its_snippet_runs() -> None:
    (text,) = re.findall(r"^```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    names: dict[str, Any] = {}
    exec(compile(text, "docs/channels-measured.md", "exec"), names)
    arrived: list[Any] = []

    async def listen(websocket: Any) -> None:
        async for message in websocket:
            arrived.append(message)  # noqa: PERF401

    async with server(listen) as url:
        fates = await names["survives"](url)
    assert len(fates) == 100
    assert set(fates) == {"sent"}
    assert arrived == [str(number) for number in range(100)]


def test_its_commands_are_in_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    commands = re.findall(r"`make ([a-z-]+)`", PAGE)
    assert commands
    for command in commands:
        assert f"\n{command}:" in makefile
