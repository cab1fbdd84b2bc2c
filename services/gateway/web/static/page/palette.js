// Ctrl+K, by its place on the keyboard: clients, activities, invoices, screens.
(() => {
  const dialog = document.getElementById("palette");
  document.addEventListener("keydown", (event) => {
    if (!dialog || event.code !== "KeyK" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    if (!dialog.open) dialog.showModal();
    document.getElementById("palette-q").select();
  });
  dialog?.addEventListener("keydown", (event) => {
    if (event.code !== "ArrowDown" && event.code !== "ArrowUp") return;
    const links = [...dialog.querySelectorAll("a[data-row]")];
    const at = links.indexOf(document.activeElement) + (event.code === "ArrowDown" ? 1 : -1);
    event.preventDefault();
    (links[at] ?? document.getElementById("palette-q")).focus();
  });
})();
