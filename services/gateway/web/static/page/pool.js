// The pool lives without moving a row under a hand: what is taken turns grey where it stands, what
// is new waits behind a button.
(() => {
  const table = () => document.getElementById("pool");
  const fresh = new Set();

  function showNew() {
    const news = document.getElementById("news");
    if (!news) return;
    news.hidden = fresh.size === 0;
    news.querySelector("[data-new]").textContent = fresh.size;
  }

  document.addEventListener("live", ({ detail: change }) => {
    const body = table();
    if (!body || !change.row) return;
    const row = document.getElementById(`row-${change.id}`);
    if (!row) {
      const shown = (body.dataset.room === change.room) && (!body.dataset.company || body.dataset.company === change.company);
      if (change.status === "free" && shown) fresh.add(change.id);
      else fresh.delete(change.id);
      showNew();
      return;
    }
    // The answer to a press brings the row as it is by then, and says what became of the press.
    if (row.querySelector(".htmx-request")) return;
    if (Number(row.dataset.version) >= change.version) return;
    const focused = row.contains(document.activeElement);
    const holder = document.createElement("tbody");
    holder.innerHTML = change.row;
    const renewed = holder.firstElementChild;
    row.replaceWith(renewed);
    window.htmx?.process(renewed);
    if (focused) renewed.querySelector("a")?.focus();
    document.dispatchEvent(new CustomEvent("live:shown"));
  });
  document.addEventListener("htmx:after:swap", () => { if (!table()) fresh.clear(); });
})();
