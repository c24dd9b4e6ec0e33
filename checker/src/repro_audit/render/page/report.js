"use strict";
const form = document.querySelector(".filters");
const search = form.querySelector("input");
const aspect = form.querySelector("select");
const count = form.querySelector("output");
const buttons = Array.from(form.querySelectorAll("button"));
const items = Array.from(document.querySelectorAll("details"));
const texts = new Map(items.map((item) => [item, item.textContent.toLowerCase()]));
let status = "";

function show() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const item of items) {
    const fits =
      (!status || item.dataset.status === status) &&
      (!aspect.value || item.dataset.aspect === aspect.value) &&
      words.every((word) => texts.get(item).includes(word));
    item.hidden = !fits;
    shown += fits ? 1 : 0;
  }
  for (const group of document.querySelectorAll("section.group")) {
    group.hidden = !group.querySelector("details:not([hidden])");
  }
  count.textContent = shown === items.length ? "" : `${shown} of ${items.length} shown`;
}

for (const button of buttons) {
  button.addEventListener("click", () => {
    for (const other of buttons) other.setAttribute("aria-pressed", String(other === button));
    status = button.dataset.status;
    show();
  });
}
search.addEventListener("input", show);
aspect.addEventListener("change", show);
form.addEventListener("submit", (event) => event.preventDefault());
for (const link of document.querySelectorAll("a[href^='#']")) {
  link.addEventListener("click", () => {
    document.getElementById(link.hash.slice(1)).open = true;
  });
}
form.hidden = false;
show();
