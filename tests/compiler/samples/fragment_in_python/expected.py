from metafor.dom import compiled as _mf
_t0 = _mf.template('<p>a</p> and <p>b</p>', ((0,), (1,), (2,)), (), (0, 1, 2))
BOTH = _t0()
