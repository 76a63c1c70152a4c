from metafor.dom import compiled as _mf
_t0 = _mf.template('<ul></ul>', ((0,),), ((0, 'only', ''),), (0,))
_t1 = _mf.template('<li></li>', ((0,),), ((0, 'only', ''),), (0,))
_t2 = _mf.template('<b></b>', ((0,),), ((0, 'only', ''),), (0,))
_t3 = _mf.template('<i></i>', ((0,),), ((0, 'only', ''),), (0,))
_t4 = _mf.template('<u>none</u>', ((0,),), (), (0,))

@_mf.component('A', props=None)
def A(_props):
    return _t0(lambda: [(lambda x: _t1(lambda: _t2(lambda: [(lambda y: _t3(lambda: x + y))(y) for y in ys]) if x else _t4()))(x) for x in xs])
