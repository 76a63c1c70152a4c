from metafor.dom import compiled as _mf
_t0 = _mf.template('<p></p>', ((0,),), ((0, 'only', ''),), (0,))
_t1 = _mf.template('<!----> <!---->', ((0,), (1,), (2,)), ((0, 'child', ''), (2, 'child', '')), (0, 1, 2))

@_mf.component('A', props=('a',))
def A(_props):
    a = _props.declare('a', default=lambda: 1)
    b = a()
    return _t0(a)

@_mf.component('B', props=None)
def B(_props):
    x = 1
    y = 2
    return _t1(x, y)
