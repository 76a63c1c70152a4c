//# allFunctionsCalledOnLoad
// (Above, for browsers that know the hint: functions compiled with the script, not each when an event first needs
// it, which would cost the first one of each kind half a millisecond. It must be the first line.)
// The JavaScript half of the renderer. Python describes a commit as one flat list of operations
// (metafor/dom/hosts/base.py documents them); apply() carries the list out. Events come back through
// one dispatcher: those that bubble are delegated at the document, the rest is attached to the node.

const TEMPLATE = 0, CLONE = 1, TEXT_NODE = 2, APPEND = 3, BEFORE = 4, REMOVE = 5, CLEAR = 6, DATA = 7,
  CONTENT = 8, ATTRIBUTE = 9, PROPERTY = 10, CLASS = 11, STYLE = 12, LISTEN = 13, FREE = 14,
  STYLESHEET = 15, PORTAL = 16, UNLISTEN = 17, EMPTY = 18;

// Wheel and touchmove bubble too, but at the document browsers make them passive: preventDefault()
// would do nothing there.
const DELEGATED = new Set((
  "click dblclick auxclick contextmenu input beforeinput change submit reset keydown keyup keypress " +
  "mousedown mouseup mousemove mouseover mouseout pointerdown pointerup pointermove pointerover " +
  "pointerout pointercancel touchend touchcancel focusin focusout drag dragstart dragend dragenter " +
  "dragleave dragover drop copy cut paste compositionstart compositionupdate compositionend"
).split(" "));

// Prefixes of attributes that HTML's parser gives a namespace.
const PREFIXED = new Map([
  ["xlink", "http://www.w3.org/1999/xlink"], ["xml", "http://www.w3.org/XML/1998/namespace"],
]);
const SVG = "http://www.w3.org/2000/svg", MATHML = "http://www.w3.org/1998/Math/MathML";
const XHTML = "http://www.w3.org/1999/xhtml";
const HTML_INSIDE = /^(foreignObject|desc|title|m[inos]|mtext|annotation-xml)$/;

// A function that loops over thousands of operations is compiled for speed when it is called next: by the next
// event, which waits for that. Called for so many at a time it is compiled while the long commit still runs.
const STRETCH = 64;

// -- fields -----------------------------------------------------------------------------------------

const FIELDS = new Map([["input", setField], ["textarea", setField], ["select", choose]]);

// The field that an input method composes text in. What is to be written to it waits until the end:
// writing would break the composition off.
let composing = null;
const HELD = Symbol("metafor held value");

function watchCompositions() {
  document.addEventListener("compositionstart", (event) => { composing = event.composedPath()[0]; }, true);
  document.addEventListener("compositionend", (event) => {
    composing = null;
    const field = event.composedPath()[0];
    // Later: some browsers tell of the composed text after the end, and then the held value is outdated.
    setTimeout(() => { if (field[HELD] !== undefined) setField(field, field[HELD]); });
  }, true);
}

function setField(field, value) {
  if (field === composing) {
    field[HELD] = value;
    return;
  }
  field[HELD] = undefined;
  const old = field.value;
  if (old === value || (isNumeric(field) && old !== "" && value !== "" && Number(old) === Number(value))) return;
  const { selectionStart: start, selectionEnd: end } = field;
  field.value = value;
  // Writing puts the caret at the end. It belongs before the text that it stood before.
  if (start == null || end === old.length || field.getRootNode().activeElement !== field) return;
  const written = field.value;
  const rest = old.slice(end);
  const caret = written.endsWith(rest) ? written.length - rest.length : Math.min(end, written.length);
  field.setSelectionRange(Math.max(0, caret - (end - start)), caret);
}

// "1.0" and "1." are the number that they will be; writing "1" would take away what is being typed.
function isNumeric(field) {
  return field.type === "number" || field.type === "range";
}

// What a select was told to show. Its options may come later, with another commit.
const CHOSEN = Symbol("metafor chosen value");

function choose(select, value) {
  if (!(CHOSEN in select)) {
    const watching = new MutationObserver(() => {
      if (select[CHOSEN] !== undefined) show(select, select[CHOSEN]);
    });
    const what = { childList: true, subtree: true, characterData: true, attributeFilter: ["value"] };
    watching.observe(select, what);
    select.addEventListener("input", () => { select[CHOSEN] = undefined; });
  }
  select[CHOSEN] = value;
  show(select, value);
}

function show(select, value) {
  if (!Array.isArray(value)) select.value = value;
  else for (const option of select.options) option.selected = value.includes(option.value);
}

// A form that is reset writes its fields behind everybody's back: each is told when that is done.
function watchResets() {
  document.addEventListener("reset", (event) => {
    const form = event.composedPath()[0];
    setTimeout(() => {
      if (event.defaultPrevented) return;
      for (const field of form.elements) field.dispatchEvent(new Event("metafor-reset"));
    });
  });
}

// -- moves ------------------------------------------------------------------------------------------

// Whether a node is being moved by hand: the focus events of that are nobody's business.
let moving = false;

// Puts a node that is on the page before another. Focus, caret, transitions and frames live through it
// where the browser can move; elsewhere what can be restored is.
function move(node, anchor) {
  const parent = anchor.parentNode;
  if ("moveBefore" in parent && node.isConnected && parent.isConnected) {
    const select = selectionIn(node), scroll = scrollingIn(node);
    parent.moveBefore(node, anchor);
    select?.();
    scroll();
    return;
  }
  const restore = node.nodeType === Node.ELEMENT_NODE && node.isConnected ? remember(node) : null;
  moving = true;
  try {
    parent.insertBefore(node, anchor);
    restore?.();
  } finally {
    moving = false;
  }
}

function remember(node) {
  const scroll = scrollingIn(node);
  const focused = node.getRootNode().activeElement;
  const active = focused && node.contains(focused) ? focused : null;
  const field = active?.selectionStart != null
    ? [active.selectionStart, active.selectionEnd, active.selectionDirection] : null;
  const select = selectionIn(node);
  return () => {
    active?.focus({ preventScroll: true });
    if (field) active.setSelectionRange(...field);
    else select?.();
    scroll();
  };
}

// What selects again the text that is selected inside a node: no way of moving keeps that.
function selectionIn(node) {
  if (selected === undefined) selected = readSelection();
  if (selected === null || !node.contains(selected[0]) || !node.contains(selected[2])) return null;
  return () => getSelection().setBaseAndExtent(...selected);
}

// The selected text. Asked for once in a commit: asking lays out the page, after each move anew.
let selected;

function readSelection() {
  const selection = getSelection();
  // What is selected inside a field is the field's own affair.
  if (!selection?.rangeCount || document.activeElement?.selectionStart != null || selection.isCollapsed) return null;
  return [selection.anchorNode, selection.anchorOffset, selection.focusNode, selection.focusOffset];
}

// What has been scrolled: to look for it among all elements would lay out the page for each move.
const scrolled = new Set();

function watchScrolling() {
  document.addEventListener("scroll", ({ target }) => {
    for (const one of scrolled) if (!one.isConnected) scrolled.delete(one);
    scrolled.add(target);
  }, { capture: true, passive: true });
}

// What scrolls again what is scrolled inside a node, and would begin anew where it is moved to.
function scrollingIn(node) {
  const positions = [];
  for (const one of scrolled) if (node.contains(one)) positions.push([one, one.scrollLeft, one.scrollTop]);
  return () => {
    for (const [one, left, top] of positions) {
      if (one.scrollLeft !== left || one.scrollTop !== top) one.scrollTo({ left, top, behavior: "instant" });
    }
  };
}

// Python is told of an event by dispatch(id, key), of one that a template listens to by dispatch(first id of the
// instance, slot of the handler).
export function createKernel(dispatch) {
  const nodes = [null];
  const templates = [];
  const delegated = new Set();
  const listeners = new Map();
  const stats = { commits: 0, events: 0 };

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

  const CLAIMED = Symbol("metafor mount");

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

  watchCompositions();
  watchResets();
  watchScrolling();

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

  // -- templates ------------------------------------------------------------------------------------

  function register(key, html, paths, space, fills, events) {
    const element = document.createElement("template");
    const foreign = space !== "html";
    element.innerHTML = foreign ? `<${space}>${html}</${space}>` : html;
    const content = element.content;
    if (foreign) content.firstChild.replaceWith(...content.firstChild.childNodes);
    const walker = document.createTreeWalker(content, NodeFilter.SHOW_COMMENT);
    const anchors = [];
    while (walker.nextNode()) anchors.push(walker.currentNode);
    // A hole among siblings becomes an empty text node: it holds the text, and content stands before it.
    for (const anchor of anchors) anchor.replaceWith(document.createTextNode(""));
    // A lone anchor stays in its fragment: what its hole shows goes before it, into a parent.
    const single = content.childNodes.length === 1 && content.firstChild.nodeType === Node.ELEMENT_NODE &&
      paths.every((path) => path[0] === 0);
    const root = single ? content.firstChild : content;
    // Custom elements come to life with each clone, not with the original.
    const hasCustom = [...content.querySelectorAll("*")].some((one) => one.localName.includes("-"));
    templates[key] = {
      root: hasCustom ? root : document.importNode(root, true),
      hasCustom,
      steps: compileSteps(paths, single),
      fills,
      events: compileEvents(events),
    };
  }

  // For each node that listens: [its index, its listeners, those of them that it must attach].
  function compileEvents(events) {
    const nodes = new Map();
    for (const [index, key, slot] of events) {
      if (!nodes.has(index)) nodes.set(index, []);
      nodes.get(index).push(makeListener(key, index, slot));
    }
    return [...nodes].map(([index, all]) => [index, all, all.filter(({ direct }) => direct)]);
  }

  // Each path starts at the nearest node before it that is an ancestor: [index of that node or -1, …].
  function compileSteps(paths, single) {
    return paths.map((path, at) => {
      for (let i = at - 1; i >= 0; i--) {
        const start = paths[i];
        if (start.length < path.length && start.every((step, k) => step === path[k])) {
          return [i, ...path.slice(start.length)];
        }
      }
      return [-1, ...(single ? path.slice(1) : path)];
    });
  }

  function clone(key, base, values, problems) {
    const { root, hasCustom, steps, fills, events } = templates[key];
    const copy = hasCustom ? document.importNode(root, true) : root.cloneNode(true);
    for (let i = 0; i < steps.length; i++) {
      const path = steps[i];
      let node = path[0] < 0 ? copy : nodes[base + path[0]];
      for (let k = 1; k < path.length; k++) {
        node = node.firstChild;
        for (let skip = path[k]; skip > 0; skip--) node = node.nextSibling;
      }
      nodes[base + i] = node;
    }
    for (let i = 0; i < fills.length; i++) {
      const value = values[i];
      if (value !== null) fill(nodes[base + fills[i][0]], fills[i], value, problems);
    }
    for (let i = 0; i < events.length; i++) {
      const [index, listeners, direct] = events[i];
      const node = nodes[base + index];
      listening.set(node, { id: base + index, listeners });
      for (let k = 0; k < direct.length; k++) attach(node, direct[k]);
    }
  }

  function fill(node, [, code, name], value, problems) {
    if (code === CONTENT) node.textContent = value;
    else if (code === DATA) node.data = value;
    else if (name === "class" && node.namespaceURI === XHTML) node.className = value;
    else change(setAttribute, node, name, value, problems);
  }

  // -- values ---------------------------------------------------------------------------------------

  function setText(node, text) {
    const child = node.firstChild;
    if (child !== null && child.nodeType === 3 && child.nextSibling === null) child.data = text;
    else node.textContent = text;
  }

  function setAttribute(node, name, value) {
    const colon = name.indexOf(":"), space = colon > 0 ? PREFIXED.get(name.slice(0, colon)) : undefined;
    if (space) {
      if (value === null) node.removeAttributeNS(space, name.slice(colon + 1));
      else node.setAttributeNS(space, name, value);
    } else if (value === null) node.removeAttribute(name);
    // Not as an attribute: a Content-Security-Policy may forbid those, and it allows this.
    else if (name === "style" && node.style) node.style.cssText = value;
    else node.setAttribute(name, value);
  }

  // What the DOM refuses (a name with a space, a file field's value) must not cost the rest of a commit.
  function change(set, node, name, value, problems) {
    try {
      set(node, name, value);
    } catch (error) {
      problems.push(`<${node?.localName}>: ${error.message}`);
    }
  }

  function setProperty(node, name, value) {
    const write = name === "value" ? FIELDS.get(node.localName) : undefined;
    if (write) write(node, value ?? "");
    else if (name === "value" && (value === null || !(name in node))) setAttribute(node, name, value);
    else if (node[name] !== value) node[name] = value;
  }

  function setStyle(node, name, value) {
    if (value === null) node.style.removeProperty(name);
    else node.style.setProperty(name, value);
  }

  function openPortal(frame, anchor) {
    frame[PORTAL_ANCHOR] = anchor;
    hasPortals = true;
  }

  function addStyleSheet(css) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  }

  // Puts nodes before an anchor: new ones go in together, those that stand on the page are moved one by one.
  function insert(ops, at, end, anchor) {
    if (end - at === 1) {
      const node = nodes[ops[at]];
      if (node.isConnected) move(node, anchor);
      else anchor.parentNode.insertBefore(node, anchor);
      return;
    }
    const fragment = document.createDocumentFragment();
    for (; at < end; at += STRETCH) insertSome(ops, at, Math.min(at + STRETCH, end), anchor, fragment);
    if (fragment.firstChild !== null) anchor.parentNode.insertBefore(fragment, anchor);
  }

  // New nodes wait in the fragment.
  function insertSome(ops, at, end, anchor, fragment) {
    for (; at < end; at++) {
      const node = nodes[ops[at]];
      if (!node.isConnected) {
        fragment.appendChild(node);
        continue;
      }
      if (fragment.firstChild !== null) anchor.parentNode.insertBefore(fragment, anchor);
      move(node, anchor);
    }
  }

  function append(ops, at, end, parent) {
    if (end - at === 1) return parent.appendChild(nodes[ops[at]]);
    const fragment = document.createDocumentFragment();
    for (; at < end; at++) fragment.appendChild(nodes[ops[at]]);
    parent.appendChild(fragment);
  }

  // Takes out all from `first` on, up to `anchor`.
  function empty(first, anchor) {
    const parent = anchor.parentNode;
    if (first.parentNode !== parent) return first.remove(); // somebody else moved it
    if (first.previousSibling === null && anchor.nextSibling === null) {
      parent.replaceChildren(anchor);
      return;
    }
    const range = document.createRange();
    range.setStartBefore(first);
    range.setEndBefore(anchor);
    range.deleteContents();
  }

  // -- operations -----------------------------------------------------------------------------------

  // What each operation does with its arguments, which stand in `ops` from `at` on; gives where they end.
  // Functions of their own, so that one which comes for the first time does not throw away the code that was
  // compiled for others.
  const OPERATIONS = [];
  OPERATIONS[TEMPLATE] = (ops, at) => {
    register(...ops.slice(at, at + 6));
    return at + 6;
  };
  OPERATIONS[CLONE] = (ops, at, commit) => {
    clone(ops[at], ops[at + 1], ops[at + 2], commit.problems);
    return at + 3;
  };
  OPERATIONS[TEXT_NODE] = (ops, at) => {
    nodes[ops[at]] = document.createTextNode(ops[at + 1]);
    return at + 2;
  };
  OPERATIONS[APPEND] = (ops, at) => {
    const end = at + 2 + ops[at + 1];
    append(ops, at + 2, end, nodes[ops[at]]);
    return end;
  };
  OPERATIONS[BEFORE] = (ops, at) => {
    const end = at + 2 + ops[at + 1];
    insert(ops, at + 2, end, nodes[ops[at]]);
    return end;
  };
  OPERATIONS[REMOVE] = (ops, at) => {
    const end = at + 1 + ops[at];
    while (++at < end) nodes[ops[at]].remove();
    return end;
  };
  OPERATIONS[CLEAR] = (ops, at) => {
    nodes[ops[at]].textContent = "";
    return at + 1;
  };
  OPERATIONS[DATA] = (ops, at) => {
    nodes[ops[at]].data = ops[at + 1];
    return at + 2;
  };
  OPERATIONS[CONTENT] = (ops, at) => {
    setText(nodes[ops[at]], ops[at + 1]);
    return at + 2;
  };
  OPERATIONS[ATTRIBUTE] = changing(setAttribute);
  OPERATIONS[CLASS] = changing((node, name, on) => node.classList.toggle(name, on));
  OPERATIONS[STYLE] = changing(setStyle);
  OPERATIONS[PROPERTY] = (ops, at, commit) => {
    const node = nodes[ops[at]], name = ops[at + 1], value = ops[at + 2];
    // A select takes its value when its options are there.
    if (node.localName === "select") commit.last.push(() => change(setProperty, node, name, value, commit.problems));
    else change(setProperty, node, name, value, commit.problems);
    return at + 3;
  };
  OPERATIONS[LISTEN] = (ops, at) => {
    listen(nodes[ops[at]], ops[at], ops[at + 1]);
    return at + 2;
  };
  OPERATIONS[UNLISTEN] = (ops, at) => {
    unlisten(nodes[ops[at]], ops[at + 1]);
    return at + 2;
  };
  OPERATIONS[FREE] = (ops, at) => {
    const end = at + 1 + 2 * ops[at];
    for (at++; at < end; at += 2) nodes.fill(null, ops[at], ops[at] + ops[at + 1]);
    return end;
  };
  OPERATIONS[EMPTY] = (ops, at) => {
    empty(nodes[ops[at]], nodes[ops[at + 1]]);
    return at + 2;
  };
  OPERATIONS[STYLESHEET] = (ops, at) => {
    addStyleSheet(ops[at]);
    return at + 1;
  };
  OPERATIONS[PORTAL] = (ops, at) => {
    openPortal(nodes[ops[at]], nodes[ops[at + 1]]);
    return at + 2;
  };

  function changing(set) {
    return (ops, at, { problems }) => {
      change(set, nodes[ops[at]], ops[at + 1], ops[at + 2], problems);
      return at + 3;
    };
  }

  function apply(text) {
    stats.commits++;
    selected = undefined;
    const ops = JSON.parse(text);
    const commit = { problems: [], last: [] };
    for (let at = 0; at < ops.length;) at = applySome(ops, at, commit);
    for (const call of commit.last) call();
    return commit.problems.join("; ");
  }

  // Carries out some operations, from the one at `at` on; gives where the next one stands.
  function applySome(ops, at, commit) {
    for (let done = 0; done < STRETCH && at < ops.length; done++) {
      const carryOut = OPERATIONS[ops[at]];
      if (carryOut === undefined) throw new Error(`metafor: unknown operation ${ops[at]} at ${at}`);
      at = carryOut(ops, at + 1, commit);
    }
    return at;
  }

  return {
    apply,
    stats,
    // What is held: ids in use, ids ever given, events delegated at the document.
    get held() { return [nodes.filter(Boolean).length, nodes.length, delegated.size]; },
    // Remember the element to mount into under `id`; gives the reason when there is none.
    target(id, target) {
      let node = target;
      if (typeof target === "string") {
        try {
          node = document.querySelector(target);
        } catch {
          return "is no valid selector";
        }
      }
      if (!node) return "matches nothing on the page";
      nodes[id] = node;
      return "";
    },
    // Note that an element is mounted into; gives the id it was claimed by before, or 0.
    claim(id) {
      const former = nodes[id][CLAIMED] ?? 0;
      nodes[id][CLAIMED] = id;
      return former;
    },
    node: (id) => nodes[id],
    // The event that is being delivered, for a handler that takes it.
    event: () => seenFrom(...delivered),
    // The namespace of what stands inside a node.
    space(id) {
      const { namespaceURI, localName } = nodes[id];
      const space = { [SVG]: "svg", [MATHML]: "math" }[namespaceURI];
      return space && !HTML_INSIDE.test(localName) ? space : "html";
    },
    ready() { document.documentElement.dataset.metafor = "ready"; },
  };
}
