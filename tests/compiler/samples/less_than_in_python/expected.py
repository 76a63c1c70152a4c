from metafor.dom import compiled as _mf
_t0 = _mf.template('<b>x</b>', ((0,),), (), (0,))
_t1 = _mf.template('<i>y</i>', ((0,),), (), (0,))
N = 3
SMALL = [n for n in range(9) if n < N and N < n or n < len('a')]

def pick(a, b, c):
    return (a < b, b < c, _t0() if a < b else _t1())
SHIFT = 1 << 2
