// Loads parts of a page again every few seconds (data-refresh-every), but not while nobody sees them. A part that cannot be
// loaded says so (data-refresh-failed), and stands still as it is.
for (const part of document.querySelectorAll("[data-refresh-every]")) {
  const failed = document.querySelector("[data-refresh-failed]");
  const refresh = () => {
    const isWritten = part.contains(document.activeElement) && document.activeElement.matches("input, textarea");
    if (!document.hidden && !isWritten) htmx.trigger(part, "refresh");
  };
  setInterval(refresh, 1000 * Number(part.dataset.refreshEvery));
  document.addEventListener("visibilitychange", refresh);
  for (const name of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
    part.addEventListener(name, () => { if (failed) failed.hidden = false; });
  }
  part.addEventListener("htmx:afterSwap", () => { if (failed) failed.hidden = true; });
}
