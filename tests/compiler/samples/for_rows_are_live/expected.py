from metafor.dom import compiled as _mf
_t0 = _mf.template('<!----><!----><!----><!---->', ((0,), (1,), (2,), (3,)), ((0, 'child', ''), (1, 'child', ''), (2, 'child', ''), (3, 'child', '')), (0, 1, 2, 3))
_t1 = _mf.template('<li><!----> <!----> <!----> <!----></li>', ((0,), (0, 0), (0, 2), (0, 4), (0, 6)), ((0, 'class', 'done'), (0, 'attr', 'title'), (0, 'on', 'click'), (0, 'on', 'focus'), (1, 'child', ''), (2, 'child', ''), (3, 'child', ''), (4, 'child', '')), (0,))
_t2 = _mf.template('<li><!----> <!----> <!----></li>', ((0,), (0, 0), (0, 2), (0, 4)), ((1, 'child', ''), (2, 'child', ''), (3, 'child', '')), (0,))
_t3 = _mf.template('<li></li>', ((0,),), ((0, 'only', ''),), (0,))

@_mf.component('A', props=None)
def A(_props):
    return _t0(_mf.element(_mf.For, {'each': items, 'key': 'id'}, _mf.row(lambda item: _t1(lambda: item().done, item, lambda: drop(item()), _mf.late(item), item, lambda: item().name, lambda: [item for item in (1, 2)], lambda: (lambda item: item)(3)), 1)), _mf.element(_mf.For, {'each': items}, _mf.item_row(lambda item, i: _t2(i, lambda: i(), lambda: i() + 1), 2)), _mf.element(_mf.Index, {'each': items}, _mf.row(lambda item, i, *, extra=1: _t3(lambda: item().x + extra), 2)), _mf.element(_mf.For, {'each': items}, row))
