from metafor.dom import compiled as _mf
_t0 = _mf.template('<p>{balanced {braces}} and @{literal} and @{ too, { }</p>', ((0,),), (), (0,))

@_mf.component('A', props=None)
def A(_props):
    return _t0()
