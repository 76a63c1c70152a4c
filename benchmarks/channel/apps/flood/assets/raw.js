// What a page does by hand: a raw WebSocket, JSON.parse and JSON.stringify for each message.

export function opened(url) {
  const socket = new WebSocket(url);
  return new Promise((resolve, reject) => {
    socket.onopen = () => resolve(socket);
    socket.onerror = reject;
  });
}

// Messages per second.
export function receive(socket, count) {
  return new Promise((resolve) => {
    let left = count;
    socket.send(String(count));
    const began = performance.now();
    socket.onmessage = (event) => {
      const message = JSON.parse(event.data);
      if (message.n > 0) left -= 1;
      if (left === 0) resolve((count / (performance.now() - began)) * 1000);
    };
  });
}

export function send(socket, count) {
  return new Promise((resolve) => {
    socket.send(String(count));
    const began = performance.now();
    socket.onmessage = () => resolve((count / (performance.now() - began)) * 1000);
    for (let n = 0; n < count; n += 1) socket.send(JSON.stringify({ symbol: "S123", price: 12345.5, n }));
  });
}

export async function report(url, line) {
  (await opened(url)).send(line);
}
