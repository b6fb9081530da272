(() => {
  "use strict";
  const all = (what, within = document) => [...within.querySelectorAll(what)];
  const one = (what, within = document) => within.querySelector(what);
  document.documentElement.classList.add("js");

  // Keys for a number: what a shaky thumb hits.
  function pads() {
    for (const pad of all(".pad")) {
      const input = document.getElementById(pad.dataset.for);
      if (matchMedia("(pointer: coarse)").matches) input.inputMode = "none";
      pad.addEventListener("click", (event) => {
        const key = event.target.closest("[data-key]")?.dataset.key;
        if (!key) return;
        if (key === "back") input.value = input.value.length > 1 && isNaN(Number(input.value.at(-1))) && input.value.at(-1) !== "," ? "" : input.value.slice(0, -1);
        else if (key.length > 1) input.value = key;
        else input.value = (isNaN(Number(input.value.replace(",", "."))) ? "" : input.value) + key;
        input.dispatchEvent(new Event("input", { bubbles: true }));
      });
    }
  }

  // The map and the list are one choice.
  function maps() {
    const list = all('input[name="areas"]');
    if (!list.length) return;
    const paint = () => {
      for (const box of list) for (const path of all(`[data-tap] [data-area="${CSS.escape(box.value)}"]`)) path.classList.toggle("picked", box.checked);
    };
    for (const map of all("[data-tap]")) {
      map.addEventListener("click", (event) => {
        const value = event.target.closest("[data-area]")?.dataset.area;
        const box = list.find((each) => each.value === value);
        if (box) { box.checked = !box.checked; paint(); }
      });
    }
    list.forEach((box) => box.addEventListener("change", paint));
    paint();
  }

  function feet() {
    const paint = () => all(".foot select").forEach((each) => one(`[data-region="${each.name}"]`)?.classList.toggle("on", Boolean(each.value)));
    all(".foot select").forEach((each) => each.addEventListener("change", paint));
    paint();
  }

  function timers() {
    for (const timer of all(".timer")) {
      const skew = Number(timer.dataset.now) * 1000 - Date.now(), shown = one(".clock", timer);
      const tick = () => {
        const s = Math.max(0, Math.floor((Date.now() + skew) / 1000 - Number(timer.dataset.since)));
        const two = (n) => String(n).padStart(2, "0");
        shown.textContent = `${s >= 3600 ? `${Math.floor(s / 3600)}:` : ""}${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
      };
      tick();
      setInterval(tick, 1000);
    }
  }

  // Entries that could not be sent wait on this device and are sent again; each carries the id of its write.
  const SHELF = "glucolog-waiting";
  const waiting = () => JSON.parse(localStorage.getItem(SHELF) ?? "[]");
  const keep = (items) => { items.length ? localStorage.setItem(SHELF, JSON.stringify(items)) : localStorage.removeItem(SHELF); tell(); };
  let sending = false;

  function tell() {
    const place = document.getElementById("waiting"), items = waiting();
    if (!place) return;
    place.hidden = !items.length;
    place.replaceChildren();
    if (!items.length) return;
    const words = document.createElement("p");
    const refused = items.find((item) => item.refused);
    words.textContent = refused
      ? `Not stored: ${refused.label}. ${refused.refused}`
      : `Not sent yet: ${items.map((item) => item.label).join(", ")}. Kept on this device; sent again as soon as glucolog answers.`;
    place.append(words, button("Try now", () => send()));
    if (refused) place.append(button("Throw it away", () => keep(waiting().filter((item) => item.id !== refused.id))));
  }

  function button(words, act) {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = words;
    made.addEventListener("click", act);
    return made;
  }

  const post = (to, body) => fetch(to, { method: "POST", body: new URLSearchParams(body), credentials: "same-origin", headers: { Accept: "text/html" } });

  async function send() {
    if (sending) return;
    sending = true;
    try {
      for (const item of waiting()) {
        const answer = await post(item.to, item.body);
        if (answer.status >= 500) break;
        const left = waiting().filter((each) => each.id !== item.id);
        if (answer.ok) { keep(left); said(`Sent: ${item.label}.`); continue; }
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const why = one(".complaint li, h1", page)?.textContent.trim().replace(/\s+/g, " ") ?? "It was refused.";
        keep([...left, { ...item, refused: why }]);
        break;
      }
    } catch { /* still no connection: what waits keeps waiting */ } finally { sending = false; }
  }

  function said(words) {
    const place = document.getElementById("waiting");
    if (waiting().length || !place) return;
    place.hidden = false;
    place.textContent = words;
  }

  async function submit(event) {
    const form = event.target;
    if (!form.matches("form[data-keep], form[data-ask]") || event.submitter?.hasAttribute("formaction")) return;
    event.preventDefault();
    if (form.dataset.busy) return;
    form.dataset.busy = "yes";
    const data = new FormData(form, event.submitter), body = [...data.entries()].filter(([, value]) => typeof value === "string");
    const to = form.getAttribute("action") || location.pathname + location.search, buttons = all("button", form);
    buttons.forEach((each) => { each.disabled = true; });
    try {
      const answer = await post(to, body);
      if (answer.redirected) return location.assign(answer.url);
      show(await answer.text());
    } catch {
      if (!form.dataset.keep) return said("glucolog does not answer. What you typed stays here; try again.");
      stamp(form, body);
      keep([...waiting(), { id: `${Date.now()}-${Math.random()}`, to, body, label: form.dataset.keep }]);
      document.getElementById("waiting").scrollIntoView();
      form.replaceChildren(Object.assign(document.createElement("p"), { textContent: "Kept on this device. You can go on; it is sent as soon as glucolog answers." }));
    } finally {
      delete form.dataset.busy;
      buttons.forEach((each) => { each.disabled = false; });
    }
  }

  // "Now" means the moment of the tap, not that of the sending; the server's clock counts.
  const ahead = Number(document.body.dataset.now) * 1000 - Date.now();
  function stamp(form, body) {
    const name = form.elements.when ? "when" : form.elements.end ? "end" : form.matches('[action$="/start"]') ? "when" : null;
    const said = body.find(([field]) => field === name), now = new Date(Date.now() + ahead - 1000).toISOString();
    if (name && !said) body.push([name, now]);
    else if (said && !said[1].trim()) said[1] = now;
  }

  function show(text) {
    const page = new DOMParser().parseFromString(text, "text/html");
    document.title = page.title;
    one("main").replaceWith(document.adoptNode(one("main", page)));
    dress();
    (document.getElementById("problems") ?? one("main")).focus();
    scrollTo(0, 0);
  }

  // Files dropped anywhere on the form; the bar shows how far they are.
  function drops() {
    for (const form of all("form[data-drop]")) {
      const input = one("input[type=file]", form);
      for (const kind of ["dragover", "dragleave", "drop"]) {
        form.addEventListener(kind, (event) => { event.preventDefault(); form.classList.toggle("over", kind === "dragover"); });
      }
      form.addEventListener("drop", (event) => { input.files = event.dataTransfer.files; form.requestSubmit(); });
      form.addEventListener("submit", (event) => {
        if (!input.files.length) return;
        event.preventDefault();
        const bar = one("progress", form), told = one(".told", form), request = new XMLHttpRequest();
        bar.hidden = false;
        request.upload.addEventListener("progress", ({ loaded, total }) => { bar.value = (100 * loaded) / total; told.textContent = loaded < total ? "Sending …" : "Reading …"; });
        request.addEventListener("load", () => (request.responseURL.endsWith("/import") ? show(request.responseText) : location.assign(request.responseURL)));
        request.addEventListener("error", () => { told.textContent = "The files could not be sent. Nothing was stored; try again."; });
        request.open("POST", form.getAttribute("action") || location.pathname);
        request.send(new FormData(form));
      });
    }
    for (const form of all("form[data-progress]")) {
      form.addEventListener("submit", () => {
        const bar = one("progress", form), told = one(".told", form);
        bar.hidden = false;
        told.textContent = "Bringing it in …";
        setInterval(async () => {
          const { done, total } = await (await fetch(form.dataset.progress)).json();
          bar.value = total ? (100 * done) / total : 0;
        }, 400);
      });
    }
  }

  // Glucose as it comes: events, else asking every few seconds.
  function live() {
    const card = one("[data-live]");
    if (!card) return;
    const title = document.title, ask = one(".asksound", card);
    let after = 0, sound = sessionStorage.getItem("glucolog-sound") === "on", audio;
    ask.hidden = sound;
    one("[data-sound]", card).addEventListener("click", () => {
      audio = new AudioContext();
      sound = true;
      sessionStorage.setItem("glucolog-sound", "on");
      ask.hidden = true;
    });
    const beep = () => {
      audio ??= new AudioContext();
      const tone = audio.createOscillator(), loud = audio.createGain();
      tone.frequency.value = 880;
      loud.gain.value = 0.2;
      tone.connect(loud).connect(audio.destination);
      tone.start();
      tone.stop(audio.currentTime + 0.6);
    };
    const paint = (found) => {
      card.hidden = false;
      if (found.glucose) {
        one(".value", card).textContent = found.glucose;
        one(".arrow", card).textContent = found.arrow;
        one(".said", card).textContent = `${found.trend}, ${found.age_min} min old, ${found.at}`;
      }
      for (const alarm of found.alarms) {
        if (alarm.number <= after) continue;
        after = alarm.number;
        const line = document.createElement("p");
        line.className = "alarm";
        line.textContent = `${alarm.reason} ${alarm.at} `;
        line.append(button("Quiet for 15 min", (event) => snooze(event.target, alarm.kind)));
        one(".alarms", card).prepend(line);
        if (sound) { beep(); document.title = `(!) ${alarm.reason}`; }
      }
    };
    const snooze = async (place, kind) => {
      const answer = await post(`${card.dataset.live}/snooze`, { person: document.body.dataset.person, kind });
      place.replaceWith(answer.ok ? "Quiet, unless it gets worse." : "That did not work.");
    };
    addEventListener("focus", () => { document.title = title; });
    let timer;
    const poll = async () => {
      try { paint(await (await fetch(`${card.dataset.live}?after=${after}`)).json()); } catch { one(".said", card).textContent = "glucolog does not answer; what is shown may be old"; }
    };
    const polling = () => { timer ??= setInterval(poll, 10_000); poll(); };
    if (!window.EventSource) return polling();
    const events = new EventSource(`${card.dataset.live}/stream?after=${after}`);
    events.onmessage = (event) => paint(JSON.parse(event.data));
    events.onerror = () => { if (events.readyState === EventSource.CLOSED) polling(); else one(".said", card).textContent = "glucolog does not answer; what is shown may be old"; };
    addEventListener("pagehide", () => events.close());
  }

  function pairing() {
    const code = document.getElementById("f-code");
    if (!code || location.hash.length < 5) return;
    code.value = decodeURIComponent(location.hash.slice(1));
    history.replaceState(null, "", location.pathname);
  }

  function dress() { pads(); maps(); feet(); timers(); drops(); }

  document.addEventListener("submit", submit);
  document.addEventListener("submit", (event) => { if (event.target.matches("[data-signout]")) localStorage.removeItem(SHELF); });
  addEventListener("online", send);
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
  setInterval(() => { if (waiting().length) send(); }, 5000);
  dress();
  live();
  pairing();
  tell();
  send();
  document.getElementById("problems")?.focus();
})();
