from metafor.dom import compiled as _mf
_t0 = _mf.template('<label class="a" for="b" tabindex="1"></label>', ((0,),), (), (0,))

@_mf.component('A', props=None)
def A(_props):
    return _t0()
