// The JavaScript half of the renderer. Python describes a commit as one flat list of operations
// (metafor/dom/hosts/base.py documents them); apply() carries the list out. The files of this folder become one
// module when an app is built (metafor/cli/build/scripts.py): they see each other's functions.

const TEMPLATE = 0, CLONE = 1, TEXT_NODE = 2, APPEND = 3, BEFORE = 4, REMOVE = 5, CLEAR = 6, DATA = 7,
  CONTENT = 8, ATTRIBUTE = 9, PROPERTY = 10, CLASS = 11, STYLE = 12, LISTEN = 13, FREE = 14,
  STYLESHEET = 15, PORTAL = 16, UNLISTEN = 17, EMPTY = 18;

const SVG = "http://www.w3.org/2000/svg", MATHML = "http://www.w3.org/1998/Math/MathML";
const HTML_INSIDE = /^(foreignObject|desc|title|m[inos]|mtext|annotation-xml)$/;

// A function that loops over thousands of operations is compiled for speed when it is called next: by the next
// event, which waits for that. Called for so many at a time it is compiled while the long commit still runs.
const STRETCH = 64;

// `dispatch` is told of events, `tidyUp` of an idle time after a commit that asked for one; it asks for another.
export function createKernel(dispatch, tidyUp) {
  const nodes = [null];
  const stats = { commits: 0, events: 0 };
  const CLAIMED = Symbol("metafor mount");
  let idleAwaited = false;
  const { delegated, listen, unlisten, listenShared, makeListener, openPortal, current } =
    createEvents(nodes, dispatch, stats);
  const { register, clone } = createTemplates(nodes, listenShared, makeListener);

  watchCompositions();
  watchResets();
  watchScrolling();

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

  function apply(text, untidy) {
    if (untidy) awaitIdle();
    stats.commits++;
    selected = undefined;
    const ops = JSON.parse(text);
    const commit = { problems: [], last: [] };
    for (let at = 0; at < ops.length;) at = applySome(ops, at, commit);
    for (const call of commit.last) call();
    return commit.problems.join("; ");
  }

  function awaitIdle() {
    if (idleAwaited) return;
    idleAwaited = true;
    // Where no idle time is told, after the frame that the commit is for.
    if (globalThis.requestIdleCallback) requestIdleCallback(idle);
    else requestAnimationFrame(() => setTimeout(idle));
  }

  function idle() {
    idleAwaited = false;
    try {
      if (tidyUp()) awaitIdle();
    } catch (error) {
      // Else Python has come to an end meanwhile, and whoever ended it has said so.
      if (error.name === "PythonError") reportError(error);
    }
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
    event: current,
    // The namespace of what stands inside a node.
    space(id) {
      const { namespaceURI, localName } = nodes[id];
      const space = { [SVG]: "svg", [MATHML]: "math" }[namespaceURI];
      return space && !HTML_INSIDE.test(localName) ? space : "html";
    },
    ready() { document.documentElement.dataset.metafor = "ready"; },
  };
}
