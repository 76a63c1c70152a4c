from metafor.dom import compiled as _mf
_t0 = _mf.template('<p><!----> <!----> <!----></p><!----><!---->', ((0,), (0, 0), (0, 2), (0, 4), (1,), (2,)), ((0, 'attr', 'title'), (0, 'attr', 'class'), (0, 'on', 'click'), (0, 'on', 'focus'), (1, 'child', ''), (2, 'child', ''), (3, 'child', ''), (4, 'child', ''), (5, 'child', '')), (0, 4, 5))

@_mf.component('A', props=('title', 'size', 'on_pick', 'plain', 'later'))
def A(_props):
    from parts import Child
    title = _props.declare('title', default=lambda: 'Chat', type=lambda: str)
    size = _props.declare('size', type=lambda: int)
    on_pick = _props.declare('on_pick', default=lambda: None)
    plain = _props.declare('plain')
    start = title()
    later = _props.declare('later', default=lambda: {'a': size()}, type=lambda: dict[str, int])

    def shout(text=title()):

        def inner():
            return title() + text
        return inner
    return _t0(title, lambda: _mf.join('a ', title, ' ', size() + 1), _mf.late(on_pick), lambda: on_pick()(title()), title, lambda: title().upper(), lambda: f'{title()}!', _mf.element(Child, _mf.merge({'a': title, 'b': _mf.lazy(lambda: title() + 'x')}, lambda: title()), title), _mf.element(Child, {'on': on_pick}))
