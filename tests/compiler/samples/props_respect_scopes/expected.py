from metafor.dom import compiled as _mf
_t0 = _mf.template('<p><!----> <!----> <!----></p>', ((0,), (0, 0), (0, 2), (0, 4)), ((1, 'child', ''), (2, 'child', ''), (3, 'child', '')), (0,))

@_mf.component('A', props=('title',))
def A(_props):
    title = _props.declare('title')

    def shadow(title):
        return title

    def local():
        title = 1
        return title

    class Box:
        title = 'a'
        same = title

        def method(self):
            return title()

    def walrus():
        return [x for x in (1,) if (title := x)]

    def matched(x):
        match x:
            case {'a': title, **rest}:
                return (title, rest)
            case [*title]:
                return title

    def handled():
        try:
            pass
        except ValueError as title:
            raise title

    def imported():
        import title
        return title

    def nested():

        def deeper():
            return title()
        return deeper

    def elsewhere():
        global title
        return title
    return _t0(lambda: [title for title in names], lambda: (lambda title: title)('x'), lambda: {title: title for title in (title(),)})
