"""The room server: SHELL PORT [REDIS]. SHELL is ``standalone``, or what uvicorn's ``--ws`` takes."""

import asyncio
import sys
import warnings

from metafor.server import Limits, RedisBroker, RoomServer


def main() -> None:
    """Serve until killed."""
    shell, port = sys.argv[1], int(sys.argv[2])
    broker = RedisBroker(sys.argv[3]) if sys.argv[3:] else None
    rooms = RoomServer(broker=broker, limits=Limits(close_seconds=1))
    if shell == "standalone":
        from metafor.server.standalone import serve

        asyncio.run(serve(rooms, port=port))
    else:
        import uvicorn

        warnings.simplefilter("ignore")
        uvicorn.run(
            rooms,
            host="127.0.0.1",
            port=port,
            ws=shell,
            loop="asyncio",
            log_level="critical",
            ws_per_message_deflate=False,
        )


main()
