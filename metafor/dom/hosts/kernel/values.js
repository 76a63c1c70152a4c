// Values: what is written to a node, be it text, attribute, property, class or style.

// Prefixes of attributes that HTML's parser gives a namespace.
const PREFIXED = new Map([
  ["xlink", "http://www.w3.org/1999/xlink"], ["xml", "http://www.w3.org/XML/1998/namespace"],
]);
const XHTML = "http://www.w3.org/1999/xhtml";

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

function addStyleSheet(css) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}
