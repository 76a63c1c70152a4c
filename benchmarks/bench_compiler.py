"""How fast templates compile, and how fast unchanged ones are imported.

``make bench-compiler`` prints the rate for sources of several kinds and sizes, up to 1 MB: a rate
that does not fall with the size is linear time. Times are those of the process's own CPU, the best of
several runs, so that other work on the machine counts little. Python's own parser and compiler stand
beside it, for scale.
"""

from __future__ import annotations

import ast
import gc
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from metafor.compiler import compile_source

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "tests" / "compiler" / "samples"

#: What the project asks for: megabytes of source per second and core, and seconds for 100 warm imports.
RATE = 0.3
WARM = 0.050

WARM_PROGRAM = """
import importlib, sys, time
sys.path.insert(0, sys.argv[1])
import metafor.compiler, metafor.dom.compiled, metafor.core, metafor.channels
metafor.compiler.install()
from chat0 import Chat0  # loads what every such template imports
start = time.process_time()
for number in range(1, 101):
    importlib.import_module(f"chat{number}")
print(time.process_time() - start)
"""


def chats(size: int) -> str:
    """The chat of the specification, many times under many names."""
    text = (SAMPLES / "spec_chat_component" / "input.ptml").read_text(encoding="utf-8")
    copies = [text.replace("ChatComponent", f"Chat{number}") for number in range(size // len(text) + 1)]
    return "\n".join(copies)


def rows(size: int) -> str:
    """One component with a long table: half of its source is tags, and every third line a hole."""
    row = (
        '        <tr class="row @{kind}" onclick=@{lambda: pick(%d)}>\n'
        "            <td>Item number %d of the list</td><td>@{name}</td><td>@{price * 2}</td>\n"
        '            <td><a href=@{f"/items/{%d}"}>Details</a></td>\n'
        "        </tr>\n"
    )
    head = '@component("Table") @props {\n    @prop name\n    kind = price = 1\n    def pick(n): pass\n}\n'
    body = "".join(row % (number, number, number) for number in range(size // len(row) + 1))
    return f"{head}@ptml {{\n    <table><tbody>\n{body}    </tbody></table>\n}}\n"


def equal(size: int) -> str:
    """Equal lines: equal lambdas collide in the table of constants of CPython before 3.12."""
    line = '        <p class="a">Some text that is static @{x + 1}</p>\n'
    head = '@component("Equal") @props {\n    x = 1\n}\n'
    return f"{head}@ptml {{\n{line * (size // len(line) + 1)}}}\n"


def prose(size: int) -> str:
    """Text and tags without a hole."""
    line = "        <p>Words &amp; more <b>words</b>, as they stand in a page <i>of text</i>.</p>\n"
    return f'@component("Prose") @ptml {{\n{line * (size // len(line) + 1)}}}\n'


def rate(run: Callable[[], object], size: int, times: int) -> float:
    """Megabytes per second of CPU time, best of ``times``."""
    best = float("inf")
    for _ in range(times):
        gc.collect()
        start = time.process_time()
        run()
        best = min(best, time.process_time() - start)
    return size / 1e6 / best


def warm_import() -> float:
    """Seconds of CPU that 100 unchanged templates take in a process of their own, best of five."""
    with tempfile.TemporaryDirectory() as folder:
        text = (SAMPLES / "spec_chat_component" / "input.ptml").read_text(encoding="utf-8")
        for number in range(101):
            Path(folder, f"chat{number}.ptml").write_text(text.replace("ChatComponent", f"Chat{number}"))
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}
        command = [sys.executable, "-c", WARM_PROGRAM, folder]
        runs = [
            float(subprocess.run(command, env=environment, check=True, capture_output=True).stdout)
            for _ in range(6)
        ]
    print(f"  import of 100 templates: cold {runs[0] * 1e3:6.0f} ms, warm {min(runs[1:]) * 1e3:6.1f} ms")
    return min(runs[1:])


def main() -> int:
    """Print the figures; 1 when one of them is not what the project asks for."""
    python = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "metafor").rglob("*.py")))
    python = python.replace("from __future__ import annotations", "")
    print(f"CPython {sys.version.split()[0]}, CPU time, MB/s of source")
    print(f"  Python's own parser: {rate(lambda: ast.parse(python), len(python), 3):.2f}")
    print(f"  {'source':8}" + "".join(f"{size:>10}" for size in ("1/16 MB", "1/4 MB", "1 MB")))
    fine = True
    for make in (chats, rows, equal, prose):
        rates = []
        for size, times in ((1 << 16, 5), (1 << 18, 3), (1 << 20, 4)):
            source = make(size)
            rates.append(rate(lambda source=source: compile_source(source, "bench.ptml"), len(source), times))
        fine = fine and rates[-1] >= RATE
        print(f"  {make.__name__:8}" + "".join(f"{one:>10.2f}" for one in rates), flush=True)
    fine = (warm_import() < WARM) and fine
    print(f"  asked for: {RATE} MB/s at 1 MB, warm {WARM * 1e3:.0f} ms: {'met' if fine else 'NOT met'}")
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
