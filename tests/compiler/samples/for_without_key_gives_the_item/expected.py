from metafor.dom import compiled as _mf
_t0 = _mf.template('<!----><!---->', ((0,), (1,)), ((0, 'child', ''), (1, 'child', '')), (0, 1))
_t1 = _mf.template('<li><!----> <!----> a <!----><!----></li>', ((0,), (0, 0), (0, 2), (0, 4), (0, 5)), ((0, 'class', 'done'), (0, 'attr', 'title'), (0, 'on', 'click'), (0, 'on', 'focus'), (0, 'spread', ''), (1, 'child', ''), (2, 'child', ''), (3, 'child', ''), (4, 'child', '')), (0,))
_t2 = _mf.template('<li></li>', ((0,),), ((0, 'only', ''),), (0,))

@_mf.component('A', props=None)
def A(_props):
    return _t0(_mf.element(_mf.For, {'each': items}, _mf.item_row(lambda item: _t1(lambda: item.done, lambda: item, lambda: drop(item), item, lambda: item, lambda: item, lambda: item.name, lambda: [item for item in (1, 2)], _mf.element(_mf.Show, {'when': item}, item)), 1)), _mf.element(_mf.For, _mf.merge({'each': items}, lambda: others), _mf.row(lambda item: _t2(item), 1)))
