from metafor.dom import compiled as _mf
_t0 = _mf.template('<p></p><p>a <!----></p><!---->', ((0,), (1,), (1, 1), (2,)), ((0, 'only', ''), (2, 'child', ''), (3, 'child', '')), (0, 1, 3))

@_mf.component('A', props=None)
def A(_props):
    return _t0(a, b, c)
