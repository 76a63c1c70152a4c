from metafor.dom import compiled as _mf
_t0 = _mf.template('<!---->', ((0,),), ((0, 'child', ''),), (0,))
_t1 = _mf.template('<li><!---->: <!----> <!----></li>', ((0,), (0, 0), (0, 2), (0, 4)), ((1, 'child', ''), (2, 'child', ''), (3, 'child', '')), (0,))

@_mf.component('A', props=('words',))
def A(_props):
    words = _props.declare('words')
    return _t0(_mf.element(_mf.Index, {'each': words}, _mf.row(lambda word, i: _t1(i, lambda: word().upper(), lambda: i() + 1), 2)))
