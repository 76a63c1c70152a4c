// A custom element as a library would bring it: attributes, a property that is an object, an event.
customElements.define("x-card", class extends HTMLElement {
  static observedAttributes = ["title"];

  attributeChangedCallback() { this.render(); }

  set items(items) {
    this.given = items;
    this.render();
  }

  get items() { return this.given; }

  render() {
    this.textContent = `${this.getAttribute("title")}: ${JSON.stringify(this.given)}`;
  }

  pick(detail) { this.dispatchEvent(new CustomEvent("itemPicked", { detail })); }
});
