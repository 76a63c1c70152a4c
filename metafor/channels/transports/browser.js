// The JavaScript half of the browser transport: native WebSockets for transports/browser.py.
//
// Calls into Python are what costs, so that all messages of a turn are handed over in one call. A turn ends
// at the next macrotask of a MessageChannel, which, other than a timer, hidden pages do not slow down.

const BUFFER_CHECK_MS = 20;
// The control character "record separator", which no JSON text holds unescaped.
const SEPARATOR = "\x1e";
const turns = new MessageChannel();
const waiting = new Set();
turns.port1.onmessage = () => {
  const sockets = [...waiting];
  waiting.clear();
  for (const socket of sockets) {
    try {
      socket.deliver();
    } catch (error) {
      queueMicrotask(() => { throw error; }); // the page's business, but not the other sockets'
    }
  }
};

// `url` as the WebSocket constructor takes it: relative to the page, http(s) as ws(s), no fragment.
function resolve(url) {
  const resolved = new URL(url, globalThis.document?.baseURI ?? globalThis.location?.href);
  if (resolved.protocol === "http:") resolved.protocol = "ws:";
  if (resolved.protocol === "https:") resolved.protocol = "wss:";
  if (resolved.protocol !== "ws:" && resolved.protocol !== "wss:") {
    throw new SyntaxError(`the scheme of '${url}' is not ws or wss`);
  }
  resolved.hash = "";
  return resolved.href;
}

class Socket {
  // `tell(event, …)` is a proxy of a Python function; the socket destroys it when it is done with it.
  constructor(url, protocols, tell) {
    this.tell = tell;
    this.arrived = [];
    this.joinable = true; // nothing but texts has arrived, and none of them holds a separator
    this.bufferCheck = null;
    this.socket = new WebSocket(resolve(url), protocols);
    this.socket.binaryType = "arraybuffer";
    this.socket.onopen = () => this.tell("open", this.socket.protocol);
    this.socket.onmessage = (event) => {
      this.arrived.push(event.data);
      if (typeof event.data !== "string" || event.data.includes(SEPARATOR)) this.joinable = false;
      if (this.arrived.length === 1) {
        if (waiting.size === 0) turns.port2.postMessage(null);
        waiting.add(this);
      }
    };
    this.socket.onerror = () => {}; // it says nothing, and a close event follows
    this.socket.onclose = (event) => {
      this.deliver();
      const tell = this.tell;
      this.release();
      try {
        tell?.("close", event.code, event.reason, event.wasClean);
      } finally {
        tell?.destroy();
      }
    };
  }

  deliver() {
    if (this.arrived.length === 0 || this.tell === null) return;
    const [messages, joinable] = [this.arrived, this.joinable];
    this.arrived = [];
    this.joinable = true;
    // One long string crosses into Python much faster than many short ones.
    if (joinable) this.tell("texts", messages.join(SEPARATOR));
    else this.tell("messages", messages);
  }

  // Whether the message was taken. A native send() to a socket that is closing loses it without a word.
  send(data) {
    if (this.socket.readyState !== WebSocket.OPEN) return false;
    this.socket.send(data);
    return true;
  }

  get buffered() {
    return this.socket.bufferedAmount;
  }

  // Tells "buffer" once, when no more than `level` bytes wait. No event says so: while somebody waits, look.
  watchBuffer(level) {
    clearTimeout(this.bufferCheck);
    const check = () => {
      if (this.socket.bufferedAmount <= level) this.tell?.("buffer");
      else this.bufferCheck = setTimeout(check, BUFFER_CHECK_MS);
    };
    this.bufferCheck = setTimeout(check, 0);
  }

  close(code, reason) {
    this.socket.close(code, reason);
  }

  // Let go of the socket at once and call nobody any more.
  drop() {
    const tell = this.tell;
    this.release();
    tell?.destroy();
    this.socket.close();
  }

  release() {
    const socket = this.socket;
    socket.onopen = socket.onmessage = socket.onclose = null; // onerror stays: it does nothing;
    clearTimeout(this.bufferCheck);
    this.arrived = [];
    this.tell = null;
  }
}

// Begins to connect. Throws when the URL or a subprotocol cannot be used; `tell` is the caller's then.
export function open(url, protocols, tell) {
  return new Socket(url, protocols, tell);
}

// Tells "lost" and "back" as the page hears of its network; returns the function that ends it.
export function watch(tell) {
  const listeners = [
    [globalThis, "offline", () => tell("lost")],
    [globalThis, "online", () => tell("back")],
    [globalThis, "pageshow", () => tell("back")], // also from the cache of pages, without its sockets
    [globalThis.document, "resume", () => tell("back")],
    [globalThis.document, "visibilitychange", () => {
      if (document.visibilityState === "visible") tell("back");
    }],
  ].filter(([target]) => target?.addEventListener);
  for (const [target, type, listener] of listeners) target.addEventListener(type, listener);
  return () => {
    for (const [target, type, listener] of listeners) target.removeEventListener(type, listener);
  };
}
