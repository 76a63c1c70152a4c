from metafor.dom import compiled as _mf
_t0 = _mf.template('<!----><!----><!----><!----><!----><!----><!----><!---->', ((0,), (1,), (2,), (3,), (4,), (5,), (6,), (7,)), ((0, 'child', ''), (1, 'child', ''), (2, 'child', ''), (3, 'child', ''), (4, 'child', ''), (5, 'child', ''), (6, 'child', ''), (7, 'child', '')), (0, 1, 2, 3, 4, 5, 6, 7))
_t1 = _mf.template('text', ((0,),), (), (0,))
_t2 = _mf.template('<p></p>', ((0,),), ((0, 'only', ''),), (0,))
_t3 = _mf.template('<!---->', ((0,),), ((0, 'child', ''),), (0,))
_t4 = _mf.template('text', ((0,),), (), (0,))
_t5 = _mf.template('<p>a</p><!---->', ((0,), (1,)), ((1, 'child', ''),), (0, 1))
_t6 = _mf.template('<!---->', ((0,),), ((0, 'child', ''),), (0,))
from parts import Box

@_mf.component('A', props=None)
def A(_props):
    return _t0(_mf.element(Box, {}), _mf.element(Box, {}, _t1()), _mf.element(Box, {}, name), _mf.element(Box, {}, lambda x: _t2(x)), _mf.element(Box, {}, _t3(lambda: a + b)), _mf.element(Box, {}, _t4()), _mf.element(Box, {}, _t5(b)), _mf.element(Box, {}, _t6(_mf.element(Box, {}))))
