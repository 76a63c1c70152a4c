from metafor.dom import compiled as _mf
_t0 = _mf.template('<!----><!---->', ((0,), (1,)), ((0, 'child', ''), (1, 'child', '')), (0, 1))
_t1 = _mf.template('<li></li>', ((0,),), ((0, 'only', ''),), (0,))
_t2 = _mf.template('<p></p>', ((0,),), (), (0,))
from metafor.dom import For as Each, Show

@_mf.component('A', props=None)
def A(_props):
    return _t0(_mf.element(Each, {'each': items}, _mf.item_row(lambda item: _t1(lambda: item.x), 1)), _mf.element(Show, {'when': x}, _t2()))
