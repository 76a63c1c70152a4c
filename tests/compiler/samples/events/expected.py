from metafor.dom import compiled as _mf
_t0 = _mf.template('<button></button>', ((0,),), ((0, 'on', 'click'), (0, 'on', 'keydown'), (0, 'on', 'focus'), (0, 'on', 'my-event')), (0,))

@_mf.component('A', props=None)
def A(_props):
    return _t0(go, lambda e: key(e), handlers['f'], mine)
