from metafor.dom import compiled as _mf
_t0 = _mf.template('<form><button>Go</button><div></div></form>', ((0,), (0, 0), (0, 1)), ((0, 'on', 'submit:prevent'), (1, 'on', 'click:capture:once'), (1, 'on', 'click'), (2, 'on', 'touchmove:passive'), (2, 'on', 'my-event:stop')), (0,))

@_mf.component('Panel', props=None)
def Panel(_props):

    def go():
        pass
    return _t0(go, go, go, go, go)
