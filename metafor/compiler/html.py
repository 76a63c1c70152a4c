"""What the compiler knows of HTML: elements, events, and how an HTML parser treats them.

Source: the HTML Living Standard (sections 4, 13.1.2 and 13.2.6 "tree construction"), SVG 2 and the event
lists of the UI Events, Pointer Events and CSS specifications.
"""

from __future__ import annotations

from typing import Final

__all__ = [
    "BLOCKS_CLOSE_P",
    "BREAKOUT",
    "ELEMENTS",
    "EVENTS",
    "EVENT_MODIFIERS",
    "FOREIGN_ELEMENTS",
    "INTEGRATION_POINTS",
    "MATHML_ELEMENTS",
    "RAW_TEXT",
    "SHARED_ELEMENTS",
    "SPECIAL",
    "SVG_ELEMENTS",
    "TABLE_CONTENT",
    "TABLE_PARENTS",
    "TEXT_ONLY",
    "VOID",
]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


VOID: Final = _words("area base br col embed hr img input link meta param source track wbr")

#: Content is characters up to the closing tag: no tags, no entities.
RAW_TEXT: Final = _words("script style iframe noembed noframes xmp")

#: Content is text alone (entities are decoded, tags are not).
TEXT_ONLY: Final = RAW_TEXT | _words("textarea title")

ELEMENTS: Final = _words(
    """
    a abbr acronym address applet area article aside audio b base bdi bdo big blink blockquote body br button
    canvas caption center cite code col colgroup data datalist dd del details dfn dialog dir div dl dt em
    embed fieldset figcaption figure font footer form frame frameset h1 h2 h3 h4 h5 h6 head header hgroup hr
    html i iframe img input ins kbd label legend li link main map mark marquee math menu meta meter nav nobr
    noembed noframes noscript object ol optgroup option output p param picture pre progress q rb rp
    rt rtc ruby s samp script search section select selectedcontent slot small source span strike strong style
    sub summary sup svg table tbody td template textarea tfoot th thead time title tr track tt u ul var video
    wbr xmp
    """
)

SVG_ELEMENTS: Final = _words(
    """
    animate animateMotion animateTransform circle clipPath defs desc ellipse feBlend feColorMatrix
    feComponentTransfer feComposite feConvolveMatrix feDiffuseLighting feDisplacementMap feDistantLight
    feDropShadow feFlood feFuncA feFuncB feFuncG feFuncR feGaussianBlur feImage feMerge feMergeNode
    feMorphology feOffset fePointLight feSpecularLighting feSpotLight feTile feTurbulence filter
    foreignObject g image line linearGradient marker mask metadata mpath path pattern polygon polyline
    radialGradient rect set stop switch symbol text textPath tspan use view
    """
)

MATHML_ELEMENTS: Final = _words(
    """
    annotation annotation-xml maction menclose merror mfenced mfrac mi mmultiscripts mn mo mover mpadded
    mphantom mprescripts mroot mrow ms mspace msqrt mstyle msub msubsup msup mtable mtd mtext mtr munder
    munderover semantics
    """
)

FOREIGN_ELEMENTS: Final = SVG_ELEMENTS | MATHML_ELEMENTS

#: Elements of HTML and of SVG, too: which of them is meant says the place.
SHARED_ELEMENTS: Final = _words("a script style title")

#: Inside these children of svg and math, HTML is parsed as HTML again.
INTEGRATION_POINTS: Final = _words("foreignObject desc title annotation-xml mi mo mn ms mtext")

#: HTML elements that make the parser leave svg and math.
BREAKOUT: Final = _words(
    """
    b big blockquote body br center code dd div dl dt em embed h1 h2 h3 h4 h5 h6 head hr i img li listing
    menu meta nobr ol p pre ruby s small span strong strike sub sup table tt u ul var
    """
)

#: Start tags that end an open `<p>`.
BLOCKS_CLOSE_P: Final = _words(
    """
    address article aside blockquote center dd details dialog dir div dl dt fieldset figcaption figure footer
    form h1 h2 h3 h4 h5 h6 header hgroup hr li listing main menu nav ol p plaintext pre search section
    summary table ul xmp
    """
)

#: Elements that an HTML parser calls special: they end its search for an open `<li>`, `<dd>` or `<dt>`.
SPECIAL: Final = _words(
    """
    address applet area article aside base blockquote body br button caption center col colgroup dd details
    dialog dir div dl dt embed fieldset figcaption figure footer form frame frameset h1 h2 h3 h4 h5 h6 head
    header hgroup hr html iframe img input li link listing main marquee menu meta nav noembed noframes
    noscript object ol p param pre script search section select source style summary table tbody td template
    textarea tfoot th thead title tr track ul wbr xmp
    """
)

#: Elements that stand only in these parents (the parser drops or moves them elsewhere).
TABLE_PARENTS: Final[dict[str, frozenset[str]]] = {
    "caption": _words("table"),
    "colgroup": _words("table"),
    "col": _words("colgroup"),
    "tbody": _words("table"),
    "thead": _words("table"),
    "tfoot": _words("table"),
    "tr": _words("tbody thead tfoot"),
    "td": _words("tr"),
    "th": _words("tr"),
}

#: What these parents may hold; the parser moves anything else out of the table.
TABLE_CONTENT: Final[dict[str, frozenset[str]]] = {
    "table": _words("caption colgroup thead tbody tfoot script style template"),
    "colgroup": _words("col template"),
    "tbody": _words("tr script style template"),
    "thead": _words("tr script style template"),
    "tfoot": _words("tr script style template"),
    "tr": _words("td th script style template"),
    "select": _words("option optgroup hr button script template"),
    "optgroup": _words("option hr legend script template"),
}

EVENTS: Final = _words(
    """
    abort afterprint animationcancel animationend animationiteration animationstart auxclick beforeinput
    beforematch beforeprint beforetoggle beforeunload blur cancel canplay canplaythrough change click close
    command compositionend compositionstart compositionupdate contextlost contextmenu contextrestored copy
    cuechange cut dblclick drag dragend dragenter dragleave dragover dragstart drop durationchange emptied
    ended error focus focusin focusout formdata fullscreenchange fullscreenerror gotpointercapture hashchange
    input invalid keydown keypress keyup languagechange load loadeddata loadedmetadata loadstart
    lostpointercapture message messageerror mousedown mouseenter mouseleave mousemove mouseout mouseover
    mouseup offline online pagehide pageshow paste pause play playing pointercancel pointerdown pointerenter
    pointerleave pointermove pointerout pointerover pointerrawupdate pointerup popstate progress ratechange
    reset resize scroll scrollend securitypolicyviolation seeked seeking select selectionchange selectstart
    slotchange stalled storage submit suspend timeupdate toggle touchcancel touchend touchmove touchstart
    transitioncancel transitionend transitionrun transitionstart unload volumechange waiting wheel
    """
)

#: What may follow an event's name, `onclick:once`: the options of `addEventListener`, and what a handler
#: would otherwise begin with (`preventDefault`, `stopPropagation`).
EVENT_MODIFIERS: Final = _words("capture once passive prevent stop")
