from metafor.dom import compiled as _mf
_t0 = _mf.template('<div><!----><input><button>Send</button></div>', ((0,), (0, 0), (0, 1), (0, 2)), ((1, 'child', ''), (2, 'attr', 'value'), (2, 'on', 'input'), (3, 'on', 'click')), (0,))
_t1 = _mf.template('<p></p>', ((0,),), ((0, 'only', ''),), (0,))

@_mf.component('ChatComponent', props=None)
def ChatComponent(_props):
    from metafor.core import create_signal, on_mount, on_dispose
    from metafor.channels import Channel
    import asyncio
    messages, set_messages = create_signal([])
    input_text, set_input_text = create_signal('')
    channel = Channel('ws://localhost:8000/ws', auto_reconnect=True)
    channel.on_message(lambda msg: set_messages([*messages(), str(msg)]))
    on_mount(lambda: asyncio.create_task(channel.connect()))
    on_dispose(lambda: asyncio.create_task(channel.close()))

    async def send():
        if input_text().strip():
            await channel.send({'text': input_text()})
            set_input_text('')
    return _t0(_mf.element(_mf.For, {'each': messages}, _mf.item_row(lambda msg: _t1(lambda: msg), 1)), input_text, lambda e: set_input_text(e.target.value), lambda: asyncio.create_task(send()))
