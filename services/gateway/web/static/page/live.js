// One stream a browser: a Web Lock picks the tab that holds it, a BroadcastChannel feeds the others.
// A change becomes the event `live` on the document; [data-live="activity vip"] elements get it
// too, so that hx-trigger="live" reads them anew; [data-live-id] limits that to one subject.
(() => {
  const sign = document.getElementById("live");
  if (!sign) return;
  const name = `live-${sign.dataset.account}`;
  const words = sign.querySelector("span");
  const connected = [...words.childNodes];
  const channel = new BroadcastChannel(name);
  const due = new Map();
  // The next page of this browser goes on from here: what happens between two pages is not lost.
  const kept = `${name}-last`;
  let last = localStorage.getItem(kept) ?? "", source = null, retry = 0;
  // Who has heard nothing yet goes on from when the page was made.
  const made = Date.parse(sign.querySelector("time").dateTime);
  // Where changes are followed one by one, a reset means to begin anew: but not for a page so young,
  // which knows it all, or one would never stay while thousands of rows are imported.
  const followsEach = () => document.querySelector("#pool, #board");
  const YOUNG = 30_000, loaded = Date.now();
  // What a script brings in may be older than a change that came while it was on its way.
  const RECENT = 5_000;
  let recent = [];
  const known = new WeakSet(document.querySelectorAll("[data-live]"));

  function show(isConnected) {
    sign.classList.toggle("lost", !isConnected);
    if (isConnected) words.replaceChildren(...connected);
    else words.textContent = sign.dataset.lost;
  }

  function later(element) {
    // Many changes at once are one reading.
    clearTimeout(due.get(element));
    due.set(element, setTimeout(() => {
      due.delete(element);
      if (element.isConnected) window.htmx?.trigger(element, "live");
    }, 100 + Math.random() * 200));
  }

  function concerns(change, element) {
    const id = element.dataset.liveId;
    return change.kind === "reset"
      || (element.dataset.live.split(" ").includes(change.kind.split(".")[0]) && (!id || id === change.id));
  }

  function take(change) {
    if (change.event === "status") return show(change.connected);
    last = change.kind === "reset" ? "" : change.cursor || last;
    localStorage.setItem(kept, last);
    recent = [...recent.filter(({ at }) => at > Date.now() - RECENT), { at: Date.now(), change }];
    if (change.kind === "reset" && followsEach() && Date.now() > loaded + YOUNG) return location.reload();
    document.dispatchEvent(new CustomEvent("live", { detail: change }));
    for (const element of document.querySelectorAll("[data-live]")) {
      if (concerns(change, element)) later(element);
    }
  }

  document.addEventListener("htmx:after:swap", () => {
    for (const element of document.querySelectorAll("[data-live]")) {
      if (known.has(element)) continue;
      known.add(element);
      if (recent.some(({ at, change }) => at > Date.now() - RECENT && concerns(change, element))) later(element);
    }
  });

  function spread(change) {
    take(change);
    channel.postMessage(change);
  }

  function open() {
    source = new EventSource(`/live?${last ? `after=${encodeURIComponent(last)}` : `since=${made}`}`);
    source.onopen = () => { retry = 0; spread({ event: "status", connected: true }); };
    source.onerror = () => {
      spread({ event: "status", connected: false });
      if (source.readyState === EventSource.CLOSED) {
        retry = Math.min(retry + 1, 6);
        setTimeout(() => { if (source?.readyState === EventSource.CLOSED) open(); }, 500 * 2 ** retry);
      }
    };
    source.onmessage = (message) => spread({ ...JSON.parse(message.data), cursor: message.lastEventId });
  }

  function close() {
    source?.close();
    source = null;
  }

  channel.onmessage = (message) => take(message.data);
  if (navigator.locks) {
    navigator.locks.request(name, () => { open(); return new Promise(() => {}); });
  } else {
    const follow = () => (document.hidden ? close() : source || open());
    document.addEventListener("visibilitychange", follow);
    follow();
  }
  // Without a network an open stream would look alive for minutes.
  window.addEventListener("offline", () => {
    if (!source) return;
    source.close();
    spread({ event: "status", connected: false });
  });
  window.addEventListener("online", () => { if (source?.readyState === EventSource.CLOSED) open(); });
  window.addEventListener("pagehide", close);
})();
