from metafor.dom import compiled as _mf
_t0 = _mf.template('<p></p>', ((0,),), ((0, 'on', 'click'), (0, 'only', '')), (0,))
_t1 = _mf.template('<p><!----><!----></p>', ((0,), (0, 0), (0, 1)), ((1, 'child', ''), (2, 'child', '')), (0,))
_t2 = _mf.template('<td></td>', ((0,),), ((0, 'only', ''),), (0,))
_t3 = _mf.template('<p></p>', ((0,),), ((0, 'only', ''),), (0,))
_t4 = _mf.template('<p></p>', ((0,),), ((0, 'only', ''),), (0,))
_t5 = _mf.template('<ul></ul>', ((0,),), ((0, 'only', ''),), (0,))
_t6 = _mf.template('<li></li>', ((0,),), ((0, 'only', ''),), (0,))
_t7 = _mf.template('<hr>', ((0,),), (), (0,))
_t8 = _mf.template('<h1></h1>', ((0,),), ((0, 'only', ''),), (0,))
rows = []
for n in range(3):
    rows.append((lambda n: _t0(lambda: go(n), lambda: n + 1))(n))
    for a, (b, *c) in pairs:
        rows.append((lambda n, a, b, c: _t1(lambda: n + a + b, c))(n, a, b, c))
cells = [[(lambda x, y: _t2(lambda: x + y))(x, y) for y in ys] for x in xs]
late = [lambda: _t3(x) for x in xs]
tags = [(lambda C: _mf.element(C, {}))(C) for C in (rows, cells)]
outside = _t4(n)
nested = [(lambda x: _t5(lambda: [(lambda y: _t6(lambda: x + y))(y) for y in ys]))(x) for x in xs]
none = [_t7() for x in xs]

class Names:
    title = 'x'
    head = (lambda title: _t8(lambda: title + '!'))(title)
