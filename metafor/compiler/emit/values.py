"""The live side of a template: the Python value of every slot, and of everything given to a component."""

from __future__ import annotations

import ast
from collections.abc import Callable

from metafor.compiler.analyze.analysis import Analysis
from metafor.compiler.emit.build import Build, Constant
from metafor.compiler.emit.shape import Slot, content_of, shape_of
from metafor.compiler.parse.nodes import Attribute, Element, Fragment, Hole, MarkupExpr
from metafor.compiler.source import Source

__all__ = ["Markup"]


class Markup:
    """Turns markup into expressions. ``rewrite`` is the emitter's own walk over Python; ``templates``
    collects the module-level templates that the expressions refer to.
    """

    def __init__(self, source: Source, analysis: Analysis, rewrite: Callable[[ast.expr], ast.expr]) -> None:
        self.source = source
        self.analysis = analysis
        self.rewrite = rewrite
        self.templates: list[ast.stmt] = []
        #: Attributes that scoped styles ask for, of the elements that are being written.
        self.scopes = analysis.scopes[None]

    def literal(self, node: MarkupExpr) -> ast.expr:
        """Markup that stands in Python."""
        children = content_of(node.fragment.children)
        only = children[0] if len(children) == 1 else None
        if isinstance(only, Element) and only.target is not None:
            value = self.element(only, only.target)
        else:
            value = self.fragment(node.fragment)
        captured = self.analysis.captures.get(node)
        if not captured:
            return value
        build = Build.like(node)
        return build.call(build.function(captured, value), [build.name(name) for name in captured])

    def fragment(self, fragment: Fragment) -> ast.expr:
        """``_t0(value, …)``, and the template ``_t0`` itself."""
        build = Build.at(self.source, fragment.start, fragment.end)
        name = f"_t{len(self.templates)}"
        shape = shape_of(fragment, self.scopes)
        arguments: tuple[Constant, ...] = (
            shape.html,
            tuple(shape.nodes),
            tuple((slot.node, slot.kind, slot.name) for slot in shape.slots),
            tuple(shape.roots),
        )
        if shape.space != "html":
            arguments += (shape.space,)
        template = build.call(build.runtime("template"), [build.constant(argument) for argument in arguments])
        self.templates.append(build.assign(name, template))
        return build.call(build.name(name), [self._slot(slot) for slot in shape.slots])

    def element(self, element: Element, target: ast.expr) -> ast.expr:
        """``_mf.element(Component, {attributes}, children)``."""
        build = Build.at(self.source, element.start, element.tag_end)
        if element in self.analysis.builtin:
            component: ast.expr = Build.like(target).runtime(element.tag)
        else:
            component = self.rewrite(target)
        arguments = [component, self._attributes(element, build)]
        children = self._children(element)
        if children is not None:
            arguments.append(children)
        return build.call(build.runtime("element"), arguments)

    # What is given to a component

    def _attributes(self, element: Element, build: Build) -> ast.expr:
        """The attributes as a dict, inside ``_mf.merge(dict, lambda: mapping)`` for each one spread.

        A later attribute wins over an earlier one, so those behind a spread are merged as a mapping too.
        """
        merged: ast.expr | None = None
        keys: list[str] = []
        values: list[ast.expr] = []

        def merge(mapping: ast.expr) -> ast.expr:
            function = Build.like(mapping).function((), mapping)
            return build.call(build.runtime("merge"), [merged or build.mapping((), ()), function])

        for attribute in element.attributes:
            if isinstance(attribute, Attribute):
                keys.append(attribute.name)
                values.append(self._argument(attribute, build))
                continue
            if keys:
                given = build.mapping(keys, values)
                merged = merge(given) if merged else given
                keys, values = [], []
            merged = merge(self.rewrite(_expression(attribute.hole)))
        if merged is None:
            return build.mapping(keys, values)
        return merge(build.mapping(keys, values)) if keys else merged

    def _argument(self, attribute: Attribute, build: Build) -> ast.expr:
        value = attribute.value
        if value is None:
            return build.constant(True)
        if isinstance(value, str):
            return build.constant(value)
        if isinstance(value, list):
            return build.call(build.runtime("lazy"), [self._join(value, attribute.name)])
        expr = _expression(value)
        if isinstance(expr, ast.Name):
            return expr
        if isinstance(expr, ast.Lambda | MarkupExpr | ast.Constant):
            return self.rewrite(expr)
        here = Build.like(expr)
        return here.call(here.runtime("lazy"), [here.function((), self.rewrite(expr))])

    def _children(self, element: Element) -> ast.expr | None:
        """The children: a lone function or name as it is (and what names a row function), anything else as
        markup.
        """
        content = content_of(element.children)
        if not content:
            return None
        only = content[0]
        if len(content) == 1 and isinstance(only, Hole):
            expr = _expression(only)
            if isinstance(expr, ast.Lambda):
                row = self.analysis.rows.get(expr)
                value = self.rewrite(expr)
                if row is None:
                    return value
                build = Build.like(expr)
                kind = "item_row" if expr in self.analysis.item_rows else "row"
                return build.call(build.runtime(kind), [value, build.constant(row)])
            if isinstance(expr, ast.Name):
                return expr
            if element in self.analysis.takes_rows and isinstance(expr, ast.Attribute):
                return self.rewrite(expr)
        return self.fragment(Fragment(element.children, element.start, element.end))

    # Slots

    def _slot(self, slot: Slot) -> ast.expr:
        filling = slot.filling
        if isinstance(filling, list):
            return self._join(filling, slot.name if slot.kind == "attr" else "")
        if isinstance(filling, Element):
            assert filling.target is not None
            return self.element(filling, filling.target)
        if filling is None or isinstance(filling, str):
            return Build(1, 0, 1, 0).constant(filling)
        expr = _expression(filling)
        if slot.kind == "on":
            if isinstance(expr, ast.Name) and expr in self.analysis.live:
                build = Build.like(expr)
                return build.call(build.runtime("late"), [expr])
            return self.rewrite(expr)
        if slot.kind in ("ref", "bind"):
            return self.rewrite(expr)
        return self._value(expr)

    def _value(self, expr: ast.expr) -> ast.expr:
        """A name as it is (the runtime binds getters; of a live one it is the getter), anything else as a
        function, so that what it reads is tracked: ``store.title`` reads, too, and so may the item of a row.
        """
        if isinstance(expr, ast.Name) and expr not in self.analysis.items:
            return expr
        if isinstance(expr, MarkupExpr | ast.Lambda):
            # Markup is a value, and a function is one already.
            return self.rewrite(expr)
        return Build.like(expr).function((), self.rewrite(expr))

    def _join(self, parts: list[str | Hole], attribute: str) -> ast.expr:
        """``lambda: _mf.join("text", value, …)``; the texts of a ``style`` stand apart from its values, which
        may be no more than their place allows (ruling 31).
        """
        first = next((part.expr for part in parts if isinstance(part, Hole) and part.expr is not None), None)
        build = Build.like(first) if first is not None else Build(1, 0, 1, 0)
        if attribute.lower() == "style":
            texts = [""]
            values: list[ast.expr] = []
            for part in parts:
                if isinstance(part, str):
                    texts[-1] += part
                else:
                    values.append(self._piece(part))
                    texts.append("")
            call = build.call(build.runtime("join_style"), [build.constant(tuple(texts)), *values])
        else:
            pieces = [build.constant(part) if isinstance(part, str) else self._piece(part) for part in parts]
            call = build.call(build.runtime("join"), pieces)
        return build.function((), call)

    def _piece(self, hole: Hole) -> ast.expr:
        expr = _expression(hole)
        return expr if isinstance(expr, ast.Name) else self.rewrite(expr)


def _expression(hole: Hole) -> ast.expr:
    assert hole.expr is not None, "a template with mistakes is not emitted"
    return hole.expr
