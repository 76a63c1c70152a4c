"""Attributes as React, Vue, Svelte and Angular write them: found, and told how they are written here."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["braced", "foreign_attribute", "known_elsewhere", "written_here"]

#: More than this is no value that somebody wrote between braces.
_LONGEST: Final = 500
_ATTRIBUTE: Final = re.compile(
    r"""(?P<mark>@|\#|\*{1,2}|\.\.\.|\[\(|\(|\[)(?P<name>[A-Za-z][\w-]*+)(?P<more>[\w.:-]*+)[)\]]*+
    (?:\s*+=\s*+(?:"[^"<>\n]*+"|'[^'<>\n]*+'|\{[^{}<>\n]*+\}|[^\s"'<>{}]++))?""",
    re.VERBOSE,
)
_BRACE: Final = re.compile(r"[{}]")

#: Whole names that mean something in another language.
_NAMES: Final = {
    "v-if": "`<Show when=@{…}>`",
    "v-else-if": "`<Switch>` and `<Match when=@{…}>`",
    "v-else": "`<Show when=@{…} fallback=@{…}>`",
    "v-show": "`style:display=@{…}`",
    "v-for": "`<For each=@{…}>`",
    "v-model": "`bind:value=@{(get, set)}`",
    "v-html": "`inner_html=@{…}`",
    "v-text": "a hole between the tags, `@{…}`",
    "v-slot": "a prop that holds markup, `header=@{<h1>…</h1>}`",
    "v-bind": "`...@{mapping}`",
    "v-on": "`onclick=@{…}`",
    "dangerouslysetinnerhtml": "`inner_html=@{…}`",
    "innerhtml": "`inner_html=@{…}`",
    "innertext": "a hole between the tags, `@{…}`",
    "textcontent": "a hole between the tags, `@{…}`",
}
#: What stands before a colon.
_PREFIXES: Final = {
    "v-on": "`on{name}=@{{…}}`",
    "v-bind": "`{name}=@{{…}}`",
    "v-model": "`bind:value=@{{(get, set)}}`",
    "v-slot": "a prop that holds markup, `{name}=@{{<h1>…</h1>}}`",
    "": "`{name}=@{{…}}`",
    "on": "`on{name}=@{{…}}`",
    "use": "`ref=@{{function}}`",
    "transition": "a class, `class:{name}=@{{…}}`, and CSS",
    "in": "a class, `class:{name}=@{{…}}`, and CSS",
    "out": "a class, `class:{name}=@{{…}}`, and CSS",
    "animate": "a class, `class:{name}=@{{…}}`, and CSS",
    "let": "the parameter of a function, `@{{lambda {name}: …}}`",
}
_STRUCTURES: Final = {
    "ngIf": "`<Show when=@{…}>`",
    "ngFor": "`<For each=@{…}>`",
    "ngSwitchCase": "`<Match when=@{…}>`",
}
_MODIFIERS: Final = ("prevent", "stop", "once", "capture", "passive")


def braced(text: str, at: int) -> int:
    """Where the braces that open at ``at`` are closed, behind the last; ``at`` when they are not."""
    depth = 0
    for brace in _BRACE.finditer(text, at, at + _LONGEST):
        depth += 1 if brace[0] == "{" else -1
        if not depth:
            # In the first column it is the brace that ends the block.
            return at if text[brace.start() - 1] == "\n" else brace.end()
    return at


def foreign_attribute(text: str, at: int) -> tuple[int, str] | None:
    """What is at ``at`` in a tag, where no attribute of ours begins: its end, and what is written here."""
    if text[at] == "{":
        end = braced(text, at)
        if end == at:
            return None
        inner = text[at + 1 : end - 1].strip()
        if inner.startswith("..."):
            return end, f"`...@{{{inner[3:].strip()[:40]}}}`"
        return end, f"`{inner}=@{{{inner}}}`" if inner.isidentifier() else "`name=@{…}`"
    match = _ATTRIBUTE.match(text, at)
    if match is None:
        return None
    mark, name = match["mark"], match["name"]
    if mark in ("@", "("):
        modifiers = "".join(f":{one}" for one in match["more"].split(".") if one in _MODIFIERS)
        here = f"`on{name}{modifiers}=@{{…}}`"
    elif mark in ("...", "**"):
        here = f"`...@{{{name}{match['more']}}}`"
    else:
        here = {
            "#": "`ref=@{function}`",
            "*": _STRUCTURES.get(name, "`<Show when=@{…}>`"),
            "[(": "`bind:value=@{(get, set)}`",
            "[": f"`{name}=@{{…}}`",
        }[mark]
    return match.end(), here


def written_here(name: str, value: str) -> str:
    """``name={value}`` with a hole as its value."""
    if name.startswith("bind:"):
        value = "(get, set)"
    name = name.replace("on:", "on", 1) if name.startswith("on:") else name
    short = len(value) <= 40 and "\n" not in value
    return f"`{name.lower() if name[:2] == 'on' else name}=@{{{value if short else '…'}}}`"


def known_elsewhere(name: str, *, component: bool) -> str | None:
    """What is written here for an attribute that means something in another language; None otherwise.

    To a ``component`` the names of properties mean what it declares.
    """
    if (here := _NAMES.get(name.lower())) and (not component or name.startswith("v-")):
        return here
    if name == "bind:this":
        return "`ref=@{function}`"
    prefix, colon, rest = name.partition(":")
    known = _PREFIXES.get(prefix) if colon and rest else None
    return known.format(name=rest.split(".")[0].split(":")[0]) if known else None
