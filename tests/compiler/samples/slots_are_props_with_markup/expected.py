from metafor.dom import compiled as _mf
_t0 = _mf.template('<!---->', ((0,),), ((0, 'child', ''),), (0,))
_t1 = _mf.template('<h1></h1>', ((0,),), ((0, 'only', ''),), (0,))
_t2 = _mf.template('<i></i>', ((0,),), (), (0,))
_t3 = _mf.template('Body', ((0,),), (), (0,))

@_mf.component('Page', props=None)
def Page(_props):
    return _t0(_mf.element(Card, {'header': _t1(lambda: title()), 'footer': lambda: _t2()}, _t3()))
from card import Card
