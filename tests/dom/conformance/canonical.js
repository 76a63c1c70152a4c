// The twin of canonical.py: the content of an element of a real page as plain data.
const SPACES = new Map([
  ["http://www.w3.org/1999/xhtml", "html"],
  ["http://www.w3.org/2000/svg", "svg"],
  ["http://www.w3.org/1998/Math/MathML", "math"],
]);

globalThis.canonical = function canonical(parent) {
  const content = [];
  for (const child of parent.childNodes) {
    const piece = child.nodeType === Node.TEXT_NODE ? child.data : canonicalElement(child);
    if (piece === "") continue;
    if (typeof piece === "string" && typeof content.at(-1) === "string") content[content.length - 1] += piece;
    else content.push(piece);
  }
  return content;
};

function canonicalElement(node) {
  const tag = node.localName;
  const found = Object.fromEntries([...node.attributes].map(({ name, value }) => [name, value]));
  if ("style" in found) found.style = declarations(node);
  if (tag === "input") {
    delete found.value;
    delete found.checked;
  }
  if (tag === "option") {
    delete found.value;
    delete found.selected;
  }
  if (["input", "textarea", "select", "option"].includes(tag)) found.value = node.value;
  if (tag === "input" && node.checked) found.checked = true;
  if (tag === "option" && node.closest("select") && node.selected) found.selected = true;
  const sorted = Object.fromEntries(Object.entries(found).sort(([a], [b]) => (a < b ? -1 : 1)));
  const children = tag === "textarea" ? [] : globalThis.canonical(node);
  return [SPACES.get(node.namespaceURI), tag, sorted, children];
}

function declarations(node) {
  return Object.fromEntries([...node.style].sort().map((name) => [name, node.style.getPropertyValue(name)]));
}
