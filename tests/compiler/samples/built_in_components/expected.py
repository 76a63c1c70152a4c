from metafor.dom import compiled as _mf
_t0 = _mf.template('<!----><!----><!----><!----><!---->', ((0,), (1,), (2,), (3,), (4,)), ((0, 'child', ''), (1, 'child', ''), (2, 'child', ''), (3, 'child', ''), (4, 'child', '')), (0, 1, 2, 3, 4))
_t1 = _mf.template('<!---->', ((0,),), ((0, 'child', ''),), (0,))
_t2 = _mf.template('x', ((0,),), (), (0,))
_t3 = _mf.template('y', ((0,),), (), (0,))
_t4 = _mf.template('z', ((0,),), (), (0,))
_t5 = _mf.template('w', ((0,),), (), (0,))

@_mf.component('A', props=None)
def A(_props):
    return _t0(_mf.element(_mf.Switch, {}, _t1(_mf.element(_mf.Match, {'when': a}, _t2()))), _mf.element(_mf.Portal, {'mount': '#p'}, _t3()), _mf.element(_mf.Dynamic, {'component': c}), _mf.element(_mf.ErrorBoundary, {'fallback': oops}, _t4()), _mf.element(_mf.Suspense, {'fallback': '…'}, _t5()))
