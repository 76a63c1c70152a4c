from metafor.dom import compiled as _mf
_t0 = _mf.template('<p></p>', ((0,),), ((0, 'only', ''),), (0,))
from metafor.dom import component

@component
def Card(props):
    return _t0(lambda: props['x'])

@component('Named')
def Other(props):
    return _mf.element(Card, {})
