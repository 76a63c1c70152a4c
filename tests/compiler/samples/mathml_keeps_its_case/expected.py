from metafor.dom import compiled as _mf
_t0 = _mf.template('<math><mfrac><mi>x</mi><mn>2</mn></mfrac></math>', ((0,),), (), (0,))

@_mf.component('A', props=None)
def A(_props):
    return _t0()
