"""Run the bot on plain Python: python examples/bot/main.py [URL] [ROOM]."""

import asyncio
import contextlib
import sys

from tally import Tally

from metafor.channels import Channel


async def main(url: str = "ws://localhost:8000/", room: str = "general") -> None:
    """Count until somebody stops it."""
    # Reliable: a vote that was cast while the bot was cut off is counted once, when it is back.
    channel = Channel(url, reliable=True)
    channel.on_error(lambda error: print(f"{error}", file=sys.stderr))
    channel.on_gap(lambda gap: print("some votes may be missing", file=sys.stderr))
    await channel.connect()
    await Tally(channel, room).start()
    print(f"Counting in {room}")
    try:
        await asyncio.Event().wait()
    finally:
        await channel.close()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main(*sys.argv[1:3]))
