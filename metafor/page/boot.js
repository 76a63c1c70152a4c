// The page's entry: a classic script, because a page opened from a file may load no module.
// It says so there, and everywhere else hands over to start.js beside it.
(() => {
  const here = document.currentScript.src;
  const root = document.documentElement;

  function say(title, text) {
    root.dataset.metafor = "error";
    const notice = document.createElement("section");
    notice.setAttribute("role", "alert");
    const heading = document.createElement("h1");
    heading.textContent = title;
    const body = document.createElement("p");
    body.textContent = text;
    notice.append(heading, body);
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`
      [data-metafor="error"] > body > section[role="alert"] {
        max-width: 36rem; margin: 15vh auto; padding: 0 1.5rem;
        font: 1rem/1.6 system-ui, sans-serif;
      }`);
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
    document.body.append(notice);
  }

  root.dataset.metafor = "loading";
  if (location.protocol === "file:") {
    say(
      "This page needs a web server",
      "A browser does not let a page opened from a file load Python. Serve this folder, for example " +
        "with “python3 -m http.server” run inside it, and open the address that it prints.",
    );
    return;
  }
  // The version in the query reaches start.js too, so that no cache can mix two builds.
  import(new URL("start.js", here).href + new URL(here).search).then(
    (module) => module.start(here),
    (error) => say("This page is not complete", `A part of it did not load: ${error.message}`),
  );
})();
