from metafor.dom import compiled as _mf
_t0 = _mf.template('<p><!----> and <!----></p><!----><!----><button></button> <input>', ((0,), (0, 0), (0, 2), (1,), (2,), (3,), (4,), (5,)), ((0, 'attr', 'title'), (0, 'class', 'on'), (0, 'attr', 'class'), (1, 'child', ''), (2, 'child', ''), (3, 'child', ''), (4, 'child', ''), (5, 'on', 'click'), (5, 'ref', ''), (7, 'bind', 'value')), (0, 3, 4, 5, 6, 7))
_t1 = _mf.template('<!---->', ((0,),), ((0, 'child', ''),), (0,))

@_mf.component('A', props=('chat',))
def A(_props):
    chat = _props.declare('chat')
    return _t0(lambda: store.title, lambda: store.on, lambda: _mf.join('a ', store.kind), lambda: store.a.b, lambda: chat().title, _mf.element(Child, {'title': _mf.lazy(lambda: store.title), 'on': _mf.lazy(lambda: chat().on)}, _t1(lambda: store.text)), _mf.element(_mf.For, {'each': _mf.lazy(lambda: store.rows)}, store.row), store.save, store.node, store.value)
from child import Child
