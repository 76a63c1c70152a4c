from metafor.dom import compiled as _mf
_t0 = _mf.template('<!----><!----><!---->', ((0,), (1,), (2,)), ((0, 'child', ''), (1, 'child', ''), (2, 'child', '')), (0, 1, 2))
_t1 = _mf.template('<button></button>', ((0,),), ((0, 'on', 'click'), (0, 'only', '')), (0,))
_t2 = _mf.template('<!---->', ((0,),), ((0, 'child', ''),), (0,))
_t3 = _mf.template('<p>…</p>', ((0,),), (), (0,))
_t4 = _mf.template('<p></p>', ((0,),), ((0, 'only', ''),), (0,))
_t5 = _mf.template('<p>over</p>', ((0,),), (), (0,))

@_mf.component('A', props=None)
def A(_props):
    return _t0(_mf.element(_mf.ErrorBoundary, {'fallback': lambda error, reset: _t1(reset, error)}, _t2(_mf.element(_mf.Suspense, {'fallback': _t3()}, _t4(lambda: resource())))), _mf.element(_mf.Portal, {'mount': _mf.lazy(lambda: document.body)}, _t5()), _mf.element(_mf.Dynamic, {'component': tag, 'title': 'x'}))
