from metafor.dom import compiled as _mf
