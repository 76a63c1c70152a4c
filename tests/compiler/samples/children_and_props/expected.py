from metafor.dom import compiled as _mf
_t0 = _mf.template('<div><!----> <!----></div>', ((0,), (0, 0), (0, 2)), ((1, 'child', ''), (2, 'child', '')), (0,))

@_mf.component('A', props=None)
def A(_props):
    children = _props.declare('children', default=lambda: None)
    props = _props.mapping

    def first():
        return (props.get('a'), children())

    def own(children):
        return children
    return _t0(children, lambda: props['x'])
