from metafor.dom import compiled as _mf
_t0 = _mf.template('<tr><td></td></tr>', ((0,), (0, 0)), ((1, 'only', ''),), (0,))
_t1 = _mf.template('<td>a</td><td>b</td>', ((0,), (1,)), (), (0, 1))
_t2 = _mf.template('<table><thead><tr><th>a</th></tr></thead><tbody></tbody></table>', ((0,), (0, 1)), ((1, 'only', ''),), (0,))
ROW = _t0(x)
CELLS = _t1()

@_mf.component('A', props=None)
def A(_props):
    return _t2(lambda: [ROW])
