import { batch, createSelector, createSignal, For } from "solid-js";
import { render } from "solid-js/web";
import { label } from "../words.js";

let made = 0;

function make(count) {
  return Array.from({ length: count }, () => {
    const [text, setText] = createSignal(label());
    return { id: ++made, text, setText };
  });
}

const Button = (props) => (
  <div class="col-sm-6 smallpad">
    <button type="button" class="btn btn-primary btn-block" id={props.id} onClick={props.onClick}>{props.text}</button>
  </div>
);

function Rows() {
  const [rows, setRows] = createSignal([]);
  const [selected, select] = createSignal(null);
  const isSelected = createSelector(selected);
  const run = (count) => batch(() => { setRows(make(count)); select(null); });
  const add = (count) => setRows([...rows(), ...make(count)]);
  const update = () => batch(() => {
    for (let i = 0, list = rows(); i < list.length; i += 10) list[i].setText((text) => text + " !!!");
  });
  const clear = () => batch(() => { setRows([]); select(null); });
  const swap = () => {
    const list = rows().slice();
    if (list.length <= 998) return;
    [list[1], list[998]] = [list[998], list[1]];
    setRows(list);
  };
  const remove = (id) => setRows(rows().filter((row) => row.id !== id));

  return (
    <div class="container">
      <div class="jumbotron"><div class="row">
        <div class="col-md-6"><h1>Solid</h1></div>
        <div class="col-md-6"><div class="row">
          <Button id="run" text="Create 1,000 rows" onClick={() => run(1_000)} />
          <Button id="runlots" text="Create 10,000 rows" onClick={() => run(10_000)} />
          <Button id="add" text="Append 1,000 rows" onClick={() => add(1_000)} />
          <Button id="addone" text="Append one row" onClick={() => add(1)} />
          <Button id="update" text="Update every 10th row" onClick={update} />
          <Button id="clear" text="Clear" onClick={clear} />
          <Button id="swaprows" text="Swap rows" onClick={swap} />
        </div></div>
      </div></div>
      <table class="table table-hover table-striped test-data"><tbody id="tbody">
        <For each={rows()}>{(row) => (
          <tr class={isSelected(row.id) ? "danger" : ""}>
            <td class="col-md-1" textContent={row.id} />
            <td class="col-md-4"><a class="lbl" onClick={[select, row.id]} textContent={row.text()} /></td>
            <td class="col-md-1"><a class="remove" onClick={[remove, row.id]}>
              <span class="remove glyphicon glyphicon-remove" aria-hidden="true" />
            </a></td>
            <td class="col-md-6" />
          </tr>
        )}</For>
      </tbody></table>
    </div>
  );
}

render(() => <Rows />, document.getElementById("main"));
