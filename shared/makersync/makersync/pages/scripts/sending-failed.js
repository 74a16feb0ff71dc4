// Says that a script could not send a form (data-sending-failed): the page stays as it is, and nothing else would show it.
const failed = document.querySelector("[data-sending-failed]");
document.addEventListener("htmx:afterRequest", (event) => { if (failed) failed.hidden = event.detail.successful; });
