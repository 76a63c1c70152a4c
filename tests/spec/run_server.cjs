// Loaded before a Node server of the specification: puts it on another port than the one it names.
const WebSocket = require("ws");

const { Server } = WebSocket;
WebSocket.Server = class extends Server {
  constructor(options, ...rest) {
    super({ ...options, host: "127.0.0.1", port: Number(process.env.TEST_PORT) }, ...rest);
  }
};
