// The same rooms on Node's socket.io: PORT.
import { createServer } from "node:http";
import { Server } from "socket.io";

const http = createServer();
const io = new Server(http);
io.on("connection", (socket) => {
  socket.on("join", (room) => socket.join(room));
  socket.on("message", (data) => io.to(data.room).emit("message", data));
});
http.listen(Number(process.argv[2]), "127.0.0.1");
