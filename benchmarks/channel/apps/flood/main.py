"""A page that receives and sends as fast as it can: raw JavaScript and a `Channel` by turns."""

import asyncio
import json

import js

from metafor.channels import Channel

COUNT = 20_000

here = f"ws://{js.location.host}"
rounds = int(js.URLSearchParams.new(js.location.search).get("rounds") or 5)


async def receive(channel):
    done = asyncio.Event()
    left = COUNT

    def count(message):
        nonlocal left
        left -= 1
        if not left:
            done.set()

    channel.on_message(count)
    await channel.send(str(COUNT))
    began = js.performance.now()
    await done.wait()
    took = js.performance.now() - began
    channel.remove_handler(count)
    return COUNT / took * 1000


async def send(channel):
    done = asyncio.Event()
    channel.on_message(done_handler := lambda message: done.set())
    await channel.send(str(COUNT))
    began = js.performance.now()
    for number in range(COUNT):
        await channel.send({"symbol": "S123", "price": 12345.5, "n": number})
    await done.wait()
    took = js.performance.now() - began
    channel.remove_handler(done_handler)
    return COUNT / took * 1000


async def main():
    raw = await js.eval("import(new URL('assets/raw.js', document.baseURI))")
    raw_flood, raw_sink = await raw.opened(f"{here}/flood"), await raw.opened(f"{here}/sink")
    flood, sink = Channel(f"{here}/flood"), Channel(f"{here}/sink")
    await flood.connect()
    await sink.connect()

    rates = {way: {"raw": [], "channel": []} for way in ("receive", "send")}
    for _ in range(rounds + 1):
        rates["receive"]["raw"].append(await raw.receive(raw_flood, COUNT))
        rates["receive"]["channel"].append(await receive(flood))
        rates["send"]["raw"].append(await raw.send(raw_sink, COUNT))
        rates["send"]["channel"].append(await send(sink))
    raw.report(
        f"{here}/report",
        json.dumps({way: {who: all_of[1:] for who, all_of in by.items()} for way, by in rates.items()}),
    )


started = [asyncio.ensure_future(main())]
