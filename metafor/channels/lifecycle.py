"""A channel that lives as long as the components that use it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from inspect import signature
from typing import Any

from metafor.channels.channel import Channel
from metafor.channels.endpoint import Url
from metafor.channels.errors import ChannelConnectionError
from metafor.channels.options import policy
from metafor.core import NoOwnerError, get_owner, on_dispose, on_mount, run_with_owner
from metafor.core.lifecycle import lasting_owner

__all__ = ["use_channel"]


def use_channel(url: Url, *, auto_reconnect: bool = True, shared: bool = False, **options: Any) -> Channel:
    """Make a channel that connects when the component is mounted and closes when it is disposed.

    Takes the arguments of `Channel`; here ``auto_reconnect`` is on unless it is turned off. A connection
    that cannot be made goes to ``on_error``, else to the global error handler. Raises `NoOwnerError`
    outside a component, an effect or ``create_root``.

    With ``shared=True`` all components that say so for the same ``url`` get one channel. It closes with
    the last of them; what a component registered or bound on it ends with that component. The options must
    mean the same everywhere (compared with ``==``, defaults filled in), else ValueError.

    Example, in ``@props``::

        channel = use_channel("/ws")
        channel.on_message(lambda msg: set_messages([*messages(), msg]))
    """
    if get_owner() is None:
        raise NoOwnerError(
            "use_channel() was called where nothing owns the channel",
            next_step="call it in a component, or make a Channel and connect and close it yourself",
        )
    options["auto_reconnect"] = auto_reconnect
    channel = _share(url, options) if shared else Channel(url, **options)

    async def connect() -> None:
        try:
            await channel.connect()
        except ChannelConnectionError as error:
            if not channel._session.on_error:
                channel._session.report_outage(error)

    on_mount(connect)
    return channel


class _Shared:
    """A channel and the number of its users."""

    def __init__(self, url: Url, options: dict[str, Any]) -> None:
        self.meant = _meant(url, options)
        self.users = 0
        # It outlives the component that happened to be the first.
        self.channel: Channel = run_with_owner(None, lambda: Channel(url, **options))


class _SharedChannels(threading.local):
    """Signals belong to a thread, so these do as well."""

    def __init__(self) -> None:
        self.by_url: dict[Url, _Shared] = {}


_shared = _SharedChannels()


def _share(url: Url, options: dict[str, Any]) -> Channel:
    by_url = _shared.by_url
    shared = by_url.get(url)
    if shared is None or shared.channel._session.disposed:
        shared = by_url[url] = _Shared(url, options)
    elif differences := _differences(shared.meant, _meant(url, options)):
        raise ValueError(f"the channel to {url!r} is shared with other options: {differences}")
    shared.users += 1
    run_with_owner(lasting_owner(), lambda: on_dispose(_leaving(shared, url)))
    return shared.channel


def _meant(url: Url, options: dict[str, Any]) -> dict[str, Any]:
    """All arguments of `Channel`, defaults filled in; the two that mean a policy as the policy (ruling 2)."""
    bound = signature(Channel).bind(url, **options)
    bound.apply_defaults()
    meant = bound.arguments
    meant["reconnect_policy"] = policy(meant.pop("reconnect_delay"), meant["reconnect_policy"])
    return meant


def _differences(ours: dict[str, Any], theirs: dict[str, Any]) -> str:
    return ", ".join(
        f"{name}={value!r}, not {theirs[name]!r}" for name, value in ours.items() if value != theirs[name]
    )


def _leaving(shared: _Shared, url: Url) -> Callable[[], None]:
    def leave() -> None:
        shared.users -= 1
        if not shared.users:
            if _shared.by_url.get(url) is shared:
                del _shared.by_url[url]
            shared.channel._session.dispose(quietly=True)

    return leave
