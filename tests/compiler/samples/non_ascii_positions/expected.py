from metafor.dom import compiled as _mf
_t0 = _mf.template('<p title="ü">日本 <!----> ñ</p>', ((0,), (0, 1)), ((1, 'child', ''),), (0,))
GREETING = 'é'
X = _t0(名前)
Y = X
