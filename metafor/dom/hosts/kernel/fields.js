// Form fields: a value that is written disturbs neither the caret nor what is being typed or composed.

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
