// While `metafor serve` runs: reload when the app changed, show its mistakes until they are mended.
import { hideOverlay, showOverlay } from "./overlay.js";

const RETRY_MS = 1000;

// The server sends {id, problems} on connect and after each change. `id` names the content, so a
// server that was only restarted reloads nothing.
export function watchChanges(url, id) {
  const address = new URL(url);
  address.protocol = address.protocol.replace("http", "ws");
  connect();

  function connect() {
    const socket = new WebSocket(address);
    socket.onmessage = ({ data }) => {
      const news = JSON.parse(data);
      if (news.problems) showOverlay({ title: "The app has mistakes", text: news.problems });
      else if (news.id === id) hideOverlay();
      else location.reload();
    };
    socket.onclose = () => setTimeout(connect, RETRY_MS);
  }
}
