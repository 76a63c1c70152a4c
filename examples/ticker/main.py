"""A market of 1,000 instruments. The feed is ``feed.py``, or what ``?feed=ws://…`` in the address says."""

import js
from ticker import Ticker

from metafor.dom import mount

given = js.URLSearchParams.new(js.location.search).get("feed")
mount(Ticker, "#app", {"url": given or "ws://localhost:8765/"})
