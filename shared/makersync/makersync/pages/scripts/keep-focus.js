// Keeps the keyboard where it is while a part of the page is loaded again: the same link, button or field has the focus after it.
// What has an id, htmx finds again itself.
const reached = "a[href], button, input, select, textarea, summary";
const marks = (each) => {
  const form = each.closest("form")?.getAttribute("action"), place = each.closest("[id]")?.id;
  return [each.tagName, each.getAttribute("href") ?? each.textContent.trim(), each.name, form, place].join("\n");
};
let held = null;
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const focused = document.activeElement;
  held = detail.target.contains(focused) && focused.matches(reached) ? marks(focused) : null;
});
document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (held && document.activeElement === document.body) {
    [...detail.target.querySelectorAll(reached)].find((each) => marks(each) === held)?.focus({ preventScroll: true });
  }
  held = null;
});
