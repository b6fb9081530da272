(() => {
  "use strict";
  const byId = (id) => document.getElementById(id);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const LINE_ONLY_FROM = 700;
  const PRINTED_WIDTH = 660;
  const charts = new Map();

  async function unpack(id) {
    const text = byId(id).textContent.trim();
    const bytes = Uint8Array.fromBase64 ? Uint8Array.fromBase64(text) : Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"))).text();
  }

  function run(code) {
    const script = document.createElement("script");
    script.textContent = code;
    document.head.append(script);
    script.remove();
  }

  function column(packed) {
    if (Array.isArray(packed)) return Float64Array.from(packed, (v) => (v === null ? NaN : v));
    const bytes = Uint8Array.from(atob(packed.bdata), (c) => c.charCodeAt(0));
    return new Float64Array(bytes.buffer);
  }

  function painted(value, swap) {
    if (typeof value === "string") return swap[value] ?? value;
    if (Array.isArray(value)) return value.map((each) => painted(each, swap));
    if (value && typeof value === "object" && !ArrayBuffer.isView(value)) {
      return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, painted(each, swap)]));
    }
    return value;
  }

  function firstFrom(xs, wanted) {
    let low = 0, high = xs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (xs[middle] < wanted) low = middle + 1; else high = middle;
    }
    return low;
  }

  // Of each pixel column the first, lowest, highest and last raw reading: no dip or peak is ever left out.
  function seen(full, from, to, columns, out) {
    const { x, y } = full;
    const start = firstFrom(x, from), end = firstFrom(x, to), step = (to - from) / columns || 1;
    if (end - start <= columns * 4) {
      for (let i = start; i < end; i++) take(full, i, out);
      return;
    }
    let i = start;
    while (i < end) {
      const edge = from + (Math.floor((x[i] - from) / step) + 1) * step;
      let low = -1, high = -1, last = i, broken = -1;
      const first = i;
      for (; i < end && x[i] < edge; i++) {
        if (Number.isNaN(y[i])) { broken = i; continue; }
        if (low < 0 || y[i] < y[low]) low = i;
        if (high < 0 || y[i] > y[high]) high = i;
        last = i;
      }
      if (i === first) { i++; continue; }
      const kept = [first, low, high, last, broken].filter((k) => k >= 0);
      for (const k of [...new Set(kept)].sort((a, b) => a - b)) take(full, k, out);
    }
  }

  function take({ x, y }, i, out) {
    const value = y[i];
    out.x.push(x[i]);
    out.y.push(Number.isNaN(value) ? null : value);
    const alone = !Number.isNaN(value) && !(y[i - 1] === y[i - 1] && i > 0) && !(y[i + 1] === y[i + 1] && i + 1 < y.length);
    if (alone) { out.x.push(x[i] + 1); out.y.push(value); }
  }

  function view(full, window, width) {
    const out = { x: [], y: [] }, n = full.x.length;
    if (!n) return { ...out, few: true };
    const [from, to] = window, whole = [full.x[0], full.x[n - 1] + 1];
    if (from > whole[0]) seen(full, whole[0], Math.min(from, whole[1]), width / 4, out);
    const before = out.x.length;
    seen(full, Math.max(from, whole[0]), Math.min(to, whole[1]), width, out);
    const few = firstFrom(full.x, to) - firstFrom(full.x, from) < LINE_ONLY_FROM && before >= 0;
    if (to < whole[1]) seen(full, Math.max(to, whole[0]), whole[1], width / 4, out);
    return { ...out, few };
  }

  const asMs = (value) => (typeof value === "number" ? value : Date.parse(value.replace(" ", "T").replace(/(\.\d{3})\d+/, "$1") + (value.length <= 10 ? "T00:00Z" : "Z")));
  const windowOf = (layout) => (layout.xaxis.range ?? [-Infinity, Infinity]).map((v) => (layout.xaxis.type === "date" ? asMs(v) : v));

  function prepared(chart) {
    const figure = painted(chart.figure, dark.matches && !chart.printing ? chart.swap : {});
    const window = windowOf(chart.host.layout ?? figure.layout);
    const width = Math.max(300, chart.host.clientWidth);
    chart.raw.forEach((full, index) => {
      const { x, y, few } = view(full, window, width);
      Object.assign(figure.data[index], { x, y, mode: few ? "lines+markers" : "lines" });
      figure.data[index].line.simplify = false;
      figure.data[index].marker = { size: 5, color: figure.data[index].line.color };
    });
    if (chart.host.layout && figure.layout.meta?.zoomable) figure.layout.xaxis.range = [...chart.host.layout.xaxis.range];
    if (matchMedia("(pointer: coarse)").matches) figure.layout.dragmode = false;
    Object.assign(figure.layout, chart.printing ? { autosize: false, width: PRINTED_WIDTH } : { autosize: true });
    return figure;
  }

  async function draw(host) {
    const chart = charts.get(host.id);
    const { data, layout } = prepared(chart);
    const config = { displayModeBar: false, responsive: true, scrollZoom: false, doubleClick: "reset", showTips: false };
    await (host.layout ? Plotly.react(host, data, layout, config) : Plotly.newPlot(host, data, layout, config));
  }

  // Redraw with the readings that the window in view can show: one pass, the axis as it stands.
  function refine(host) {
    const window = windowOf(host.layout), width = Math.max(300, host.clientWidth);
    charts.get(host.id).raw.forEach((full, index) => {
      const { x, y, few } = view(full, window, width);
      Object.assign(host.data[index], { x, y, mode: few ? "lines+markers" : "lines" });
    });
    return Plotly.react(host, host.data, host.layout);
  }

  function show(host, range) {
    Object.assign(host.layout.xaxis, { range, autorange: false });
    return refine(host);
  }

  function zoom(host, factor, shift) {
    const [from, to] = windowOf(host.layout), [low, high] = charts.get(host.id).whole;
    const middle = (from + to) / 2 + (to - from) * shift, half = Math.min(((to - from) / 2) * factor, (high - low) / 2);
    const left = Math.max(low, Math.min(middle - half, high - 2 * half));
    return show(host, [left, left + 2 * half]);
  }

  const whole = (host) => show(host, [...charts.get(host.id).whole]);

  const ACTS = {
    "in": (host) => zoom(host, 0.5, 0), "out": (host) => zoom(host, 2, 0),
    "left": (host) => zoom(host, 1, -0.4), "right": (host) => zoom(host, 1, 0.4), "whole": whole,
  };

  // Left and right step through the points of one series, up and down change the series; the words are read out.
  function step(host, chart, key) {
    const series = host.data.map((trace, index) => [trace, index]).filter(([trace]) => trace.hoverinfo !== "skip" && trace.x?.length);
    if (!series.length) return;
    const turn = { ArrowUp: -1, ArrowDown: 1 }[key] ?? 0;
    chart.series = ((chart.series ?? 0) + turn + series.length) % series.length;
    const [trace, index] = series[chart.series], n = trace.x.length;
    let at = turn ? 0 : (chart.at ?? -1) + ({ ArrowRight: 1, ArrowLeft: -1 }[key] ?? 0);
    if (key === "Home") at = 0;
    if (key === "End") at = n - 1;
    at = Math.max(0, Math.min(n - 1, at));
    while (trace.y[at] === null && at > 0 && at < n - 1) at += key === "ArrowLeft" ? -1 : 1;
    chart.at = at;
    const subplot = (trace.xaxis ?? "x") + (trace.yaxis ?? "y");
    Plotly.Fx.hover(host, [{ curveNumber: index, pointNumber: at }], subplot);
    say(host);
  }

  function say(host) {
    const words = [...host.querySelectorAll(".hoverlayer .hovertext")].map((each) => [...each.querySelectorAll("tspan.line, text")].filter((part) => !part.querySelector("tspan.line")).map((part) => part.textContent).join(", "));
    byId(`${host.id}-said`).textContent = words.join("; ");
  }

  function onKey(event) {
    const host = event.currentTarget, chart = charts.get(host.id);
    if (event.ctrlKey || event.metaKey || event.altKey || event.target !== host) return;
    const act = chart.zoomable && { "+": "in", "=": "in", "-": "out", "0": "whole", "[": "left", "]": "right" }[event.key];
    if (act) ACTS[act](host);
    else if (["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"].includes(event.key)) step(host, chart, event.key);
    else return;
    event.preventDefault();
  }

  function ready(host, figure, swap) {
    const raw = new Map();
    figure.data.forEach((trace, index) => {
      if (trace.meta?.dense) raw.set(index, { x: column(trace.x), y: column(trace.y) });
    });
    const zoomable = Boolean(figure.layout.meta?.zoomable);
    charts.set(host.id, { host, figure, swap, raw, zoomable, whole: figure.layout.xaxis?.range ? windowOf(figure.layout) : null });
    host.addEventListener("keydown", onKey);
    for (const button of document.querySelectorAll(`[data-chart="${host.id}"]`)) {
      button.addEventListener("click", () => ACTS[button.dataset.act](host));
    }
  }

  // A first frame from the raw readings while the chart library, a second's work, is still being read.
  function sketch(host) {
    const chart = charts.get(host.id);
    if (!chart.raw.size) return;
    const { data, layout } = prepared(chart), { margin } = layout, [low, high] = layout.yaxis.range;
    const width = host.clientWidth, wide = width - margin.l - margin.r, tall = layout.height * 0.72 - margin.t;
    const canvas = Object.assign(document.createElement("canvas"), { width: width * devicePixelRatio, height: layout.height * devicePixelRatio });
    canvas.style.width = `${width}px`;
    canvas.style.height = `${layout.height}px`;
    const pen = canvas.getContext("2d"), [from, to] = windowOf(layout);
    const across = (x) => margin.l + ((x - from) / (to - from)) * wide, up = (y) => margin.t + 24 + (1 - (y - low) / (high - low)) * tall;
    pen.scale(devicePixelRatio, devicePixelRatio);
    for (const { fillcolor, y0, y1 } of layout.shapes) {
      pen.fillStyle = fillcolor;
      pen.fillRect(margin.l, up(y1), wide, up(Math.max(y0, low)) - up(y1));
    }
    pen.textAlign = "right";
    pen.fillStyle = layout.yaxis.tickfont.color;
    pen.font = `13px ${layout.font.family}`;
    for (const tick of layout.yaxis.tickvals) pen.fillText(tick, margin.l - 8, up(tick) + 4);
    for (const index of chart.raw.keys()) {
      const { x, y, line } = data[index];
      pen.strokeStyle = line.color;
      pen.beginPath();
      x.forEach((at, i) => { if (y[i] !== null) pen[i && y[i - 1] !== null ? "lineTo" : "moveTo"](across(at), up(y[i])); });
      pen.stroke();
    }
    host.replaceChildren(canvas);
  }

  const painting = () => new Promise((done) => { requestAnimationFrame(() => setTimeout(done, 0)); });

  async function start() {
    const { figures, dark: swap } = JSON.parse(await unpack("figures"));
    const hosts = [...document.querySelectorAll(".chart")].filter((host) => figures[host.id]);
    for (const host of hosts) ready(host, figures[host.id], swap);
    hosts.forEach(sketch);
    await painting();
    performance.mark("first-frame");
    run(await unpack("plotly-js"));
    for (const host of hosts) {
      host.textContent = "";
      await draw(host);
      host.on("plotly_relayout", (change) => { if (charts.get(host.id).raw.size && Object.keys(change).some((key) => key.startsWith("xaxis"))) refine(host); });
      host.on("plotly_unhover", () => { charts.get(host.id).at = undefined; });
      document.documentElement.dataset.drawn = String(Number(document.documentElement.dataset.drawn ?? 0) + 1);
      await painting();
    }
    dark.addEventListener("change", () => hosts.forEach(draw));
    for (const [event, printing] of [["beforeprint", true], ["afterprint", false]]) {
      addEventListener(event, () => hosts.forEach((host) => { charts.get(host.id).printing = printing; draw(host); }));
    }
    document.documentElement.dataset.ready = "yes";
  }

  start().catch((error) => {
    for (const host of document.querySelectorAll(".chart")) host.textContent = "This browser could not draw the chart. The table below holds the same.";
    console.error(error);
  });
})();
