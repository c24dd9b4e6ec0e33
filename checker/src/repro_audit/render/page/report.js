"use strict";
const buttons = Array.from(document.querySelectorAll(".filters button"));
for (const button of buttons) {
  button.addEventListener("click", () => {
    for (const other of buttons) other.setAttribute("aria-pressed", String(other === button));
    const wanted = button.dataset.status;
    for (const group of document.querySelectorAll("section.aspect")) {
      let shown = 0;
      for (const item of group.querySelectorAll("details")) {
        item.hidden = Boolean(wanted) && item.dataset.status !== wanted;
        shown += item.hidden ? 0 : 1;
      }
      group.hidden = shown === 0;
    }
  });
}
