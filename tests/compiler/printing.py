"""Trees of templates for Hypothesis, and a printer: what is printed must parse to the same tree."""

from __future__ import annotations

import ast
import html
from collections.abc import Sequence

from hypothesis import strategies as st

from metafor.compiler.parse.nodes import (
    Attribute,
    Child,
    Fragment,
    Hole,
    MarkupExpr,
    Spread,
    Template,
    Text,
)

#: A tree as plain data: ("text", value), ("hole", python), ("markup", before, children, after) for a hole
#: with markup in it, ("element", tag, attributes, children).
Tree = tuple[object, ...]

VOID = ("br", "img", "input")
PYTHON = [
    "x",
    "a.b",
    "f(x)",
    "a < b",
    "[1, 2]",
    '"}"',
    "lambda e: e",
    "{'k': 1}",
    "a if b else c",
    "'é<p>'",
    "f'{x}'",
]
AROUND = [
    ("lambda: ", ""),
    ("[", " for x in y]"),
    ("f(", ", 1)"),
    ("a and ", ""),
    ("{1: ", "}"),
    ("a if b else ", ""),
]

words = st.text("ab é日<>&\"'#;@/=$", min_size=1, max_size=8).filter(
    lambda text: text == " ".join(text.split()) and not text.endswith("@")
)
values = st.text("ab é日<>&\"'@/=\n\t", max_size=8).filter(lambda text: not text.endswith("@"))
holes = st.sampled_from(PYTHON)
names = st.sampled_from(["title", "data-x", "class", "onclick", "class:on", "bind:value", "x", "aria-label"])


def attributes() -> st.SearchStrategy[Tree]:
    value = st.none() | values | holes.map(lambda p: ("hole", p)) | st.tuples(values, holes, values)
    return st.tuples(names, value) | holes.map(lambda p: ("...", p))


def trees() -> st.SearchStrategy[list[Tree]]:
    leaf = st.tuples(st.just("text"), words) | st.tuples(st.just("hole"), holes)

    def extend(children: st.SearchStrategy[list[Tree]]) -> st.SearchStrategy[list[Tree]]:
        some = st.lists(attributes(), max_size=3, unique_by=lambda pair: pair[0])
        element = st.tuples(
            st.just("element"), st.sampled_from(["div", "p", "my-tag", "Card", "ui.Row"]), some, children
        )
        void = st.tuples(st.just("element"), st.sampled_from(VOID), some, st.just([]))
        inside = st.builds(
            lambda around, content: ("markup", around[0], content, around[1]),
            st.sampled_from(AROUND),
            children,
        )
        return st.lists(element | void | inside | leaf, max_size=4).map(joined)

    return st.recursive(st.lists(leaf, max_size=2).map(joined), extend, max_leaves=12)


def joined(children: list[Tree]) -> list[Tree]:
    """No two texts beside each other: they would be read as one."""
    kept: list[Tree] = []
    for child in children:
        if not (kept and child[0] == "text" and kept[-1][0] == "text"):
            kept.append(child)
    return kept


# -- printing ------------------------------------------------------------------------------------------


def show(children: Sequence[Tree]) -> str:
    return "".join(_show(child) for child in children)


def _show(node: Tree) -> str:
    kind = node[0]
    if kind == "text":
        return html.escape(str(node[1]), quote=False)
    if kind == "hole":
        return f"@{{{node[1]}}}"
    if kind == "markup":
        return f"@{{{node[1]}<>{show(node[2])}</>{node[3]}}}"  # type: ignore[arg-type]
    _, tag, given, children = node
    opening = f"<{tag}{''.join(_show_attribute(one) for one in given)}"  # type: ignore[attr-defined]
    if tag in VOID:
        return opening + ">"
    return f"{opening}>{show(children)}</{tag}>"  # type: ignore[arg-type]


def _show_attribute(attribute: Tree) -> str:
    name, value = attribute
    if name == "...":
        return f" ...@{{{value}}}"
    if value is None:
        return f" {name}"
    if isinstance(value, str):
        return f' {name}="{html.escape(value)}"'
    assert isinstance(value, tuple)
    if value[0] == "hole" and len(value) == 2:
        return f" {name}=@{{{value[1]}}}"
    before, hole, after = value
    return f' {name}="{html.escape(before)}@{{{hole}}}{html.escape(after)}"'


# -- reading back --------------------------------------------------------------------------------------


def read(template: Template) -> list[Tree]:
    """The content of a file's only component as such a tree."""
    content = template.components[0].content
    assert content is not None
    return _read(content)


def _read(fragment: Fragment) -> list[Tree]:
    return [_node(child) for child in fragment.children]


def _node(child: Child) -> Tree:
    if isinstance(child, Text):
        return ("text", child.value)
    if isinstance(child, Hole):
        assert child.expr is not None
        return _hole(child.expr)
    given = [_attribute(one) for one in child.attributes]
    return ("element", child.tag, given, _read(Fragment(child.children, 0, 0)))


def _attribute(one: Attribute | Spread) -> Tree:
    if isinstance(one, Spread):
        return ("...", _plain(one.hole))
    if isinstance(one.value, Hole):
        return (one.name, ("hole", _plain(one.value)))
    if isinstance(one.value, list):
        parts = [part if isinstance(part, str) else ("hole", _plain(part)) for part in one.value]
        return (one.name, *parts)
    return (one.name, one.value)


def _plain(hole: Hole) -> str:
    assert hole.expr is not None
    return ast.dump(hole.expr)


def _hole(expr: ast.expr) -> Tree:
    found = [node for node in ast.walk(expr) if isinstance(node, MarkupExpr)]
    if not found:
        return ("hole", ast.dump(expr))
    (markup,) = found
    return ("markup", ast.dump(expr), _read(markup.fragment))


def expected(children: Sequence[Tree]) -> list[Tree]:
    """What reading back must give: Python as its tree, and interpolations without empty text."""
    return [_expected(child) for child in children]


def _expected(node: Tree) -> Tree:
    kind = node[0]
    if kind == "text":
        return node
    if kind == "hole":
        return ("hole", _dump(str(node[1])))
    if kind == "markup":
        _, before, children, after = node
        return (
            "markup",
            _dump(f"{before}_MARKUP{after}").replace(_PLACE, "MarkupExpr()"),
            expected(children),
        )  # type: ignore[arg-type]
    _, tag, given, children = node
    return ("element", tag, [_expected_attribute(one) for one in given], expected(children))  # type: ignore[attr-defined, arg-type]


_PLACE = "Name(id='_MARKUP', ctx=Load())"


def _expected_attribute(attribute: Tree) -> Tree:
    name, value = attribute
    if name == "...":
        return (name, _dump(str(value)))
    if value is None or isinstance(value, str):
        return (name, value)
    assert isinstance(value, tuple)
    if value[0] == "hole" and len(value) == 2:
        return (name, ("hole", _dump(value[1])))
    before, hole, after = value
    parts = [part for part in (before, ("hole", _dump(hole)), after) if part]
    return (name, parts[0]) if len(parts) == 1 else (name, *parts)


def _dump(python: str) -> str:
    return ast.dump(ast.parse(python, mode="eval").body)
