// Keys by their place on the keyboard, so that the Russian layout does as well; never in a field.
// [data-key="KeyA"] is pressed by its key; [data-row] are gone through by the arrows.
(() => {
  const inField = (target) => target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");

  function move(step) {
    const rows = [...document.querySelectorAll("[data-row]")];
    if (!rows.length) return false;
    const at = rows.findIndex((row) => row.contains(document.activeElement));
    const row = rows[Math.min(Math.max(at + step, 0), rows.length - 1)];
    (row.querySelector("a, button, summary") ?? row).focus();
    return true;
  }

  function press(code) {
    const row = document.activeElement.closest?.("[data-row]");
    const element = row?.querySelector(`[data-key="${code}"]`)
      ?? document.querySelector(`[data-key="${code}"]:not([data-row] *)`)
      ?? document.querySelector(`[data-key="${code}"]`);
    element?.click();
    return Boolean(element);
  }

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.code === "Enter") {
      event.target.closest("form")?.requestSubmit();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (inField(event.target) || document.querySelector("dialog[open]")) return;
    if (localStorage.getItem("keys") === "off") return;
    let done = false;
    if (event.code === "Slash" && event.shiftKey) {
      document.getElementById("keys")?.showModal();
      done = true;
    } else if (event.code === "Slash") {
      document.getElementById("q")?.focus();
      done = true;
    } else if (event.code === "ArrowDown") done = move(1);
    else if (event.code === "ArrowUp") done = move(-1);
    else if (!event.shiftKey) done = press(event.code);
    if (done) event.preventDefault();
  });
})();
// A filter that changes sends its form.
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submits]")) event.target.form.requestSubmit();
});
