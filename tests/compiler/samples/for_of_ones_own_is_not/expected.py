from metafor.dom import compiled as _mf
_t0 = _mf.template('<!---->', ((0,),), ((0, 'child', ''),), (0,))
_t1 = _mf.template('<li></li>', ((0,),), ((0, 'only', ''),), (0,))
from mine import For

@_mf.component('A', props=None)
def A(_props):
    return _t0(_mf.element(For, {'each': items}, lambda item: _t1(lambda: item.x)))
