// Events. Those that bubble are delegated: one listener at the document finds who is to be told. For the rest
// the node listens itself. Modifiers, portals, disabled controls and the order of handlers are all in here.

// Wheel and touchmove bubble too, but at the document browsers make them passive: preventDefault()
// would do nothing there.
const DELEGATED = new Set((
  "click dblclick auxclick contextmenu input beforeinput change submit reset keydown keyup keypress " +
  "mousedown mouseup mousemove mouseover mouseout pointerdown pointerup pointermove pointerover " +
  "pointerout pointercancel touchend touchcancel focusin focusout drag dragstart dragend dragenter " +
  "dragleave dragover drop copy cut paste compositionstart compositionupdate compositionend"
).split(" "));

// Python is told of an event by dispatch(id, key), of one that a template listens to by dispatch(first id of the
// instance, slot of the handler).
function createEvents(nodes, dispatch, stats) {
  const delegated = new Set();
  const listeners = new Map();

  // What listens, node → { id, listeners }. Not on the nodes: a property that most nodes on the way of an
  // event do not have is slow to look for.
  const listening = new WeakMap();
  // On the frame of a portal: the place in the tree where it was written; events go on from there.
  const PORTAL_ANCHOR = Symbol("metafor portal");
  let hasPortals = false;

  // The event that is being delivered, and the node whose handler runs. Python asks for it only where a
  // handler takes it: an object that crosses costs more than the call.
  let delivered = null;

  function deliver(node, event, listener) {
    const { id } = listening.get(node);
    // An id may have been freed and given to another node since the listener was set.
    if (nodes[id] !== node || moving) return;
    if (listener.prevent) event.preventDefault();
    if (listener.stop) event.stopPropagation();
    if (listener.once) unlisten(node, listener.key);
    stats.events++;
    const outer = delivered;
    delivered = [event, node];
    try {
      if (listener.slot === null) dispatch(id, listener.key);
      else dispatch(id - listener.index, listener.slot);
    } finally {
      delivered = outer;
    }
  }

  // The event as one handler sees it: `currentTarget` stays that of the handler, also when a coroutine
  // goes on after others had the event. The first handler gets the event itself.
  const SEEN = Symbol("metafor event");

  function seenFrom(event, node) {
    if (event[SEEN] === undefined) {
      Object.defineProperty(event, "currentTarget", { configurable: true, value: node });
      event[SEEN] = node;
    }
    if (event[SEEN] === node) return event;
    return new Proxy(event, {
      get(_, name) {
        if (name === "currentTarget") return node;
        const value = event[name];
        return typeof value === "function" ? value.bind(event) : value;
      },
      set: (_, name, value) => Reflect.set(event, name, value),
    });
  }

  // Only what knows `disabled`, or may say so as a custom element, is worth the question.
  function isDisabled(node) {
    return (node.disabled !== undefined || node.localName?.includes("-")) && node.matches(":disabled");
  }

  // Who is to be told of an event, from the innermost node on: nodes and their listeners, in turn.
  function findDue(event, type) {
    const due = [];
    let path = event.composedPath();
    for (let i = 0; i < path.length; i++) {
      const node = path[i], found = listening.get(node);
      if (found !== undefined) {
        for (const listener of found.listeners) {
          if (listener.direct === null && listener.type === type) due.push(node, listener);
        }
      }
      if (hasPortals && node[PORTAL_ANCHOR]?.parentNode) {
        path = pathFrom(node[PORTAL_ANCHOR].parentNode);
        i = -1;
      }
    }
    return due;
  }

  function pathFrom(node) {
    const path = [];
    for (; node; node = node.parentNode ?? node.host) path.push(node);
    return path;
  }

  // Tells whether somebody has stopped the event since. The event itself says so, unless another listener of
  // the document stopped it before us: that is no word of a node below.
  function watchStops(event) {
    if (!event.cancelBubble) return () => event.cancelBubble;
    let stopped = false;
    for (const name of ["stopPropagation", "stopImmediatePropagation"]) {
      const stop = event[name];
      event[name] = () => { stopped = true; stop.call(event); };
    }
    return () => stopped;
  }

  function onDelegated(event, type) {
    const isMouse = event instanceof MouseEvent;
    // The path is fixed before the first handler runs: one that removes its node changes nothing.
    const due = findDue(event, type);
    // One that is told alone cannot be kept from it by another.
    const isStopped = due.length > 2 ? watchStops(event) : null;
    for (let i = 0; i < due.length; i += 2) {
      const node = due[i];
      // All handlers of a node are told, also when the first one stops the event.
      if (i > 0 && node !== due[i - 2] && isStopped()) break;
      if (!(isMouse && isDisabled(node))) deliver(node, event, due[i + 1]);
    }
  }

  // All clones of a template share the lists of what they listen to: a list is never changed.
  function listen(node, id, key) {
    const listener = listenerOf(key);
    unlisten(node, key);
    const others = listening.get(node)?.listeners ?? [];
    listening.set(node, { id, listeners: listener.first ? [listener, ...others] : [...others, listener] });
    if (listener.direct) attach(node, listener);
  }

  function unlisten(node, key) {
    const found = listening.get(node);
    if (found === undefined) return;
    for (const { type, direct, options } of found.listeners.filter((one) => one.key === key && one.direct)) {
      node.removeEventListener(type, direct, options);
    }
    found.listeners = found.listeners.filter((one) => one.key !== key);
  }

  function attach(node, { type, direct, options }) {
    node.addEventListener(type, direct, options);
  }

  // The listener of a key; it serves all nodes but those of templates, which have their own.
  function listenerOf(key) {
    if (!listeners.has(key)) listeners.set(key, makeListener(key, 0, null));
    return listeners.get(key);
  }

  // What a key says, "click:once:prevent": the event's name with its modifiers. `direct` is what a node calls
  // that must listen itself.
  function makeListener(key, index, slot) {
    const [type, ...modifiers] = key.split(":");
    const [prevent, stop, once, capture, passive, first] =
      ["prevent", "stop", "once", "capture", "passive", "first"].map((one) => modifiers.includes(one));
    const options = { capture, passive };
    const listener = { key, type, prevent, stop, once, first, options, direct: null, index, slot };
    if (capture || passive || !DELEGATED.has(type)) {
      listener.direct = function (event) { deliver(this, event, listener); };
    } else if (!delegated.has(type)) {
      delegated.add(type);
      // The type is known here: the first one to ask an event for it waits for the text to be made.
      document.addEventListener(type, (event) => onDelegated(event, type));
    }
    return listener;
  }

  // A clone of a template listens with lists that all its clones share.
  function listenShared(node, id, listeners, direct) {
    listening.set(node, { id, listeners });
    for (let k = 0; k < direct.length; k++) attach(node, direct[k]);
  }

  function openPortal(frame, anchor) {
    frame[PORTAL_ANCHOR] = anchor;
    hasPortals = true;
  }

  return {
    delegated, listen, unlisten, listenShared, makeListener, openPortal,
    // The event that is being delivered, for a handler that takes it.
    current: () => seenFrom(...delivered),
  };
}
