// What was typed survives a sign-in: kept in this tab, put back into the same form. What was sent
// and accepted is typed no more: the form shows what the answer proposes. A form that is open stays
// open whatever else changes on the page.
(() => {
  document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
    const isSent = ctx.sourceElement instanceof HTMLFormElement && ctx.sourceElement.method === "post";
    if (!isSent || ctx.response.status >= 400) return;
    ctx.sourceElement.reset();
    ctx.sourceElement.closest("details")?.removeAttribute("open");
  });
  window.htmx?.registerExtension("open-stays-open", {
    htmx_before_morph_attr: (element, { attrName, newValue }) =>
      !(attrName === "open" && newValue === null && element instanceof HTMLDetailsElement),
  });

  const key = `typed:${location.pathname}`;
  const fields = () => [...document.querySelectorAll("main form :is(input, textarea, select)[name]")]
    .filter((field) => !["hidden", "password", "file", "submit"].includes(field.type));

  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-keep-typed]")) return;
    sessionStorage.setItem(key, JSON.stringify(fields().map((field) =>
      [field.name, field.type, "checked" in field && field.type !== "text" ? field.checked : null, field.value])));
  });
  const kept = JSON.parse(sessionStorage.getItem(key) ?? "null");
  if (!kept) return;
  sessionStorage.removeItem(key);
  const open = fields();
  for (const [name, type, checked, value] of kept) {
    const box = type === "checkbox" || type === "radio";
    const at = open.findIndex((field) => field.name === name && field.type === type && (!box || field.value === value));
    if (at < 0) continue;
    const [field] = open.splice(at, 1);
    if (box) field.checked = checked;
    else field.value = value;
    field.closest("details")?.setAttribute("open", "");
  }
})();
