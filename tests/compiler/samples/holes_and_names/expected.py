from metafor.dom import compiled as _mf
_t0 = _mf.template('<p></p><p></p><p></p><p></p><p></p><p></p><p></p>', ((0,), (1,), (2,), (3,), (4,), (5,), (6,)), ((0, 'only', ''), (1, 'only', ''), (2, 'only', ''), (3, 'only', ''), (4, 'only', ''), (5, 'only', ''), (6, 'only', '')), (0, 1, 2, 3, 4, 5, 6))

@_mf.component('A', props=None)
def A(_props):
    return _t0(name, lambda: user.name.first, lambda: call(), lambda: a if b else c, lambda: items[0], lambda: x(), yes)
