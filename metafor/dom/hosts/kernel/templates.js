// Templates: parsed once, cloned for each instance, with the way to each node that something is bound to.

function createTemplates(nodes, listenShared, makeListener) {
  const templates = [];

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
      listenShared(nodes[base + index], base + index, listeners, direct);
    }
  }

  return { register, clone };
}

function fill(node, [, code, name], value, problems) {
  if (code === CONTENT) node.textContent = value;
  else if (code === DATA) node.data = value;
  else if (name === "class" && node.namespaceURI === XHTML) node.className = value;
  else change(setAttribute, node, name, value, problems);
}
