from metafor.dom import compiled as _mf
_t0 = _mf.template('<b>a</b>', ((0,),), (), (0,))
_t1 = _mf.template('<i>b</i>', ((0,),), (), (0,))
_t2 = _mf.template('<i>c</i>', ((0,),), (), (0,))
_t3 = _mf.template('<p></p>', ((0,),), ((0, 'only', ''),), (0,))
_t4 = _mf.template('<p>done</p>', ((0,),), (), (0,))
_t5 = _mf.template('<u>x</u>', ((0,),), (), (0,))
_t6 = _mf.template('<u></u>', ((0,),), (), (0,))
_t7 = _mf.template('<section></section>', ((0,),), ((0, 'only', ''),), (0,))
_t8 = _mf.template('<p></p>', ((0,),), (), (0,))
ITEMS = {'a': _t0(), 'b': [_t1(), _t2()]}

def view(n):
    yield _t3(n)
    if n:
        return _t4()
    print(_t5(), end=_t6())
    return _t7(n)
f = lambda: _t8()
