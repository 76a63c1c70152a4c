// The same rooms in a few lines on Node's `ws`: PORT.
import { WebSocketServer } from "ws";

const rooms = new Map();
const server = new WebSocketServer({ host: "127.0.0.1", port: Number(process.argv[2]) });
server.on("connection", (socket) => {
  socket.on("error", () => {});
  socket.on("close", () => rooms.forEach((room) => room.delete(socket)));
  socket.on("message", (data) => {
    const frame = data.toString();
    const message = JSON.parse(frame);
    if (message.type === "_join") {
      if (!rooms.has(message.room)) rooms.set(message.room, new Set());
      rooms.get(message.room).add(socket);
    } else {
      for (const receiver of rooms.get(message._room) ?? []) receiver.send(frame);
    }
  });
});
