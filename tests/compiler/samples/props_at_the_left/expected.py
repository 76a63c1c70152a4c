from metafor.dom import compiled as _mf
_t0 = _mf.template('<!---->', ((0,),), ((0, 'child', ''),), (0,))

@_mf.component('A', props=None)
def A(_props):
    x = '\n  kept\n'

    def f():
        return x
    return _t0(lambda: f())
