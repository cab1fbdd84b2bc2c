// The sign-in page: seconds run out.
for (const element of document.querySelectorAll("[data-until]")) {
  const end = Date.now() + Number(element.textContent) * 1000;
  const unit = new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit: "second", unitDisplay: "short" });
  const timer = setInterval(tick, 250);
  function tick() {
    const left = Math.max(0, Math.ceil((end - Date.now()) / 1000));
    element.textContent = unit.format(left);
    if (!left) clearInterval(timer);
  }
  tick();
}
