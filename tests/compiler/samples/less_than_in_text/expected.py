from metafor.dom import compiled as _mf
_t0 = _mf.template('<p>a &lt; b, 1 &lt;2 &lt;= 3 &lt;</p>', ((0,),), (), (0,))

@_mf.component('A', props=None)
def A(_props):
    return _t0()
