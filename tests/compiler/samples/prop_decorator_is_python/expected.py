from metafor.dom import compiled as _mf
_t0 = _mf.template('<p></p>', ((0,),), (), (0,))

@_mf.component('A', props=None)
def A(_props):

    @prop
    def f():
        pass

    class P:

        @prop.setter
        def g(self):
            pass
    return _t0()
