// Time in the page: what runs out, how old it is, what is late. By the server's clock.
// [data-until] counts down, [data-seconds] from when it is shown; [data-age] says how long ago; [data-due] is marked once it is late.
(() => {
  const language = document.documentElement.lang;
  const clock = document.querySelector("[data-clock]");
  // How far this computer's clock is from the server's, in milliseconds.
  const ahead = clock ? Date.now() - performance.now() - Date.parse(clock.dateTime) : 0;
  const now = () => (clock ? Date.now() - ahead : Date.now());
  const unit = (name, value) =>
    new Intl.NumberFormat(language, { style: "unit", unit: name, unitDisplay: "short" }).format(value);
  const SPOKEN = new Set([60, 10, 0]);

  function length(seconds) {
    if (seconds < 60) return unit("second", seconds);
    if (seconds < 3600) return unit("minute", Math.floor(seconds / 60));
    if (seconds < 2 * 86400) return unit("hour", Math.floor(seconds / 3600));
    return unit("day", Math.floor(seconds / 86400));
  }

  function say(text) {
    const place = document.getElementById("said");
    if (place && place.textContent !== text) place.textContent = text;
  }

  function write(element, text) {
    if (element.textContent !== text) element.textContent = text;
  }

  function countDown(element) {
    if (element.closest(".notice:is(:hover, :focus-within)")) return;
    const left = Math.max(0, Math.ceil((Date.parse(element.dataset.until) - now()) / 1000));
    write(element, left < 120 ? unit("second", left) : length(left));
    if (SPOKEN.has(left) && element.dataset.said !== String(left)) {
      element.dataset.said = left;
      say(element.closest(".problem, .btn")?.textContent.trim().replace(/\s+/g, " ") ?? "");
    }
    if (left === 0) {
      delete element.dataset.until;
      element.dispatchEvent(new CustomEvent("over", { bubbles: true }));
    }
  }

  function tick() {
    for (const element of document.querySelectorAll("[data-seconds]")) {
      element.dataset.until = new Date(now() + element.dataset.seconds * 1000).toISOString();
      delete element.dataset.seconds;
    }
    for (const element of document.querySelectorAll("[data-until]")) countDown(element);
  }

  function age() {
    for (const element of document.querySelectorAll("time[data-age]")) {
      const seconds = Math.max(0, Math.floor((now() - Date.parse(element.dateTime)) / 1000));
      element.title ||= element.textContent;
      write(element, length(seconds));
    }
    for (const element of document.querySelectorAll("time[data-due]")) {
      const late = Date.parse(element.dateTime) < now();
      const at = new Date(element.dateTime), today = new Date(now());
      element.classList.toggle("bad", late);
      element.classList.toggle("today", !late && at.toDateString() === today.toDateString());
    }
    for (const element of document.querySelectorAll("time[data-left]")) {
      const seconds = Math.max(0, Math.floor((Date.parse(element.dateTime) - now()) / 1000));
      element.title ||= element.textContent;
      element.classList.toggle("bad", seconds < 86400);
      element.classList.toggle("warn", seconds >= 86400 && seconds < 2 * 86400);
      write(element, length(seconds));
    }
    if (clock) {
      const local = Date.parse(`${clock.dataset.clock.slice(0, 19)}Z`) + performance.now();
      write(clock, new Date(local).toISOString().slice(11, 16));
    }
  }

  // A button that had to wait may be pressed again, under the words that it had.
  document.addEventListener("over", (event) => {
    const button = event.target.closest("[aria-disabled='true'][data-words]");
    if (button) {
      button.removeAttribute("aria-disabled");
      button.textContent = button.dataset.words;
      return;
    }
    event.target.closest("[data-until-over='remove']")?.remove();
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[aria-disabled='true']")) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
  }, true);
  // What was offered to be undone is not any more once something else was done.
  document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
    if (ctx.request.method !== "POST") return;
    const notices = document.getElementById("notices");
    const focused = notices.contains(document.activeElement);
    notices.replaceChildren();
    if (focused) document.getElementById("main").focus();
  });
  tick();
  age();
  setInterval(tick, 250);
  setInterval(age, 15_000);
  document.addEventListener("htmx:after:swap", () => { tick(); age(); });
  document.addEventListener("live:shown", () => { tick(); age(); });
})();
