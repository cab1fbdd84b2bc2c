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
  let last = "", source = null, retry = 0;

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

  function take(change) {
    if (change.event === "status") return show(change.connected);
    last = change.cursor || last;
    document.dispatchEvent(new CustomEvent("live", { detail: change }));
    const noun = change.kind.split(".")[0];
    for (const element of document.querySelectorAll("[data-live]")) {
      const nouns = element.dataset.live.split(" ");
      const id = element.dataset.liveId;
      if (change.kind === "reset" || (nouns.includes(noun) && (!id || id === change.id))) later(element);
    }
  }

  function spread(change) {
    take(change);
    channel.postMessage(change);
  }

  function open() {
    source = new EventSource(`/live${last ? `?after=${encodeURIComponent(last)}` : ""}`);
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
