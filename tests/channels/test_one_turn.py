"""A thousand equal messages in one turn, on a page in memory; ``e2e/test_channels.py`` has real ones."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import metafor.compiler
from metafor.channels import Message
from metafor.core import create_effect, create_root
from metafor.testing import render
from metafor.testing.virtual_time import in_virtual_time
from tests.channels.network import open_channel, turns

VIEW = """
@component("View") @props {
    @prop channel
}
@ptml {
    <p>@{str(channel.message_signal())}, the last of @{len(channel.messages_signal())}</p>
}
"""


@in_virtual_time
async def test_the_stream_has_them_all_and_signals_and_dom_are_told_once() -> None:
    channel, peer = await open_channel(history=2000)
    streamed: list[Message] = []
    handled: list[Any] = []
    told: list[Any] = []
    channel.stream.subscribe(streamed.append)
    channel.on_message(handled.append)
    create_root(lambda _: create_effect(lambda: told.append(channel.message_signal())))
    module = ModuleType("view")
    exec(
        compile(metafor.compiler.compile_source(VIEW, "view.ptml").module, "view.ptml", "exec"), vars(module)
    )

    with render(module.View, channel=channel) as screen:
        assert screen.text == "None, the last of 0"
        for repetition in (1, 2):  # also when the message is that of the turn before
            commits = screen.host.commits
            told.clear()
            await peer.send(*['{"price": 1}'] * 1000)
            await turns()
            assert [message.data for message in streamed] == [{"price": 1}] * 1000 * repetition
            assert handled == [{"price": 1}] * 1000 * repetition
            assert told == [{"price": 1}]
            assert screen.host.commits == commits + 1
            assert screen.text == f"{{'price': 1}}, the last of {1000 * repetition}"
        await peer.send(*['{"price": 1}'] * 999, '{"price": 2}')
        await turns()
        assert told[-1] == {"price": 2}  # the last is not lost
        assert screen.text.startswith("{'price': 2}")
    await channel.close()
