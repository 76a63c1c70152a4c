from metafor.dom import compiled as _mf
_t0 = _mf.template('<p>in a page</p>', ((0,),), (), (0,))
import sys
if sys.platform == 'emscripten':

    @_mf.component('A', props=None)
    def A(_props):
        return _t0()
else:
    A = None
