// Moves: a node that is moved keeps focus, caret, selection, scroll positions and running transitions.

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
