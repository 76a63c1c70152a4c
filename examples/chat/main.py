from chat import Chat

from metafor.dom import mount

mount(Chat, "#app")
