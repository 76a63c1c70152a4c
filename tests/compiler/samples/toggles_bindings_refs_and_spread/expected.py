from metafor.dom import compiled as _mf
_t0 = _mf.template('<input>', ((0,),), ((0, 'class', 'active'), (0, 'style', 'color'), (0, 'style', '--x'), (0, 'bind', 'value'), (0, 'bind', 'checked'), (0, 'ref', ''), (0, 'spread', ''), (0, 'spread', ''), (0, 'attr', 'inner_html')), (0,))

@_mf.component('A', props=None)
def A(_props):
    return _t0(on, lambda: c(), lambda: 1 + 1, (get, set), pair, keep, attrs, lambda: more(), '<b>x</b>')
