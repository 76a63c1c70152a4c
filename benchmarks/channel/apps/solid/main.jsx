import { createSignal, For } from "solid-js";
import { render } from "solid-js/web";
import { ASK, measure, SECONDS, settled } from "../probe.js";

const rows = Array.from({ length: 100 }, () => createSignal(0));
const [at, setAt] = createSignal(0);

function Board() {
  const socket = new WebSocket(`ws://${location.host}/ticks`);
  socket.onopen = () => socket.send(ASK);
  socket.onmessage = (event) => {
    const tick = JSON.parse(event.data);
    rows[tick.row][1](tick.price);
    setAt(tick.at);
  };
  return (
    <main>
      <output id="at">{at()}</output>
      <table><tbody>
        <For each={rows}>{([price], index) => <tr><th>{index()}</th><td>{price()}</td></tr>}</For>
      </tbody></table>
    </main>
  );
}

render(() => <Board />, document.getElementById("app"));
await settled();
await measure(SECONDS);
