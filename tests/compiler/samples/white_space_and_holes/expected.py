from metafor.dom import compiled as _mf
_t0 = _mf.template('<p></p><p> <!----> </p><p><!----> <!----> <!----></p><p>Hello <!----></p>', ((0,), (1,), (1, 1), (2,), (2, 0), (2, 2), (2, 4), (3,), (3, 1)), ((0, 'only', ''), (2, 'child', ''), (4, 'child', ''), (5, 'child', ''), (6, 'child', ''), (8, 'child', '')), (0, 1, 3, 7))

@_mf.component('A', props=None)
def A(_props):
    return _t0(a, a, a, b, c, a)
