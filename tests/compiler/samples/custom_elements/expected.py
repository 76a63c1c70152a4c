from metafor.dom import compiled as _mf
_t0 = _mf.template('<my-card><slot name="a"></slot></my-card>', ((0,),), ((0, 'attr', 'once'), (0, 'attr', 'onopen'), (0, 'on', 'click')), (0,))

@_mf.component('A', props=None)
def A(_props):
    return _t0(x, y, z)
