from chat import ChatComponent

from metafor.dom import mount

mount(ChatComponent, "#app")
