from metafor.dom import compiled as _mf
_t0 = _mf.template('<textarea></textarea><textarea></textarea><style></style><option></option>', ((0,), (1,), (2,), (3,)), ((0, 'only', ''), (1, 'only', ''), (2, 'only', ''), (3, 'only', '')), (0, 1, 2, 3))

@_mf.component('A', props=None)
def A(_props):
    return _t0(lambda: _mf.join('a ', b, ' c'), b, lambda: _mf.join('.a > b { color: ', c, '; } /* & */'), d)
