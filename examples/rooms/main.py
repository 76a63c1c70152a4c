from room_chat import RoomChat

from metafor.dom import mount

mount(RoomChat, "#app")
