from metafor.dom import compiled as _mf
_t0 = _mf.template('<p class="a"></p>', ((0,),), (), (0,))

@_mf.component('A', props=None)
def A(_props):
    return _t0()
_mf.style('.a::before { content: "}"; }  /* } */\n  @media (width < 3px) { .a { background: url(a}b.png) } }')
