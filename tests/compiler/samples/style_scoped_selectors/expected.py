from metafor.dom import compiled as _mf
_t0 = _mf.template('<p data-s-7ebc0568="">a</p>', ((0,),), (), (0,))

@_mf.component('Card', props=None)
def Card(_props):
    return _t0()
_mf.style('@import url(theme.css;x);\n    a[data-s-7ebc0568]:hover::before, [data-s-7ebc0568]:focus-visible, *[data-s-7ebc0568], .dark .card > p + a[href$="),x:y"][data-s-7ebc0568] { content: "}" }\n    :is(.a, .b) [data-s-7ebc0568]:not(p, i) { top: 0 }\n    .card[data-s-7ebc0568] .hljs .k, body.dark .card[data-s-7ebc0568], .card[data-s-7ebc0568].active:hover { top: 0 }\n    .card[data-s-7ebc0568] { color: red; &:hover, .x & { top: 0 } > p[data-s-7ebc0568] { top: 1px } & b[data-s-7ebc0568] { --x: { a: b }; --y:z } }\n    @media (min-width: 10em) { p[data-s-7ebc0568] { top: 0 } @supports (top: 0) { i[data-s-7ebc0568] { top: 0 } } }@keyframes fade-s-7ebc0568{ from { opacity: 0 } 50% { opacity: .5 } }\n    p[data-s-7ebc0568] { animation: fade-s-7ebc0568 1s ease-in; -webkit-animation-name: fade-s-7ebc0568, other; font-family: fade }\n    @font-face { font-family: X; src: url("x.woff2") }\n    .sm\\:p-2[data-s-7ebc0568]:hover, ns|a[data-s-7ebc0568], é[data-s-7ebc0568] { top: 0 }\n    @layer base, theme;')
