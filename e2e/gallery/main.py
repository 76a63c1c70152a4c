"""One page with everything that the tests of the renderer look at: a page costs seconds to start."""

from elements import Elements
from errors import Errors
from events import Events
from forms import Forms
from rows import Rows

from metafor.dom import component, mount


@component
def Gallery(props):
    return [Forms(), Events(), Elements(), Rows(), Errors()]


mount(Gallery, "#app")
