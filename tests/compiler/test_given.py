"""What the compiler knows of metafor's own components is what they read."""

from __future__ import annotations

import re
from pathlib import Path

from metafor.compiler.analyze.components import BUILTIN_COMPONENTS
from metafor.compiler.analyze.given import BUILTINS
from metafor.compiler.analyze.meant import HOMES

FLOW = Path(__file__).parents[2] / "metafor" / "dom" / "flow"


def test_the_attributes_of_built_in_components() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in FLOW.glob("*.py"))
    read = set(re.findall(r'props(?:\.get\(|\[)"(\w+)"', text)) | set(
        re.findall(r'truth_of\(props, "(\w+)"', text)
    )
    known = {name for takes in BUILTINS.values() for name in takes.known}
    assert read == known | {"children", "component"}
    assert BUILTINS.keys() == BUILTIN_COMPONENTS - {"Dynamic"}
    assert all(set(takes.needed) <= set(takes.known) for takes in BUILTINS.values())


def test_the_homes_of_names() -> None:
    for module, names in HOMES.items():
        public = set(__import__(module, fromlist=["__all__"]).__all__)
        assert set(names) <= public
