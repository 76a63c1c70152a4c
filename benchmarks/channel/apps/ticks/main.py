"""The page of Solid's, in metafor: prices that change a thousand times a second."""

import asyncio

import js
from board import Board

from metafor.dom import mount


async def main():
    probe = await js.eval("import(new URL('assets/probe.js', document.baseURI))")
    mount(Board, "#app", {"url": f"ws://{js.location.host}/ticks", "ask": probe.ASK})
    await probe.settled()
    await probe.measure(probe.SECONDS)


started = [asyncio.ensure_future(main())]
