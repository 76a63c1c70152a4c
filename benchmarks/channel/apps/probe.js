// When did the newest value that a frame shows leave the server, and when was the frame there?
// Server and page are on one machine and read one clock.

const after = new MessageChannel();

// Milliseconds for each frame of `seconds` that showed something new in #at; then a report of them.
export async function measure(seconds) {
  const latencies = [];
  let shown = "";
  let frames = 0;
  const until = performance.now() + seconds * 1000;
  await new Promise((resolve) => {
    let pending = null;
    after.port1.onmessage = () => {
      if (pending) latencies.push(performance.timeOrigin + performance.now() - pending);
    };
    const frame = () => {
      frames += 1;
      const at = document.getElementById("at").textContent;
      pending = at === shown ? null : Number(at);
      shown = at;
      after.port2.postMessage(null); // runs when this frame has been drawn
      if (performance.now() < until) requestAnimationFrame(frame);
      else resolve();
    };
    requestAnimationFrame(frame);
  });
  const socket = new WebSocket(`ws://${location.host}/report`);
  socket.onopen = () => socket.send(JSON.stringify({ latencies, frames: frames / seconds }));
}

export const RATE = 1000;
export const SECONDS = 5;
export const ASK = `${RATE} ${SECONDS + 3}`;
export const settled = () => new Promise((resolve) => setTimeout(resolve, 1500));
