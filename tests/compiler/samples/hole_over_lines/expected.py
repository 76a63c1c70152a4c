from metafor.dom import compiled as _mf
_t0 = _mf.template('<p></p>', ((0,),), ((0, 'attr', 'title'), (0, 'only', '')), (0,))

@_mf.component('A', props=None)
def A(_props):
    return _t0(lambda: 'a' + b, lambda: [{'}': 1}['}'], '}"'])
