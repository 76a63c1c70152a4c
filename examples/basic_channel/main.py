"""A channel, step by step: on a page, or on plain Python as a script.

python examples/basic_channel/main.py [URL]
"""

import asyncio
import sys

from talk import talk

if sys.platform == "emscripten":
    from log import Log

    from metafor.dom import mount

    # Everybody at the room server hears a message without a room, the sender too: an echo.
    mount(Log, "#app", {"url": "/ws"})
else:
    from metafor.channels import ChannelConnectionError

    try:
        asyncio.run(talk(sys.argv[1] if len(sys.argv) > 1 else "ws://localhost:8765", print))
    except (ChannelConnectionError, TimeoutError) as error:
        sys.exit(f"Failed: {error}")
