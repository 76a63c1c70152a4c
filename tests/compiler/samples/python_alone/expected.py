from metafor.dom import compiled as _mf
x = 1
