// What a visitor sees until the app is there: a line of text and a bar, out of the app's way.
const style = `
  :host {
    all: initial; color-scheme: light dark;
    position: fixed; inset: auto 0 0 0; z-index: 2147483646; pointer-events: none;
  }
  div {
    display: flex; align-items: center; gap: 0.75rem; width: fit-content; margin: 0 auto 1.5rem;
    padding: 0.6rem 1rem; border-radius: 999px; border: 1px solid #8884;
    background: Canvas; color: CanvasText; box-shadow: 0 2px 12px #0003;
    font: 0.875rem/1.4 system-ui, sans-serif;
  }
  progress { width: 8rem; accent-color: #3b6fd4; }
`;

export function createProgress() {
  const host = document.createElement("metafor-progress");
  const shadow = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  shadow.adoptedStyleSheets = [sheet];
  const box = document.createElement("div");
  const text = document.createElement("span");
  text.setAttribute("role", "status");
  const bar = document.createElement("progress");
  bar.setAttribute("aria-label", "Loading");
  bar.max = 1;
  bar.value = 0;
  box.append(text, bar);
  shadow.append(box);
  document.body.append(host);
  // A status region is announced when its text changes, not when it appears with it.
  text.textContent = "Loading Python…";

  // Downloads fill the first half, the two stages that follow a quarter each.
  let downloads = 1;
  let done = 0;
  return {
    expect(count) {
      downloads = count;
    },
    follow(download) {
      return Promise.resolve(download).then((result) => {
        done += 1;
        bar.value = done / downloads / 2;
        return result;
      });
    },
    say(stage) {
      text.textContent = stage;
      bar.value = Math.min(1, bar.value + 0.25);
    },
    remove() {
      host.remove();
    },
  };
}
