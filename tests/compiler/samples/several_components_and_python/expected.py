"""The module's own words."""
from __future__ import annotations
from metafor.dom import compiled as _mf
_t0 = _mf.template('<p></p>', ((0,),), ((0, 'only', ''),), (0,))
_t1 = _mf.template('<!---->', ((0,),), ((0, 'child', ''),), (0,))
_t2 = _mf.template('<h1></h1>', ((0,),), (), (0,))
import math

@_mf.component('One', props=None)
def One(_props):
    return _t0(lambda: math.pi)
WIDTH = 3

@_mf.component('Two', props=None)
def Two(_props):
    return _t1(_mf.element(One, {}))
if WIDTH:
    HEAD = _t2()
