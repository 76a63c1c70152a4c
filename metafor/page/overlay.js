// Says over the page what went wrong. What it shows is text, whatever is in it.
const style = `
  :host { all: initial; position: fixed; inset: 0; z-index: 2147483647; }
  section {
    box-sizing: border-box; height: 100%; overflow: auto; padding: 2rem max(1.5rem, 50vw - 30rem);
    background: #16181d; color: #e8eaf0; border-top: 6px solid #e5484d;
    font: 1rem/1.5 system-ui, sans-serif;
  }
  header { display: flex; justify-content: space-between; align-items: baseline; gap: 1rem; }
  h1 { margin: 0; font-size: 1.375rem; font-weight: 600; }
  pre {
    margin: 1.25rem 0; padding: 1rem 1.25rem; border-radius: 8px; background: #0c0d10;
    overflow-x: auto; font: 0.875rem/1.6 ui-monospace, "SF Mono", Menlo, Consolas, monospace;
    tab-size: 4;
  }
  p { margin: 0; color: #b4bac8; }
  button {
    padding: 0.35rem 0.9rem; border: 1px solid #5a6172; border-radius: 6px; background: none;
    color: inherit; font: inherit; cursor: pointer;
  }
  button:focus-visible { outline: 2px solid #7aa2f7; outline-offset: 2px; }
`;

let shown = null;

// `text` is shown as it stands, line for line; `hint` is one sentence: what to do about it.
export function showOverlay({ title, text, hint = "" }) {
  hideOverlay();
  const host = document.createElement("metafor-overlay");
  const shadow = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  shadow.adoptedStyleSheets = [sheet];

  const section = element("section", "");
  section.setAttribute("role", "alertdialog");
  section.setAttribute("aria-labelledby", "title");
  section.setAttribute("aria-describedby", "details");
  const header = element("header", "");
  const heading = element("h1", title);
  heading.id = "title";
  const dismiss = element("button", "Dismiss");
  dismiss.type = "button";
  dismiss.addEventListener("click", hideOverlay);
  header.append(heading, dismiss);
  const details = element("pre", text);
  details.id = "details";
  details.tabIndex = 0; // so that a long line can be scrolled by keyboard
  section.append(header, details);
  if (hint) section.append(element("p", hint));
  section.addEventListener("keydown", (event) => {
    if (event.key === "Escape") hideOverlay();
  });
  shadow.append(section);
  document.body.append(host);
  dismiss.focus();
  shown = host;
}

export function hideOverlay() {
  shown?.remove();
  shown = null;
}

function element(name, text) {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}
