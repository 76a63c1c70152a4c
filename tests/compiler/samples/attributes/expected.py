from metafor.dom import compiled as _mf
_t0 = _mf.template('<a href="/x/?a=b" class="it &quot;is&quot;" data-x="1" disabled="" href2="mailto:a@b.c">x</a>', ((0,),), ((0, 'attr', 'title'), (0, 'attr', 'aria-label')), (0,), 'around')

@_mf.component('A', props=None)
def A(_props):
    return _t0(t, lambda: _mf.join('Hi ', name, ', ', n + 1, '!'))
