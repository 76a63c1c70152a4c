from metafor.dom import compiled as _mf
_t0 = _mf.template('<svg><g></g><foreignObject></foreignObject><!----></svg>', ((0,), (0, 0), (0, 1), (0, 2)), ((1, 'only', 'svg'), (2, 'only', 'html'), (3, 'child', 'svg')), (0,))
_t1 = _mf.template('<title></title>', ((0,),), ((0, 'only', ''),), (0,), 'around')
_t2 = _mf.template('<a><title></title><circle r="1"></circle></a>', ((0,), (0, 0)), ((0, 'attr', 'href'), (1, 'only', 'html')), (0,), 'svg')
_t3 = _mf.template('<a></a>', ((0,),), ((0, 'attr', 'href'), (0, 'only', '')), (0,), 'around')
_t4 = _mf.template('<a><b></b></a>', ((0,), (0, 0)), ((0, 'attr', 'href'), (1, 'only', '')), (0,))
_t5 = _mf.template('<mrow></mrow>', ((0,),), ((0, 'only', ''),), (0,), 'math')

@_mf.component('Picture', props=None)
def Picture(_props):
    return _t0(dots, words, lambda: [_t1(name)])
DOT = _t2(link, name)
LINK = _t3(link, words)
WORD = _t4(link, words)
ROW = _t5(terms)
