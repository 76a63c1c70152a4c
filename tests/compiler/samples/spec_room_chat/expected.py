from metafor.dom import compiled as _mf
_t0 = _mf.template('<div><div><button> General </button><button> Tech </button></div><div><h3>Room: <!----></h3><!----></div><input><button>Send</button></div>', ((0,), (0, 0, 0), (0, 0, 1), (0, 1, 0, 1), (0, 1, 1), (0, 2), (0, 3)), ((1, 'on', 'click'), (2, 'on', 'click'), (3, 'child', ''), (4, 'child', ''), (5, 'attr', 'value'), (5, 'on', 'input'), (6, 'on', 'click')), (0,))
_t1 = _mf.template('<p></p>', ((0,),), ((0, 'only', ''),), (0,))

@_mf.component('RoomChat', props=None)
def RoomChat(_props):
    from metafor.core import create_signal, on_mount, on_dispose
    from metafor.channels import Channel
    import asyncio
    messages, set_messages = create_signal([])
    current_room, set_current_room = create_signal('general')
    input_text, set_input_text = create_signal('')
    channel = Channel('ws://localhost:8000/ws', auto_reconnect=True)

    def handle_message(msg):
        new_messages = list(messages())
        new_messages.append({'room': current_room(), 'text': msg.get('text', str(msg)) if isinstance(msg, dict) else str(msg)})
        set_messages(new_messages)
    channel.on_message(handle_message)

    async def setup():
        await channel.connect()
        await channel.join(current_room())
    on_mount(lambda: asyncio.create_task(setup()))
    on_dispose(lambda: asyncio.create_task(channel.close()))

    async def switch_room(room_name):
        if channel.is_in_room(current_room()):
            await channel.leave(current_room())
        await channel.join(room_name)
        set_current_room(room_name)
        set_messages([])

    async def send():
        if input_text().strip():
            await channel.send_to(current_room(), {'text': input_text()})
            set_input_text('')
    return _t0(lambda: asyncio.create_task(switch_room('general')), lambda: asyncio.create_task(switch_room('tech')), current_room, _mf.element(_mf.For, {'each': messages}, _mf.item_row(lambda msg: _t1(lambda: msg.get('text', '')), 1)), input_text, lambda e: set_input_text(e.target.value), lambda: asyncio.create_task(send()))
