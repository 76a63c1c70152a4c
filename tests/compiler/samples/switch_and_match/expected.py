from metafor.dom import compiled as _mf
_t0 = _mf.template('<!---->', ((0,),), ((0, 'child', ''),), (0,))
_t1 = _mf.template('<p>many</p>', ((0,),), (), (0,))
_t2 = _mf.template('<!----><!---->', ((0,), (1,)), ((0, 'child', ''), (1, 'child', '')), (0, 1))
_t3 = _mf.template('<p>none</p>', ((0,),), (), (0,))
_t4 = _mf.template('one', ((0,),), (), (0,))

@_mf.component('A', props=('n',))
def A(_props):
    n = _props.declare('n', type=lambda: int)
    return _t0(_mf.element(_mf.Switch, {'fallback': _t1()}, _t2(_mf.element(_mf.Match, {'when': _mf.lazy(lambda: n() == 0)}, _t3()), _mf.element(_mf.Match, {'when': _mf.lazy(lambda: n() == 1)}, _t4()))))
