from metafor.dom import compiled as _mf
_t0 = _mf.template('<p><b></b><i></i><svg></svg></p>', ((0,), (0, 0), (0, 1), (0, 2)), ((0, 'attr', 'style'), (1, 'attr', 'style'), (2, 'attr', 'title'), (3, 'attr', 'Style')), (0,))

@_mf.component('A', props=('colour',))
def A(_props):
    colour = _props.declare('colour', default=lambda: 'red')
    return _t0(lambda: _mf.join_style(('color: ', '; width: ', 'px; top: 0'), colour, 1 + 1), colour, lambda: _mf.join('color: ', colour), colour)
