# input.ptml:1:1: warning: Python warns: invalid escape sequence '\d' [python-warning]
#    1 | PATTERN = "\d"
#      | ^^^^^^^^^^^^^^
from metafor.dom import compiled as _mf
PATTERN = '\\d'
