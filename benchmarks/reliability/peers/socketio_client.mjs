// A socket.io client that says numbers and notes those it hears.
//   node socketio_client.mjs URL COUNT RATE RETRIES
import { io } from "socket.io-client";
import { report, speak } from "./numbers.mjs";

const [url, count, rate, retries] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4]), process.argv[5] === "retries"];
const socket = io(url, {
  transports: ["websocket"],
  reconnectionDelay: 50,
  reconnectionDelayMax: 50,
  randomizationFactor: 0,
  ...(retries ? { retries: 1000, ackTimeout: 1000 } : {}),
});
const heard = [];
socket.on("down", (number) => heard.push(number));
socket.once("connect", () => speak(count, rate, (number) => socket.emit("up", number)));
report(heard);
