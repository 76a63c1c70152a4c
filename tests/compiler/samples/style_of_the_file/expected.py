from metafor.dom import compiled as _mf
_t0 = _mf.template('<p data-s-c746a5b2="">note</p>', ((0,),), (), (0,))
_t1 = _mf.template('<p data-s-c746a5b2="">a</p>', ((0,),), (), (0,))
_t2 = _mf.template('<p data-s-c746a5b2="" data-s-68928497="">b</p>', ((0,),), (), (0,))
_mf.style('p[data-s-c746a5b2] { color: red }')
NOTE = _t0()

@_mf.component('A', props=None)
def A(_props):
    return _t1()

@_mf.component('B', props=None)
def B(_props):
    return _t2()
_mf.style('p[data-s-68928497] { top: 0 }')
