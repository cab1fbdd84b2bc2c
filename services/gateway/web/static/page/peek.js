// A row that leads to an activity opens it in a panel at the side: by a press beside its links, or
// Space. The arrows go on from row to row, Esc returns to the row last looked at.
(() => {
  const dialog = document.getElementById("peek");
  if (!dialog) return;
  const linkOf = (row) => row?.querySelector('a[href^="/activities/"]');
  const rows = () => [...document.querySelectorAll("main [data-row]")].filter(linkOf);
  let row = null;

  function show(next) {
    if (!linkOf(next)) return false;
    row = next;
    row.scrollIntoView({ block: "nearest" });
    window.htmx.ajax("GET", `${linkOf(row).pathname}/peek`, { target: "#peek-body", swap: "innerHTML" });
    if (!dialog.open) dialog.showModal();
    return true;
  }

  document.addEventListener("click", ({ target }) => {
    if (target.closest("a, button, input, select, textarea, label, summary, form, dialog")) return;
    if (!String(window.getSelection())) show(target.closest("main [data-row]"));
  });
  document.addEventListener("keydown", (event) => {
    const at = document.activeElement;
    if (event.code !== "Space" || dialog.open || localStorage.getItem("keys") === "off") return;
    if (at.matches("a, [data-row]") && show(at.closest("main [data-row]"))) event.preventDefault();
  });
  dialog.addEventListener("keydown", (event) => {
    if (event.code !== "ArrowDown" && event.code !== "ArrowUp") return;
    event.preventDefault();
    const all = rows();
    show(all[all.indexOf(row) + (event.code === "ArrowDown" ? 1 : -1)]);
  });
  dialog.addEventListener("close", () => {
    document.getElementById("peek-body").replaceChildren();
    linkOf(row)?.focus();
  });
})();
