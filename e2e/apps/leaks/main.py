import gc
import json

import js
import pyodide_js
from page import Page, elements, ended
from pyodide.ffi import create_proxy

from metafor.dom import mount
from metafor.dom.hosts.browser import page_host

pyodide_js._module.enable_pyproxy_allocation_tracing()


def cycles(count):
    """Mount, use and dispose the page ``count`` times; gives what is held after that, as JSON."""
    for _ in range(count):
        mounted = mount(Page, "#app")
        for button in js.document.querySelectorAll("#app button"):
            button.click()
        assert len(elements) == 8, elements
        assert js.document.querySelectorAll("#app input").length == 4
        mounted.dispose()
        elements.clear()
        ended.clear()
    button = None
    gc.collect()
    kinds = [type(one) for one in gc.get_objects()]
    ids, given, delegated = page_host()._kernel.held.to_py()
    held = {
        "proxies of Python objects": pyodide_js._module.pyproxy_alloc_map.size,
        "proxies of JavaScript objects": sum(kind.__name__ == "JsProxy" for kind in kinds),
        "objects of metafor": sum(kind.__module__.startswith("metafor.") for kind in kinds),
        "functions": sum(kind.__name__ == "function" for kind in kinds),
        "objects that Python's collector knows": len(kinds),
        "ids in use": ids,
        "ids given": given,
        "events delegated": delegated,
        "handlers": len(page_host().handlers) + len(page_host().instances),
        "nodes": js.document.querySelectorAll("*").length,
    }
    return json.dumps(held)


js.cycles = create_proxy(cycles)
cycles(1)
