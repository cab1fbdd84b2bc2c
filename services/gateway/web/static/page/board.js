// The board: a drop is a fact, so it opens the form of the fact that leads there; Shift+→ does the
// same by key. What changes elsewhere appears where it now stands.
(() => {
  const board = () => document.getElementById("board");
  const lanes = () => [...document.querySelectorAll(".lane[data-stage]")];
  const rank = (stage) => lanes().findIndex((lane) => lane.dataset.stage === stage);
  let dragged = null;

  function open(card, form) {
    if (!form) return;
    location.href = `/activities/${card.id.slice("deal-".length)}?open=${form}#${form}`;
  }

  function mark(stage) {
    for (const lane of lanes()) {
      const may = stage !== null && lane.dataset.form && rank(lane.dataset.stage) > rank(stage);
      lane.classList.toggle("yes", Boolean(may));
      lane.classList.toggle("no", stage !== null && !may && lane.dataset.stage !== stage);
    }
  }

  document.addEventListener("dragstart", (event) => {
    const card = event.target.closest?.("li[data-stage]");
    if (!card || !board()) return;
    dragged = card;
    event.dataTransfer.effectAllowed = "move";
    mark(card.dataset.stage);
  });
  document.addEventListener("dragend", () => { dragged = null; mark(null); });
  document.addEventListener("dragover", (event) => {
    if (dragged && event.target.closest?.(".lane.yes")) event.preventDefault();
  });
  document.addEventListener("drop", (event) => {
    const lane = event.target.closest?.(".lane.yes");
    if (!dragged || !lane) return;
    event.preventDefault();
    open(dragged, lane.dataset.form);
  });
  document.addEventListener("keydown", (event) => {
    if (event.code !== "ArrowRight" || !event.shiftKey) return;
    const card = event.target.closest?.("li[data-stage]");
    const next = card && lanes()[rank(card.dataset.stage) + 1];
    if (next) { event.preventDefault(); open(card, next.dataset.form); }
  });

  // A phone shows one lane at a time: it opens on one that holds something.
  function openOnFilled() {
    if (!board() || location.hash) return;
    const filled = lanes().filter((lane) => lane.querySelector("li[data-stage]"));
    const { left, right } = board().getBoundingClientRect();
    const isSeen = (lane) => {
      const place = lane.getBoundingClientRect();
      return place.left >= left && place.left < right - 64;
    };
    if (filled.length && !filled.some(isSeen)) filled[0].scrollIntoView({ inline: "start", block: "nearest" });
  }
  openOnFilled();
  document.addEventListener("htmx:after:swap", ({ target }) => { if (target.id === "main") openOnFilled(); });

  function count() {
    for (const lane of lanes()) {
      lane.querySelector("[data-lane-count]").textContent = lane.querySelectorAll("li[data-stage]").length;
    }
  }

  document.addEventListener("live", ({ detail: change }) => {
    if (!board() || !change.deal) return;
    const card = document.getElementById(`deal-${change.id}`);
    if (card && Number(card.dataset.version) >= change.version) return;
    const mine = change.responsible === board().dataset.me && change.room === board().dataset.room;
    const lane = mine && document.querySelector(`.lane[data-stage="${change.stage}"] ul`);
    const focused = card?.contains(document.activeElement);
    if (!lane) {
      card?.remove();
    } else {
      const holder = document.createElement("ul");
      holder.innerHTML = change.deal;
      const renewed = holder.firstElementChild;
      if (card?.parentElement === lane) card.replaceWith(renewed);
      else { card?.remove(); lane.prepend(renewed); }
      if (focused) renewed.querySelector("a")?.focus();
    }
    count();
    document.dispatchEvent(new CustomEvent("live:shown"));
  });
})();
