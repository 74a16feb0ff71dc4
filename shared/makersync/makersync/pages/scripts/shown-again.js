"use strict";

// A page that the browser kept and shows again, by its back and forward buttons, may say what is no longer so: it loads again.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) {
    window.location.reload();
  }
});
