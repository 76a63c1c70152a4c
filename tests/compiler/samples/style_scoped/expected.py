from metafor.dom import compiled as _mf
_t0 = _mf.template('<h1 data-s-e09180c7="" class="title"></h1>', ((0,),), ((0, 'only', ''),), (0,))
_t1 = _mf.template('<section data-s-e09180c7="" class="card"><!----><!----><svg data-s-e09180c7="" viewBox="0 0 1 1"><g data-s-e09180c7=""></g></svg></section>', ((0,), (0, 0), (0, 1)), ((1, 'child', ''), (2, 'child', '')), (0,))
_t2 = _mf.template('<footer>none of this</footer>', ((0,),), (), (0,))

@_mf.component('Card', props=('title',))
def Card(_props):
    title = _props.declare('title')
    head = _t0(title)
    return _t1(head, _mf.element(Footer, {}))
_mf.style('.card[data-s-e09180c7] { color: red }\n    .title[data-s-e09180c7], h1[data-s-e09180c7]:hover { margin: 0 }')
_mf.style('body { margin: 0 }')

@_mf.component('Footer', props=None)
def Footer(_props):
    return _t2()
