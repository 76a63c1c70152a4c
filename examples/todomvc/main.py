from app import TodoApp
from browser import LocalStorage, location_hash
from todos import TodoList

from metafor.dom import mount

mount(TodoApp, "#app", {"todos": TodoList(LocalStorage()), "route": location_hash()})
