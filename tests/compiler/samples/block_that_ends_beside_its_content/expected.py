from metafor.dom import compiled as _mf
_t0 = _mf.template('<p>a</p><p>b</p>', ((0,), (1,)), (), (0, 1))

@_mf.component('A', props=None)
def A(_props):
    return _t0()
LATER = {'a': 1}
