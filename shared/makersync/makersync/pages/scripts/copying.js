// Offers to copy what is shown once (data-copied), where the browser lets a page do that. Without it, it can be selected.
for (const field of document.querySelectorAll("[data-copied]")) {
  field.addEventListener("focus", () => field.select());
  const button = document.getElementById(field.dataset.copied);
  if (!button || !navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(field.value);
    button.textContent = button.dataset.done;
  });
}
