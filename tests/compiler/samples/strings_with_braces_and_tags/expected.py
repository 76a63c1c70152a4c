from metafor.dom import compiled as _mf
_t0 = _mf.template('<p title="}" class="&lt;b&gt;">@{ &lt;/p&gt; \n        }&lt;/p&gt; \\\\ <!----> <!----> <!----></p>', ((0,), (0, 1), (0, 3), (0, 5)), ((1, 'child', ''), (2, 'child', ''), (3, 'child', '')), (0,))

@_mf.component('Page', props=('items',))
def Page(_props):
    items = _props.declare('items', type=lambda: list)
    name, set_name = ('', print)
    return _t0(lambda: b'}', lambda: f'{name}}}', lambda: items()['}'] if '{' else '#')
