// The page by hand: one template, one listener for the table, nodes moved directly.
import { buttons } from "../buttons.js";
import { label } from "../words.js";

document.getElementById("main").innerHTML = `<div class="container">
  <div class="jumbotron"><div class="row">
    <div class="col-md-6"><h1>vanilla</h1></div>
    <div class="col-md-6"><div class="row">${buttons.map(([id, text]) => `<div class="col-sm-6 smallpad">
      <button type="button" class="btn btn-primary btn-block" id="${id}">${text}</button></div>`).join("")}
    </div></div>
  </div></div>
  <table class="table table-hover table-striped test-data"><tbody id="tbody"></tbody></table>
</div>`;

const template = document.createElement("template");
template.innerHTML = '<tr><td class="col-md-1"></td><td class="col-md-4"><a class="lbl"> </a></td>' +
  '<td class="col-md-1"><a class="remove"><span class="remove glyphicon glyphicon-remove" aria-hidden="true"></span>' +
  '</a></td><td class="col-md-6"></td></tr>';
const prototype = document.importNode(template.content.firstChild, true);

let tbody = document.getElementById("tbody");
let rows = [];
let selected = null;
let made = 0;

function build() {
  const tr = prototype.cloneNode(true);
  const id = tr.firstChild, text = id.nextSibling.firstChild.firstChild;
  const row = { id: ++made, tr, text };
  tr.row = row;
  id.textContent = made;
  text.data = label();
  return row;
}

function append(count) {
  const fragment = document.createDocumentFragment();
  for (let i = 0; i < count; i++) {
    const row = build();
    rows.push(row);
    fragment.appendChild(row.tr);
  }
  tbody.appendChild(fragment);
}

function clear() {
  rows = [];
  selected = null;
  tbody.textContent = "";
}

function run(count) {
  clear();
  append(count);
}

function select(row) {
  if (selected !== null) selected.tr.className = "";
  selected = row;
  row.tr.className = "danger";
}

function remove(row) {
  rows.splice(rows.indexOf(row), 1);
  row.tr.remove();
  if (selected === row) selected = null;
}

function swap() {
  if (rows.length <= 998) return;
  const a = rows[1], b = rows[998];
  const behind = a.tr.nextSibling;
  tbody.insertBefore(a.tr, b.tr.nextSibling);
  tbody.insertBefore(b.tr, behind);
  rows[1] = b;
  rows[998] = a;
}

const actions = {
  run: () => run(1_000),
  runlots: () => run(10_000),
  add: () => append(1_000),
  addone: () => append(1),
  update() {
    for (let i = 0; i < rows.length; i += 10) rows[i].text.data += " !!!";
  },
  clear,
  swaprows: swap,
};
for (const [id, action] of Object.entries(actions)) document.getElementById(id).addEventListener("click", action);

tbody.addEventListener("click", (event) => {
  const target = event.target;
  if (target.matches(".lbl")) select(target.closest("tr").row);
  else if (target.matches(".remove")) remove(target.closest("tr").row);
});
