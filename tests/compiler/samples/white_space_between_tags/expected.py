from metafor.dom import compiled as _mf
_t0 = _mf.template('<p><b>a</b><i>b</i> <u>c</u> text with breaks </p>', ((0,),), (), (0,))

@_mf.component('A', props=None)
def A(_props):
    return _t0()
