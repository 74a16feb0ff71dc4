// Keeps what is being read where it is, and what is unfolded open, while a part of the page is loaded again (data-keep-place).
for (const part of document.querySelectorAll("[data-keep-place]")) {
  let seen = null, open = [];
  part.addEventListener("htmx:beforeSwap", () => {
    const cards = [...part.querySelectorAll("li[id], tr[id]")];
    const first = scrollY > 0 && cards.find((each) => each.getBoundingClientRect().bottom > 0);
    seen = first ? { id: first.id, top: first.getBoundingClientRect().top } : null;
    open = [...part.querySelectorAll("details[id][open]")].map((each) => each.id);
  });
  part.addEventListener("htmx:afterSwap", () => {
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
    const again = seen && document.getElementById(seen.id);
    if (again) scrollBy({ top: again.getBoundingClientRect().top - seen.top, behavior: "instant" });
  });
}
