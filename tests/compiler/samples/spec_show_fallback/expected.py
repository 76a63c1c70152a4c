from metafor.dom import compiled as _mf
_t0 = _mf.template('<!---->', ((0,),), ((0, 'child', ''),), (0,))
_t1 = _mf.template('<p>Connecting...</p>', ((0,),), (), (0,))
_t2 = _mf.template('<div>Connected!</div>', ((0,),), (), (0,))

@_mf.component('Banner', props=None)
def Banner(_props):
    from metafor.core import create_signal
    is_connected, set_is_connected = create_signal(False)
    return _t0(_mf.element(_mf.Show, {'when': is_connected, 'fallback': _t1()}, _t2()))
