from metafor.dom import compiled as _mf
_t0 = _mf.template('<br><img src="a.png"><hr><div></div><input disabled="" value="3">', ((0,), (1,), (2,), (3,), (4,)), (), (0, 1, 2, 3, 4))

@_mf.component('A', props=None)
def A(_props):
    return _t0()
