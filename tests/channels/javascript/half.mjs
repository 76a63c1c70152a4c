// The JavaScript half of the browser transport, alone, over a WebSocket that does what the test says.
// Usage: node half.mjs BROWSER_JS (a copy of transports/browser.js, as .mjs)

import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import process from "node:process";

class FakeWebSocket {
  static OPEN = 1;
  static made = [];
  constructor(url, protocols) {
    Object.assign(this, { url, protocols, readyState: 0, sent: [], closed: [] });
    FakeWebSocket.made.push(this);
  }
  send(data) { this.sent.push(data); }
  close(...args) { this.closed.push(args); }
  opened(protocol) { this.readyState = 1; this.protocol = protocol; this.onopen(); }
  message(data) { this.onmessage?.({ data }); }
  ended(code, reason, wasClean) { this.readyState = 3; this.onclose?.({ code, reason, wasClean }); }
}
globalThis.WebSocket = FakeWebSocket;
globalThis.document = { baseURI: "https://example.org/app/index.html?x#y" };

const { open, watch } = await import(pathToFileURL(process.argv[2]));
// The timer may be late, and then come before the messages of a MessageChannel; what is immediate comes after them.
const turn = () => new Promise((resolve) => setTimeout(() => setImmediate(resolve), 5));

function opened(url = "/ws") {
  const told = [];
  const tell = (...event) => told.push(event);
  tell.destroy = () => told.push(["destroyed"]);
  const socket = open(url, ["chat"], tell);
  return { socket, told, native: FakeWebSocket.made.at(-1) };
}

const checks = {
  "relative URLs resolve against the page, and http stands for ws"() {
    const resolved = (url) => opened(url).native.url;
    assert.equal(resolved("/ws"), "wss://example.org/ws");
    assert.equal(resolved("ws?a=1#fragment"), "wss://example.org/app/ws?a=1");
    assert.equal(resolved("//other.org/ws"), "wss://other.org/ws");
    assert.equal(resolved("http://other.org:81/"), "ws://other.org:81/");
    assert.equal(resolved("ws://other.org/x"), "ws://other.org/x");
    assert.throws(() => open("ftp://other.org", [], () => {}), SyntaxError);
    assert.throws(() => open("ws://[", [], () => {}), TypeError);
  },

  async "all messages of a turn are one call, texts and others told apart"() {
    const { told, native } = opened();
    assert.equal(native.binaryType, "arraybuffer");
    native.opened("chat");
    for (const text of ["a", "b", "c"]) native.message(text);
    assert.deepEqual(told, [["open", "chat"]]);
    await turn();
    const bytes = new ArrayBuffer(1);
    native.message("d");
    native.message(bytes);
    await turn();
    native.message("e");
    await turn();
    assert.deepEqual(told.slice(1), [["texts", "a\x1eb\x1ec"], ["messages", ["d", bytes]], ["texts", "e"]]);
  },

  async "a text that holds the separator is not taken apart"() {
    const { told, native } = opened();
    native.message("a\x1eb");
    native.message("c");
    await turn();
    native.message("");
    await turn();
    assert.deepEqual(told, [["messages", ["a\x1eb", "c"]], ["texts", ""]]);
  },

  async "messages of the last turn come before the close, and the proxy is given back once"() {
    const { socket, told, native } = opened();
    native.opened("");
    native.message("last words");
    native.ended(4001, "bye", true);
    native.message("never");
    await turn();
    socket.drop();
    assert.deepEqual(told.slice(1), [["texts", "last words"], ["close", 4001, "bye", true], ["destroyed"]]);
  },

  async "a message is taken only by a socket that is open"() {
    const { socket, native } = opened();
    assert.equal(socket.send("early"), false);
    native.opened("");
    assert.equal(socket.send("x"), true);
    native.readyState = 2;
    assert.equal(socket.send("late"), false);
    assert.deepEqual(native.sent, ["x"]);
  },

  async "a dropped socket says nothing more"() {
    const { socket, told, native } = opened();
    native.opened("");
    native.message("x");
    socket.drop();
    native.message("y");
    native.ended(1006, "", false);
    await turn();
    assert.deepEqual(told, [["open", ""], ["destroyed"]]);
    assert.deepEqual(native.closed, [[]]);
  },

  async "one socket whose listener throws does not hold up another"() {
    const thrown = [];
    process.once("uncaughtException", (error) => thrown.push(error.message));
    const failing = open("/a", [], Object.assign(() => { throw new Error("boom"); }, { destroy() {} }));
    FakeWebSocket.made.at(-1).message("x");
    const { told, native } = opened();
    native.message("y");
    await turn();
    assert.deepEqual(told, [["texts", "y"]]);
    assert.deepEqual(thrown, ["boom"]);
    failing.drop();
  },

  async "the buffer is looked at only while somebody waits for it, and tells once"() {
    const { socket, told, native } = opened();
    native.opened("");
    native.bufferedAmount = 9;
    assert.equal(socket.buffered, 9);
    socket.watchBuffer(0);
    socket.watchBuffer(5); // replaces the first
    await turn();
    assert.deepEqual(told, [["open", ""]]);
    native.bufferedAmount = 5;
    await new Promise((resolve) => setTimeout(resolve, 60));
    assert.deepEqual(told, [["open", ""], ["buffer"]]);
    native.bufferedAmount = 9;
    socket.watchBuffer(5);
    socket.drop();
    native.bufferedAmount = 0;
    await new Promise((resolve) => setTimeout(resolve, 60));
    assert.deepEqual(told, [["open", ""], ["buffer"], ["destroyed"]]);
  },

  "the page's events say that the network is gone or back, until it is unwatched"() {
    const told = [];
    const page = new EventTarget();
    for (const name of ["addEventListener", "removeEventListener", "dispatchEvent"]) {
      globalThis[name] = page[name].bind(page);
    }
    globalThis.document = Object.assign(new EventTarget(), { baseURI: document.baseURI, visibilityState: "hidden" });
    const unwatch = watch((event) => told.push(event));
    const all = () => {
      for (const type of ["offline", "online", "pageshow"]) globalThis.dispatchEvent(new Event(type));
      for (const type of ["resume", "visibilitychange"]) document.dispatchEvent(new Event(type));
    };
    all();
    assert.deepEqual(told, ["lost", "back", "back", "back"]);
    document.visibilityState = "visible";
    all();
    assert.equal(told.length, 9);
    unwatch();
    all();
    assert.equal(told.length, 9);
  },

  "close passes code and reason on"() {
    const { socket, native } = opened();
    socket.close(3001, "bye");
    assert.deepEqual(native.closed, [[3001, "bye"]]);
  },
};

for (const [name, check] of Object.entries(checks)) {
  await check();
  console.log("passed", name);
}
process.exit(0);
