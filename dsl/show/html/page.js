"use strict";
// Steps through the executions in #data. Everything is put into the page as text, never as HTML.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const $ = id => document.getElementById(id);
  const h = (tag, props, ...inner) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(props || {})) {
      if (value === null || value === undefined || value === false) continue;
      if (name === "class") made.className = value;
      else if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
      else made.setAttribute(name, value === true ? "" : value);
    }
    made.append(...inner.flat().filter(part => part !== null && part !== undefined && part !== ""));
    return made;
  };
  const plural = (n, word) => `${n} ${word}${n === 1 ? "" : "s"}`;
  let trace = 0, step = 0, drawn = -1;

  // ---- where the reader is: #trace=2&step=7, #run=3 -----------------------------
  const placeOf = () => (data.traces.length > 1 ? `#trace=${trace + 1}&step=${step}` : `#step=${step}`);
  const readPlace = () => {
    const said = new URLSearchParams(location.hash.slice(1));
    const within = (name, most) => Math.min(most, Math.max(0, parseInt(said.get(name), 10) || 0));
    if (!said.has("step") && !said.has("trace")) return false;
    trace = Math.max(0, within("trace", data.traces.length) - 1);
    step = data.traces.length ? within("step", data.traces[trace].steps.length) : 0;
    return true;
  };
  const go = (n, t = trace) => {
    if (!data.traces.length) return;
    trace = Math.min(data.traces.length - 1, Math.max(0, t));
    step = Math.min(data.traces[trace].steps.length, Math.max(0, n));
    if (!data.traces[trace].own) history.replaceState(null, "", placeOf());
    draw();
  };

  // ---- another step than that of the execution ---------------------------------------
  // Where all that the first state leads to is little, t.others has it, and t.at which of its nodes
  // a state is. The way that the reader makes of it is an execution behind the others.
  const pathOf = t => t.steps.map((s, i) => t.own ? s : t.others.steps.find(e =>
    e.before === t.at[i] && e.after === t.at[i + 1] && e.actor === s.actor && e.text === s.text));
  const waysOn = t => t.others ? t.others.steps.filter(e => e.before === t.at[step]) : [];
  const choose = (t, e) => {
    const o = t.others, steps = [...pathOf(t).slice(0, step), e], at = [...t.at.slice(0, step + 1), e.after];
    const own = prepared({ ...t, own: true, title: "", why: "", loop: null, head: "The way that you chose",
      columns: o.columns.map(c => c.head), locals: o.locals, locals_at_first: o.locals.map(() => null),
      steps, at, states: at.map(n => o.nodes[n]) });
    let n = data.traces.findIndex(x => x.own);
    if (n < 0) {
      n = data.traces.length;
      $("trace").append(h("option", { value: String(n) }, own.head));
      $("choice").hidden = false;
    }
    data.traces[n] = own;
    drawn = -1;
    go(steps.length, n);
    // What was chosen is no longer there: who has no mouse goes on at the first that is.
    (document.querySelector("#state .ways button") || $("here")).focus({ preventScroll: true });
    $("state").scrollTop = 0;
  };
  const prepared = t => {
    t.at = t.at || (t.others && t.others.at);
    t.moved = new Set(t.steps.flatMap(s => s.changes.map(c => c.variable)));
    t.set_by = t.locals.map((_, n) => t.steps.flatMap((s, i) => s.locals.some(([m]) => m === n) ? [i + 1] : []));
    return t;
  };

  // ---- the race -------------------------------------------------------------------
  const indent = depth => `d${Math.min(depth, 6)}`;
  const race = t => {
    const table = $("race"), open = t.columns.map(() => []);
    table.replaceChildren(
      h("caption", { class: "sr" }, "Every step of the execution, one column for each CPU and device"),
      h("thead", {}, h("tr", {}, h("th", { class: "n", scope: "col" }, h("span", { class: "sr" }, "Step")),
        t.columns.map(c => h("th", { scope: "col" }, c)))));
    const body = h("tbody");
    body.append(row(t, 0, 0, [], "initially", "", [], null));
    const forEver = text => h("tr", {}, h("td", { class: "n" }), h("td", { colspan: t.columns.length || 1 }, `--- ${text} ---`));
    t.steps.forEach((s, i) => {
      if (t.loop === i) body.append(forEver("from here, for ever"));
      const before = open[s.column];
      let same = 0;
      while (!s.hardware && same < s.calls.length && before[same] === s.calls[same]) same++;
      const calls = s.hardware ? [] : s.calls.slice(same).map((c, k) => h("div", { class: `call ${indent(same + k)}` }, (same + k ? "==> " : "") + c));
      if (!s.hardware) open[s.column] = s.calls;
      const depth = s.hardware ? 0 : s.calls.length;
      const notes = s.changes.filter(c => !c.quiet).map(c => `[${c.what}: ${c.from} -> ${c.to}]`);
      if (s.broken) notes.push(s.broken);
      s.values.forEach(v => notes.push(`[${v}]`));
      body.append(row(t, i + 1, s.column, calls, s.hardware ? `(${s.actor}: ${s.text})` : s.text, indent(depth), notes, s));
    });
    if (t.loop === t.steps.length) body.append(forEver("from here, nothing happens any more"));
    table.append(body);
  };
  // What a step ends with: what it breaks by itself, and at the last one what is shown.
  const ends = (t, n) => {
    const broken = n ? t.steps[n - 1].violates : [];
    if (broken.length) return `VIOLATED ${broken.join(", ")}`;
    if (n && t.steps[n - 1].reaches && t.steps[n - 1].reaches.length) return `REACHED ${t.steps[n - 1].reaches.join(", ")}`;
    return n && n === t.steps.length && t.loop === null ? t.title : "";
  };
  const row = (t, n, column, calls, text, depth, notes, s) => {
    const cells = t.columns.map((_, c) => c !== column ? h("td") : h("td", { class: s && s.hardware ? "device" : null },
      calls,
      h("div", { class: depth },
        h("button", { type: "button", "data-step": n, onclick: () => go(n) }, text),
        s && s.remark ? h("div", { class: "remark" }, s.remark) : null,
        notes.map(note => h("div", { class: "note" }, note)),
        ends(t, n) ? h("div", { class: "violated" }, `<--- ${ends(t, n)}`) : null)));
    return h("tr", { "data-row": n }, h("td", { class: "n" }, n ? String(n) : ""), cells);
  };
  const markRows = () => {
    for (const tr of $("race").querySelectorAll("tr[data-row]")) {
      const n = Number(tr.dataset.row), button = tr.querySelector("button");
      tr.className = n === step ? "now" : n > step ? "later" : "";
      if (n === step) button.setAttribute("aria-current", "step"); else button.removeAttribute("aria-current");
      if (n === step) into(tr, tr.closest(".scroll"));
    }
  };
  // Scrolls what holds it, and never the page.
  const into = (element, around) => {
    const e = element.getBoundingClientRect(), a = around.getBoundingClientRect();
    if (e.top < a.top + 40 || e.bottom > a.bottom - 10) around.scrollTop += e.top - a.top - a.height / 3;
  };

  // ---- the state --------------------------------------------------------------------
  const GROUPS = [["page_table", "Page tables"], ["tlb", "TLBs"], ["page", "struct page"], ["lock", "Locks"],
    ["store_buffer", "Store buffers"], ["variable", "Other variables"], ["hardware", "Hardware"], ["ghost", "Noted for the properties"]];
  const state = t => {
    const shown = t.variables.map(v => v.initially), locals = [...t.locals_at_first];
    let before = null, localsBefore = null;
    for (let i = 0; i < step; i++) {
      if (i === step - 1) { before = [...shown]; localsBefore = [...locals]; }
      for (const c of t.steps[i].changes) if (c.variable !== null) shown[c.variable] = c.to;
      for (const [n, value] of t.steps[i].locals) locals[n] = value;
    }
    const line = (name, value, was, changed) => h("tr", { class: changed ? "changed" : null },
      h("th", { scope: "row" }, name, changed ? h("span", { class: "sr" }, " (changed)") : null),
      h("td", {}, value, changed && was !== value ? h("span", { class: "was" }, `  was ${was}`) : null));
    const moved = t.moved, now = t.states[step];
    const groups = GROUPS.map(([id, title]) => {
      const rows = t.variables.flatMap((v, n) => v.group !== id || !(v.told || moved.has(n)) ? []
        : [line(v.name, shown[n], before && before[n], before !== null && before[n] !== shown[n])]);
      return rows.length ? h("div", { class: "group" }, h("h4", {}, title), h("table", {}, h("tbody", {}, rows))) : null;
    });
    const threads = now.threads.map(thread => {
      const where = thread.text ? `${thread.state}: ${thread.text}` : thread.state;
      const held = thread.waits_for.length ? ` (${thread.state === "not begun" ? "after" : "held by"} ${thread.waits_for.join(" and ")})` : "";
      let calls = [];
      for (let i = 0; i < step; i++) if (t.steps[i].thread === thread.name) calls = t.steps[i].within;
      const rows = t.locals.flatMap((l, n) => l.thread !== thread.name || !l.within.every((c, k) => calls[k] === c) || locals[n] === null && !t.set_by[n].some(s => s <= step) ? []
        : [line(l.local, locals[n], localsBefore && localsBefore[n], step > 0 && t.set_by[n].includes(step))]);
      return h("div", { class: "group" }, h("h4", {}, `CPU${thread.cpu}: ${thread.name}`),
        h("table", {}, h("tbody", {}, line("", where + held, null, false), rows)));
    });
    const actor = e => `${e.cpu === null ? "" : `CPU${e.cpu} `}${e.hardware ? `(${e.actor})` : e.actor}: ${e.text}`;
    const follows = e => [...e.changes.filter(c => !c.quiet).map(c => `[${c.what}: ${c.from} -> ${c.to}]`),
      ...e.violates.map(name => `<--- VIOLATED ${name}`), ...e.reaches.map(name => `<--- REACHED ${name}`)];
    const ways = waysOn(t);
    const could = ways.length
      ? ways.map(e => h("li", {}, h("button", { type: "button", "data-way": t.others.steps.indexOf(e), onclick: () => choose(t, e) }, actor(e) + (e.remark ? `, ${e.remark}` : "")),
        follows(e).map(text => h("div", { class: text.startsWith("<---") ? "violated" : "note" }, text))))
      : now.enabled.map(e => h("li", {}, actor(e)));
    const asked = could.length ? `Who could go on here${ways.length ? ": choose, and see what follows" : ""}` : "Nobody can go on here";
    $("state").replaceChildren(...[...groups, ...threads,
      h("div", { class: "group" }, h("h4", {}, asked), could.length ? h("ul", { class: ways.length ? "ways" : null }, could) : null),
    ].filter(Boolean));
  };

  // ---- the source -------------------------------------------------------------------
  const lines = data.files.map(f => f.text.split("\n"));
  let sources = [];
  const listing = n => {
    const box = h("div", { class: "source", tabindex: "0", role: "region", "aria-label": `Text of ${data.files[n].source}` });
    lines[n].forEach((text, i) => box.append(h("div", {}, h("b", { "aria-hidden": "true" }, String(i + 1)), h("span", {}, text))));
    return box;
  };
  const source = t => {
    const s = step ? t.steps[step - 1] : null;
    const places = s ? [...s.stack, s.where].filter(p => p[0] !== null) : [];
    const inner = places.length ? places[places.length - 1] : null;
    const wanted = inner && inner[0] !== 0 ? [0, inner[0]] : [0];
    if (sources.map(x => x.file).join() !== wanted.join()) {
      sources = wanted.map(file => sources.find(x => x.file === file) || { file, box: listing(file), head: h("h4") });
      $("source").replaceChildren(...sources.flatMap(x => [x.head, x.box]));
    }
    for (const { file, box, head } of sources) {
      const here = places.filter(p => p[0] === file), last = here[here.length - 1];
      const at = last ? (last === inner ? `, line ${last[1]}` : `, called in line ${last[1]}`) : "";
      head.textContent = data.files[file].source + at;
      [...box.children].forEach((line, i) => {
        const n = i + 1, now = last && n >= last[1] && n <= last[2];
        line.className = now ? "now" : here.some(p => n === p[1]) ? "around" : "";
        if (now) line.setAttribute("aria-current", "location"); else line.removeAttribute("aria-current");
      });
      if (last) into(box.children[last[1] - 1], box);
    }
  };

  // ---- all of it ----------------------------------------------------------------------
  const said = t => {
    if (!step) return "Before the first step.";
    const s = t.steps[step - 1], who = s.cpu === null ? s.actor : `CPU${s.cpu} ${s.actor}`;
    const notes = s.changes.filter(c => !c.quiet).map(c => `${c.what}: ${c.from} -> ${c.to}`);
    const took = s.took.length ? ` [${s.took.join(", ")}]` : "";
    const last = step === t.steps.length ? (t.why ? ` ${t.why}` : "") + (ends(t, step) ? ` ${ends(t, step)}.` : "") : "";
    return `${who}: ${s.text}${s.remark ? `, ${s.remark}` : ""}${took}. ${notes.join("; ")}${notes.length ? "." : ""}${last}`;
  };
  const draw = () => {
    const t = data.traces[trace];
    if (drawn !== trace) {
      race(t);
      drawn = trace;
      $("slider").max = t.steps.length;
      $("trace").value = String(trace);
      for (const tr of document.querySelectorAll("tr[data-run]")) tr.classList.toggle("chosen", Number(tr.dataset.run) === t.run);
      for (const text of document.querySelectorAll(".one-text[data-trace]")) text.hidden = Number(text.dataset.trace) !== trace;
      $("holds").hidden = true;
    }
    $("slider").value = step;
    $("slider").setAttribute("aria-valuetext", `step ${step} of ${t.steps.length}`);
    $("here").textContent = `step ${step} of ${t.steps.length}`;
    $("here").href = t.own ? location.hash || "#step=0" : placeOf();
    // Not `disabled`: what has the focus keeps it, and the keys go on working.
    for (const id of ["first", "back"]) $(id).setAttribute("aria-disabled", step === 0);
    for (const id of ["next", "last"]) $(id).setAttribute("aria-disabled", step === t.steps.length);
    $("said").textContent = said(t);
    markRows();
    state(t);
    source(t);
  };
  const copier = pre => {
    const button = h("button", { type: "button", onclick: async () => {
      try { await navigator.clipboard.writeText(pre.textContent); } catch {
        const range = document.createRange(); range.selectNodeContents(pre);
        getSelection().removeAllRanges(); getSelection().addRange(range); document.execCommand("copy");
      }
      button.textContent = "Copied"; setTimeout(() => { button.textContent = "Copy"; }, 1500);
    } }, "Copy");
    return button;
  };
  const start = () => {
    for (const head of document.querySelectorAll(".text-head")) head.append(copier(head.nextElementSibling));
    $("app").hidden = false;
    const explain = run => { $("holds").textContent = run.explained; $("holds").hidden = false; };
    for (const tr of document.querySelectorAll("tr[data-run]")) {
      const run = data.runs[Number(tr.dataset.run)], cell = tr.lastElementChild;
      const t = data.traces.findIndex(x => x.run === Number(tr.dataset.run));
      if (t >= 0) cell.append(h("button", { type: "button", "aria-label": `Step through ${run.choice}`, onclick: () => { go(0, t); $("app").scrollIntoView(); } }, "Steps"));
      else if (run.explained) cell.append(h("button", { type: "button", "aria-label": `Why: ${run.choice}`, onclick: () => { explain(run); $("app").scrollIntoView(); } }, "Why"));
    }
    if (!data.traces.length) { $("stepper").hidden = true; if (data.runs.length) explain(data.runs[0]); return; }
    data.traces.forEach(prepared);
    data.traces.forEach((t, n) => $("trace").append(h("option", { value: String(n) }, t.head)));
    $("choice").hidden = data.traces.length < 2;
    $("trace").addEventListener("change", e => go(0, Number(e.target.value)));
    $("slider").addEventListener("input", e => go(Number(e.target.value)));
    const buttons = { first: () => go(0), back: () => go(step - 1), next: () => go(step + 1), last: () => go(Infinity) };
    for (const [id, act] of Object.entries(buttons)) $(id).addEventListener("click", act);
    const keys = { ArrowLeft: buttons.back, ArrowRight: buttons.next, Home: buttons.first, End: buttons.last,
      "[": () => trace > 0 && go(0, trace - 1), "]": () => trace + 1 < data.traces.length && go(0, trace + 1) };
    addEventListener("keydown", e => {
      if (e.ctrlKey || e.altKey || e.metaKey || !(e.key in keys) || e.target.matches("select, input")) return;
      e.preventDefault();
      keys[e.key]();
    });
    addEventListener("hashchange", () => { if (readPlace()) draw(); });
    const linked = readPlace();
    draw();
    if (linked) $("app").scrollIntoView();
  };
  start();
})();
