// A partysocket client that says numbers and notes those it hears.
//   node partysocket_client.mjs URL COUNT RATE
import { WebSocket as PartySocket } from "partysocket";
import WebSocket from "ws";
import { report, speak } from "./numbers.mjs";

const [url, count, rate] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const socket = new PartySocket(url, [], {
  WebSocket,
  minReconnectionDelay: 50,
  maxReconnectionDelay: 50,
  minUptime: 60_000,
  connectionTimeout: 4000,
});
const heard = [];
socket.addEventListener("message", (event) => heard.push(Number(event.data)));
socket.addEventListener("error", () => {});
let began = false;
socket.addEventListener("open", () => {
  if (!began) {
    began = true;
    speak(count, rate, (number) => socket.send(String(number)));
  }
});
report(heard);
