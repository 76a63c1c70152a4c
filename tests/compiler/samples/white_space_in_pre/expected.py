from metafor.dom import compiled as _mf
_t0 = _mf.template('<pre>  one\n    <b> two </b>\n</pre><pre>\n\nx</pre><textarea> a\n  b</textarea>', ((0,), (1,), (2,)), (), (0, 1, 2))

@_mf.component('A', props=None)
def A(_props):
    return _t0()
