from metafor.dom import compiled as _mf
_t0 = _mf.template('<svg viewBox="0 0 1 1"><linearGradient id="g"></linearGradient><path d="M0 0"></path><foreignObject><div tabindex="1">x</div></foreignObject></svg>', ((0,), (0, 1)), ((1, 'attr', 'stroke-width'),), (0,))
_t1 = _mf.template('<circle pathLength="3"></circle>', ((0,),), ((0, 'attr', 'cx'),), (0,), 'svg')

@_mf.component('A', props=None)
def A(_props):
    return _t0(w)
DOT = _t1(x)
