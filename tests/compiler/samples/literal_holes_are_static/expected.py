from metafor.dom import compiled as _mf
_t0 = _mf.template('<p>a&lt;b 3 |</p><p title="x" tabindex="1" hidden="" aria-busy="false" data-on="true" class="a b c"></p>', ((0,), (1,)), (), (0, 1))

@_mf.component('A', props=None)
def A(_props):
    return _t0()
