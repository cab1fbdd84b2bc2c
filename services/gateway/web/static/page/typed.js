// What was typed survives a sign-in: kept in this tab, put back into the same form. What was sent
// and accepted is typed no more: the form shows what the answer proposes. What others change on the
// page takes away neither what is being typed, nor a refusal, nor a form that is open.
(() => {
  const TYPED = ":is(input, textarea, select)[name]:not([type=hidden], [type=password], [type=file], [type=submit])";
  const typed = new WeakSet(), refused = new WeakSet();
  const isPost = (element) => element instanceof HTMLFormElement && element.method === "post";
  let isLive = false;

  document.addEventListener("input", ({ target }) => typed.add(target));
  document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
    if (!isPost(ctx.sourceElement)) return;
    for (const field of ctx.sourceElement.elements) typed.delete(field);
    for (const form of document.forms) refused.delete(form);
  });
  document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
    if (!isPost(ctx.sourceElement) || ctx.response.status >= 400) return;
    ctx.sourceElement.reset();
    ctx.sourceElement.closest("details")?.removeAttribute("open");
  });
  document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
    if (ctx.request.method !== "POST" || ctx.response.status < 400) return;
    for (const form of document.forms) {
      if (form.getAttribute("hx-post") === ctx.request.action && form.querySelector(TYPED)) refused.add(form);
    }
  });
  const isKept = (element) =>
    typed.has(element) || refused.has(element) || (element.id === "problem" && element.childElementCount > 0);
  window.htmx?.registerExtension("typed-stays", {
    htmx_before_swap: (_, { ctx }) => { isLive = ctx.sourceElement.matches("[data-live]"); },
    htmx_before_morph_node: (element) => !(isLive && isKept(element)),
    htmx_before_morph_attr: (element, { attrName, newValue }) =>
      !(attrName === "open" && newValue === null && element instanceof HTMLDetailsElement),
  });

  const key = `typed:${location.pathname}`;
  const fields = () => [...document.querySelectorAll(`main form ${TYPED}`)];

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
