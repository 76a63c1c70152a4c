from metafor.dom import compiled as _mf
_t0 = _mf.template('<br>', ((0,),), (), (0,))
_t1 = _mf.template('<h1><!----><!----></h1>', ((0,), (0, 0), (0, 1)), ((1, 'child', ''), (2, 'child', '')), (0,))
_t2 = _mf.template('<p>None</p>', ((0,),), (), (0,))
_t3 = _mf.template('<b></b>', ((0,),), (), (0,))
_t4 = _mf.template('<i></i>', ((0,),), (), (0,))
_t5 = _mf.template('<u></u>', ((0,),), (), (0,))
_t6 = _mf.template('<p></p>', ((0,),), ((0, 'only', ''),), (0,))
_t7 = _mf.template('<p>assert</p>', ((0,),), (), (0,))
_t8 = _mf.template('<p>file</p>', ((0,),), (), (0,))
_t9 = _mf.template('<p></p>', ((0,),), (), (0,))
_t10 = _mf.template('<br>', ((0,),), (), (0,))
_t11 = _mf.template('<p></p>', ((0,),), (), (0,))
_t12 = _mf.template('<p></p>', ((0,),), (), (0,))
_t13 = _mf.template('<p></p>', ((0,),), (), (0,))
_t14 = _mf.template('<p></p>', ((0,),), (), (0,))
_t15 = _mf.template('<p></p>', ((0,),), ((0, 'only', ''),), (0,))
_t16 = _mf.template('<p></p>', ((0,),), (), (0,))
_t17 = _mf.template('<p></p>', ((0,),), ((0, 'only', ''),), (0,))
_t18 = _mf.template('<p></p>', ((0,),), (), (0,))
_t19 = _mf.template('<p></p>', ((0,),), (), (0,))
_t20 = _mf.template('<p></p>', ((0,),), ((0, 'only', ''),), (0,))
_t21 = _mf.template('<p></p>', ((0,),), (), (0,))
_t22 = _mf.template('<p></p>', ((0,),), (), (0,))
_t23 = _mf.template('<p></p>', ((0,),), ((0, 'only', ''),), (0,))
from functools import partial

def head(text: str, after=_t0()) -> object:
    if text:
        return _t1(text, after)
    view = _t2()
    view, other = (_t3(), [_t4(), {'a': _t5()}])
    yield _t6(other)
    assert view, _t7()
    with open(_t8()) as file:
        print(_t9(), file, sep=_t10())
    try:
        raise partial(head, _t11())
    except (_t12(),):
        del view
    while _t13():
        break
    match view:
        case [x] if x == _t14():
            return _t15(x)

    async def inner():
        async for x in head(_t16()):
            await head((lambda x: _t17(x))(x))

    class Inner(partial(_t18())):
        field = _t19()

    @partial(_t21())
    def decorated():
        return lambda: _t20(text)
for x in [_t22()]:
    x += (lambda x: _t23(x))(x)
