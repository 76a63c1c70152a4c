// A plain WebSocket server that says numbers to everybody and notes those it hears.
//   node websocket_server.mjs COUNT RATE
import { WebSocketServer } from "ws";
import { report, speak } from "./numbers.mjs";

const [count, rate] = [Number(process.argv[2]), Number(process.argv[3])];
const server = new WebSocketServer({ port: 0, host: "127.0.0.1" }, () => console.log(server.address().port));
const heard = [];
let began = false;
server.on("connection", (socket) => {
  socket.on("error", () => {});
  socket.on("message", (data) => {
    heard.push(Number(data));
    if (!began) {
      began = true;
      speak(count, rate, (number) => {
        for (const client of server.clients) if (client.readyState === 1) client.send(String(number));
      });
    }
  });
});
report(heard);
