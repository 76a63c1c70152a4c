"""A channel that lives as long as the component that uses it."""

from __future__ import annotations

from typing import Any

from metafor.channels.channel import Channel
from metafor.channels.errors import ChannelConnectionError
from metafor.core import NoOwnerError, get_owner, on_mount

__all__ = ["use_channel"]


def use_channel(url: str, *, auto_reconnect: bool = True, **options: Any) -> Channel:
    """Make a channel that connects when the component is mounted and closes when it is disposed.

    Takes the arguments of `Channel`; here ``auto_reconnect`` is on unless it is turned off. A connection
    that cannot be made goes to ``on_error``, else to the global error handler. Raises `NoOwnerError`
    outside a component, an effect or ``create_root``.

    Example, in ``@props``::

        channel = use_channel("/ws")
        channel.on_message(lambda msg: set_messages([*messages(), msg]))
    """
    if get_owner() is None:
        raise NoOwnerError(
            "use_channel() was called where nothing owns the channel",
            next_step="call it in a component, or make a Channel and connect and close it yourself",
        )
    channel = Channel(url, auto_reconnect=auto_reconnect, **options)

    async def connect() -> None:
        try:
            await channel.connect()
        except ChannelConnectionError as error:
            if not channel._session.on_error:
                channel._session.report_outage(error)

    on_mount(connect)
    return channel
