// Runs in each page: clicks, takes the times, looks at the table.
globalThis.probe = (() => {
  const channel = new MessageChannel();
  let painted;
  channel.port1.onmessage = () => painted(performance.now());

  const frameBegins = () => new Promise(requestAnimationFrame);

  // The time after the frame that has begun: its callbacks run before layout and paint, a message after them.
  const frameEnds = () => new Promise((resolve) => {
    painted = resolve;
    channel.port2.postMessage(0);
  });

  async function nextFrame() {
    await frameBegins();
    return frameEnds();
  }

  async function settle() {
    await nextFrame();
    await nextFrame();
    globalThis.gc?.();
    // What is drawn beside the page's thread would hold up the next frame: it is given time to be done. No frame
    // comes after that: it would hold up the measured one, the more the less that has to compute.
    await new Promise((resolve) => setTimeout(resolve, 300));
  }

  const target = (selector) => document.querySelector(selector) ?? (() => { throw new Error(`no ${selector}`); })();

  return {
    settle,

    ready: () => document.getElementById("run") !== null,

    async click(selector) {
      target(selector).click();
      await settle();
    },

    // Clicks that come before the measured one.
    async prepare(selectors) {
      for (const selector of selectors) {
        target(selector).click();
        await nextFrame();
      }
    },

    // Milliseconds: in script (the handlers and the microtasks they leave), and until the frame is painted.
    // The click comes as a frame begins, as input does: to wait for the display's clock is nobody's work.
    async measure(selector) {
      const element = target(selector);
      await settle();
      await frameBegins();
      const start = performance.now();
      element.click();
      // What was queued goes first; some of it queues more.
      for (let turn = 0; turn < 8; turn++) await null;
      const script = performance.now();
      const frame = await frameEnds();
      await settle();
      return { script: script - start, frame: frame - start };
    },

    // What the table shows, and whether each row is made as it must be.
    table() {
      const rows = [...document.querySelectorAll("#tbody > tr")];
      const wellMade = (row) => {
        const [id, label, remove, rest] = row.children;
        return row.children.length === 4 && id.matches("td.col-md-1") && label.matches("td.col-md-4") &&
          label.firstElementChild.matches("a.lbl") && /^(\w+ ){2}\w+( !!!)*$/.test(label.textContent) &&
          remove.firstElementChild.matches("a.remove") && rest.matches("td.col-md-6");
      };
      return {
        ids: rows.map((row) => Number(row.firstElementChild.textContent)),
        marked: rows.flatMap((row, at) => row.children[1].textContent.endsWith("!!!") ? [at] : []),
        selected: rows.flatMap((row, at) => row.classList.contains("danger") ? [at] : []),
        bad: rows.findIndex((row) => !wellMade(row)),
      };
    },
  };
})();
