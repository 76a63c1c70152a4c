// Runs before anything else in the page, and notes every script that ran or wanted to.
globalThis.ran = [];

// Also for the window of a frame: what runs there counts here.
globalThis.hook = (window) => {
  const note = (what) => globalThis.ran.push(what);
  for (const name of ["alert", "confirm", "prompt", "print", "open"]) {
    window[name] = (...words) => note(`${name}(${words})`);
  }
  Object.defineProperty(window, "pwned", { configurable: true, set: () => note("pwned"), get: () => undefined });
  window.addEventListener("error", (event) => {
    if (event.error || event.message) note(`error: ${event.message}`);
  });
  window.document.addEventListener("securitypolicyviolation", ({ effectiveDirective, sample }) => {
    if (/^script/.test(effectiveDirective)) note(`${effectiveDirective}: ${sample}`);
  });
};
hook(window);
document.addEventListener("click", (event) => event.preventDefault());

// What a person and the browser may do to every element, so that what waits for it would run.
globalThis.poke = (root) => {
  const types = ["click", "mouseover", "mouseenter", "focus", "load", "error", "toggle", "animationend", "begin"];
  for (const one of root.querySelectorAll("*")) {
    for (const type of types) one.dispatchEvent(new Event(type, { bubbles: true, cancelable: true }));
  }
};

const CODE = /^[\x00-\x20]*(j\s*a\s*v\s*a\s*script|vbscript)\s*:|^[\x00-\x20]*data:(text|application)/i;
const ADDRESSES = /^((form)?action|(xlink:)?href|src|data|poster|cite|ping|to|from|values)$/i;

// What no text may have become: an element, a handler, an address that runs.
globalThis.escaped = (root) => {
  const wrong = [];
  for (const one of root.querySelectorAll("*")) {
    const expected = one.closest(".addresses") !== null || one.matches("body > script[src^='metafor/boot.js']");
    if (/^(script|img|mglyph)$/.test(one.localName) && !expected) wrong.push(one.outerHTML);
    // A value that left its declaration would bring properties of its own, or swallow the last one.
    if (one.matches(".styled")) {
      const own = [...one.style].every((name) => /^(color|--said|background|border-image|--last)\b/.test(name));
      if (!own || one.style.getPropertyValue("--last").trim() !== "1") wrong.push(`style ${one.style.cssText}`);
    }
    for (const { name, value } of one.attributes) {
      if (/^on/i.test(name)) wrong.push(`${one.localName} ${name}=${value}`);
      if (ADDRESSES.test(name) && CODE.test(value)) wrong.push(`${one.localName} ${name}=${value}`);
    }
  }
  return wrong;
};

// What every position shows, in the order of the strings.
globalThis.positions = (root) => {
  const of = (selector, read) => [...root.querySelectorAll(selector)].map((one) => read(one).toWellFormed());
  const text = (one) => one.textContent;
  return {
    text: of("article > .text", text),
    attribute: of("article", (one) => one.dataset.title),
    link: of("article > a", text),
    button: of("article button", text),
    field: of("article > input[placeholder]", (one) => one.getAttribute("placeholder")),
    area: of("article > textarea[placeholder]", (one) => one.getAttribute("placeholder")),
    option: of("article option", text),
    pre: of("article > pre", text),
    picture: of("article > svg > title", text),
    formula: of("article mtext", text),
    unknown: of("article > x-unknown", text),
    component: of("article > p:last-of-type", (one) => one.title),
    row: of("#stored > li", text),
  };
};
