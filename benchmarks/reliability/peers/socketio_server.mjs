// A socket.io server that says numbers to everybody and notes those it hears.
//   node socketio_server.mjs COUNT RATE RECOVERY       prints its port, then (told "report") what it heard
import { createServer } from "node:http";
import { Server } from "socket.io";
import { report, speak } from "./numbers.mjs";

const [count, rate, recovery] = [Number(process.argv[2]), Number(process.argv[3]), process.argv[4] === "recovery"];
const http = createServer();
const io = new Server(http, recovery ? { connectionStateRecovery: { maxDisconnectionDuration: 120_000 } } : {});
const heard = [];
let began = false;
io.on("connection", (socket) => {
  socket.on("up", (number, acknowledge) => {
    heard.push(number);
    acknowledge?.();
    if (!began) {
      began = true;
      speak(count, rate, (number) => io.emit("down", number));
    }
  });
});
http.listen(0, "127.0.0.1", () => console.log(http.address().port));
report(heard);
