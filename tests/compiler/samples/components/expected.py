from metafor.dom import compiled as _mf
_t0 = _mf.template('<!----><!----><!----><!---->', ((0,), (1,), (2,), (3,)), ((0, 'child', ''), (1, 'child', ''), (2, 'child', ''), (3, 'child', '')), (0, 1, 2, 3))
_t1 = _mf.template('<h1>x</h1>', ((0,),), (), (0,))
_t2 = _mf.template('press', ((0,),), (), (0,))
from parts import Card, Icon, ui

@_mf.component('A', props=None)
def A(_props):
    return _t0(_mf.element(Card, {}), _mf.element(Card, {'title': 'a', 'wide': True, 'size': 3, 'n': n, 'm': _mf.lazy(lambda: n + 1), 'on_pick': lambda: 1, 'header': _t1(), 'text': _mf.lazy(lambda: _mf.join('a ', n)), 'icon': _mf.element(Icon, {})}), _mf.element(ui.Button, {'onclick': go}, _t2()), _mf.element(Card, _mf.merge(_mf.merge(_mf.merge(_mf.merge({}, lambda: rest), lambda: {'a': '1'}), lambda: more()), lambda: {'b': True})))
