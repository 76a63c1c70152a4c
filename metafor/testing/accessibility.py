"""What a screen reader would say of an element: its role, its name, whether it is hidden.

After "HTML Accessibility API Mappings 1.0" and "Accessible Name and Description Computation 1.2" (W3C), as
far as markup alone decides it: what a style sheet hides or adds is not known here.
"""

from __future__ import annotations

from collections.abc import Callable

from metafor.dom.hosts.tree import MemoryElement

__all__ = ["is_hidden", "labels_of", "name_of", "outline", "role_of", "words"]

_ROLES = {
    "address": "group",
    "article": "article",
    "aside": "complementary",
    "blockquote": "blockquote",
    "button": "button",
    "caption": "caption",
    "code": "code",
    "datalist": "listbox",
    "dd": "definition",
    "del": "deletion",
    "details": "group",
    "dfn": "term",
    "dialog": "dialog",
    "dt": "term",
    "em": "emphasis",
    "fieldset": "group",
    "figure": "figure",
    "hr": "separator",
    "ins": "insertion",
    "legend": "legend",
    "li": "listitem",
    "main": "main",
    "math": "math",
    "menu": "list",
    "meter": "meter",
    "nav": "navigation",
    "ol": "list",
    "optgroup": "group",
    "option": "option",
    "output": "status",
    "p": "paragraph",
    "progress": "progressbar",
    "search": "search",
    "strong": "strong",
    "sub": "subscript",
    "sup": "superscript",
    "table": "table",
    "tbody": "rowgroup",
    "td": "cell",
    "textarea": "textbox",
    "tfoot": "rowgroup",
    "thead": "rowgroup",
    "time": "time",
    "tr": "row",
    "ul": "list",
}
_INPUT_ROLES = {
    "button": "button",
    "checkbox": "checkbox",
    "image": "button",
    "number": "spinbutton",
    "radio": "radio",
    "range": "slider",
    "reset": "button",
    "search": "searchbox",
    "submit": "button",
    **dict.fromkeys(("text", "email", "tel", "url"), "textbox"),
}
#: Elements that have a role only with a name of their own.
_NAMED_ROLES = {"form": "form", "section": "region"}
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_LABELABLE = frozenset(("button", "input", "meter", "output", "progress", "select", "textarea"))
_NAMED_BY_CONTENT = frozenset(
    (
        *("button", "cell", "checkbox", "columnheader", "gridcell", "heading", "link", "menuitem", "option"),
        *("menuitemcheckbox", "menuitemradio", "radio", "row", "rowheader", "switch", "tab", "tooltip"),
        "treeitem",
    )
)
_NO_CONTENT = frozenset(("script", "style", "template", "noscript"))


def words(text: str) -> str:
    """``text`` as it is read: white space folded."""
    return " ".join(text.split())


def role_of(element: MemoryElement) -> str:
    """The ARIA role of ``element``: what ``role=`` says, else what HTML gives it; "" for none."""
    said = element.attributes.get("role", "").split()
    if said:
        return said[0]
    tag = element.tag
    if tag in _HEADINGS:
        return "heading"
    if tag in ("a", "area"):
        return "link" if "href" in element.attributes else ""
    if tag == "input":
        return "combobox" if "list" in element.attributes else _INPUT_ROLES.get(element.type, "")
    if tag == "select":
        many = element.multiple or element.attributes.get("size", "1") not in ("", "0", "1")
        return "listbox" if many else "combobox"
    if tag == "img":
        return "presentation" if element.attributes.get("alt") == "" else "img"
    if tag == "th":
        return "rowheader" if element.attributes.get("scope") in ("row", "rowgroup") else "columnheader"
    if tag in ("header", "footer"):
        inside = any(element.closest(one) for one in ("article", "aside", "main", "nav", "section"))
        return "" if inside else "banner" if tag == "header" else "contentinfo"
    if tag in _NAMED_ROLES:
        return _NAMED_ROLES[tag] if _given_name(element) else ""
    return _ROLES.get(tag, "")


def name_of(element: MemoryElement) -> str:
    """The accessible name of ``element``, white space folded; "" where it has none."""
    given = _given_name(element)
    if given:
        return given
    if element.tag in _LABELABLE:
        labels = [words(_content(label, element)) for label in labels_of(element)]
        if any(labels):
            return words(" ".join(labels))
    own = _OWN_NAMES.get(element.tag)
    if own is not None and (name := words(own(element))):
        return name
    if role_of(element) in _NAMED_BY_CONTENT and (name := words(_content(element))):
        return name
    return words(element.attributes.get("title") or element.attributes.get("placeholder") or "")


def labels_of(field: MemoryElement) -> list[MemoryElement]:
    """The ``<label>`` elements of a field: those that name its id, and one around it."""
    identity = field.attributes.get("id")
    labels = [
        label
        for label in field.root.find_all("label")
        if identity is not None and label.attributes.get("for") == identity
    ]
    around = field.closest("label")
    if around is not None and "for" not in around.attributes:
        labels.append(around)
    return labels


def is_hidden(element: MemoryElement) -> bool:
    """Whether ``element`` or one around it says that it is not there for anybody to see or hear."""
    node: MemoryElement | None = element
    while node is not None:
        attributes = node.attributes
        if "hidden" in attributes or attributes.get("aria-hidden") == "true" or node.tag in _NO_CONTENT:
            return True
        style = attributes.get("style", "").replace(" ", "")
        if "display:none" in style or "visibility:hidden" in style:
            return True
        if node.tag == "input" and node.type == "hidden":
            return True
        node = node.parentNode
    return False


def outline(root: MemoryElement) -> str:
    """What the page holds, one line for each element with a role: ``button "Send"``, indented."""
    lines: list[str] = []
    for element in root.descendants():
        role = role_of(element)
        if role and not is_hidden(element):
            depth = sum(1 for above in _above(element) if role_of(above))
            name = name_of(element) or (words(element.textContent) if role == "paragraph" else "")
            lines.append(f"{'  ' * depth}{role}" + (f' "{name}"' if name else ""))
    return "\n".join(lines)


def _above(element: MemoryElement) -> list[MemoryElement]:
    above = []
    node = element.parentNode
    while node is not None:
        above.append(node)
        node = node.parentNode
    return above


def _given_name(element: MemoryElement) -> str:
    pointed = element.attributes.get("aria-labelledby", "").split()
    if pointed:
        known = {one.attributes.get("id"): one for one in element.root.descendants()}
        texts = [name_of(known[one]) or _content(known[one]) for one in pointed if one in known]
        if any(texts):
            return words(" ".join(texts))
    return words(element.attributes.get("aria-label", ""))


def _content(element: MemoryElement, without: MemoryElement | None = None) -> str:
    """The text of an element, with the names of what is no text; a label does not read out its field."""
    pieces: list[str] = []
    for child in element.children:
        if child.is_text:
            pieces.append(child.data)
        elif child is without or child.tag in _NO_CONTENT or child.attributes.get("aria-hidden") == "true":
            continue
        elif child.tag in ("img", "svg") or "aria-label" in child.attributes:
            pieces.append(f" {name_of(child)} ")
        else:
            pieces.append(_content(child, without))
    return "".join(pieces)


def _child_text(element: MemoryElement, tag: str) -> str:
    for child in element.children:
        if not child.is_text and child.tag == tag:
            return child.textContent
    return ""


def _input_name(element: MemoryElement) -> str:
    kind = element.type
    if kind == "image":
        return element.attributes.get("alt", "")
    defaults = {"submit": "Submit", "reset": "Reset", "button": ""}
    return element.attributes.get("value", defaults[kind]) if kind in defaults else ""


_OWN_NAMES: dict[str, Callable[[MemoryElement], str]] = {
    "img": lambda element: element.attributes.get("alt", ""),
    "area": lambda element: element.attributes.get("alt", ""),
    "fieldset": lambda element: _child_text(element, "legend"),
    "figure": lambda element: _child_text(element, "figcaption"),
    "table": lambda element: _child_text(element, "caption"),
    "svg": lambda element: _child_text(element, "title"),
    "input": _input_name,
}
