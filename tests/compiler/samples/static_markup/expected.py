from metafor.dom import compiled as _mf
_t0 = _mf.template('<h1 id="t">Hi</h1><p>there</p>', ((0,), (1,)), (), (0, 1))

@_mf.component('A', props=None)
def A(_props):
    return _t0()
