from rows import Rows

from metafor.dom import mount

mount(Rows, "#main")
