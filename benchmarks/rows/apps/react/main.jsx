import { memo, useReducer } from "react";
import { createRoot } from "react-dom/client";
import { label } from "../words.js";

let made = 0;
const make = (count) => Array.from({ length: count }, () => ({ id: ++made, label: label() }));

function reduce({ rows, selected }, [action, value]) {
  switch (action) {
    case "run": return { rows: make(value), selected: null };
    case "add": return { rows: [...rows, ...make(value)], selected };
    case "update": return {
      rows: rows.map((row, i) => i % 10 ? row : { id: row.id, label: row.label + " !!!" }), selected,
    };
    case "clear": return { rows: [], selected: null };
    case "swap": {
      if (rows.length <= 998) return { rows, selected };
      const swapped = rows.slice();
      [swapped[1], swapped[998]] = [swapped[998], swapped[1]];
      return { rows: swapped, selected };
    }
    case "remove": return { rows: rows.filter((row) => row.id !== value), selected };
    case "select": return { rows, selected: value };
  }
}

const Row = memo(({ row, selected, dispatch }) => (
  <tr className={selected ? "danger" : ""}>
    <td className="col-md-1">{row.id}</td>
    <td className="col-md-4"><a className="lbl" onClick={() => dispatch(["select", row.id])}>{row.label}</a></td>
    <td className="col-md-1"><a className="remove" onClick={() => dispatch(["remove", row.id])}>
      <span className="remove glyphicon glyphicon-remove" aria-hidden="true" />
    </a></td>
    <td className="col-md-6" />
  </tr>
), (before, after) => before.selected === after.selected && before.row === after.row);

const Button = ({ id, text, onClick }) => (
  <div className="col-sm-6 smallpad">
    <button type="button" className="btn btn-primary btn-block" id={id} onClick={onClick}>{text}</button>
  </div>
);

function Rows() {
  const [{ rows, selected }, dispatch] = useReducer(reduce, { rows: [], selected: null });
  return (
    <div className="container">
      <div className="jumbotron"><div className="row">
        <div className="col-md-6"><h1>React</h1></div>
        <div className="col-md-6"><div className="row">
          <Button id="run" text="Create 1,000 rows" onClick={() => dispatch(["run", 1_000])} />
          <Button id="runlots" text="Create 10,000 rows" onClick={() => dispatch(["run", 10_000])} />
          <Button id="add" text="Append 1,000 rows" onClick={() => dispatch(["add", 1_000])} />
          <Button id="addone" text="Append one row" onClick={() => dispatch(["add", 1])} />
          <Button id="update" text="Update every 10th row" onClick={() => dispatch(["update"])} />
          <Button id="clear" text="Clear" onClick={() => dispatch(["clear"])} />
          <Button id="swaprows" text="Swap rows" onClick={() => dispatch(["swap"])} />
        </div></div>
      </div></div>
      <table className="table table-hover table-striped test-data"><tbody id="tbody">
        {rows.map((row) => <Row key={row.id} row={row} selected={row.id === selected} dispatch={dispatch} />)}
      </tbody></table>
    </div>
  );
}

createRoot(document.getElementById("main")).render(<Rows />);
