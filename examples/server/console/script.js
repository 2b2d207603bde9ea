"use strict";

/* ---- Asking the server ------------------------------------------------------------------------ */

const $ = (id) => document.getElementById(id);
let token = sessionStorage.getItem("token") || "";

/* Integers beyond 2^53 stay exact: they become BigInt. */
const exact = (key, value, context) =>
  typeof value === "number" && !Number.isSafeInteger(value) && context && /^-?\d+$/.test(context.source)
    ? BigInt(context.source) : value;

class Problem extends Error {
  constructor(status, body) {
    super(body.detail ? `${body.title}: ${body.detail}` : body.title || `status ${status}`);
    this.code = body.code || String(status);
    this.retryable = body.retryable === true;
  }
}

/* A UUIDv7 of now: the idempotency key, which is the id of the operation. */
function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  let ms = Date.now();
  for (let i = 5; i >= 0; i--, ms = Math.floor(ms / 256)) bytes[i] = ms % 256;
  bytes[6] = 0x70 | (bytes[6] & 15);
  bytes[8] = 0x80 | (bytes[8] & 63);
  const hex = Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

async function ask(path, options = {}) {
  const headers = { ...options.headers };
  if (token) headers.Authorization = `Bearer ${token}`;
  const response = await fetch(path, { ...options, headers });
  const text = await response.text();
  if (!response.ok && response.status !== 503 || response.status === 503 && path !== "/readyz") {
    let body = {};
    try { body = JSON.parse(text); } catch { /* a proxy answered */ }
    throw new Problem(response.status, body);
  }
  return path === "/metrics" ? text : JSON.parse(text, exact);
}

/* A write: what does not arrive is sent once more under the same key, so it acts once. */
async function act(path, body) {
  const options = { method: "POST", headers: { "Idempotency-Key": newKey() } };
  if (body) {
    options.body = JSON.stringify(body);
    options.headers["Content-Type"] = "application/json";
  }
  try {
    return await ask(path, options);
  } catch (error) {
    if (error instanceof Problem && !error.retryable) throw error;
    return ask(path, options);
  }
}

/* All records of a list, at most `max`: [records, whether there are more]. */
async function all(path, member, max) {
  const rows = [];
  let cursor = null;
  do {
    const page = await ask(path + (cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""));
    rows.push(...page[member]);
    cursor = page.next_cursor;
  } while (cursor && rows.length < max);
  return [rows, cursor !== null];
}

function report(error) {
  $("problem").hidden = !error;
  if (!error) return;
  const hint = error.code === "TOKEN_MISSING" || error.code === "TOKEN_WRONG" ? " Enter a token above."
    : error.code === "ROLE" ? " Use the token of an operator." : "";
  $("problem").textContent = error.message + "." + hint;
}

/* ---- Texts ------------------------------------------------------------------------------------ */

const scales = new Map(); /* of units, by code */

async function readUnits() {
  const [units] = await all("/v1/units?limit=256", "units", 2000);
  for (const unit of units) scales.set(unit.code, unit.scale);
}

/* An amount in minor units as people write it: 123456 EUR is "1 234.56 EUR". */
function amount(value, unit) {
  if (value === null || value === undefined) return "";
  const scale = scales.get(unit) ?? 0;
  const number = BigInt(value);
  const digits = (number < 0n ? -number : number).toString().padStart(scale + 1, "0");
  const whole = digits.slice(0, digits.length - scale).replace(/\B(?=(\d{3})+$)/g, "\u202f");
  const part = scale > 0 ? "." + digits.slice(-scale) : "";
  return `${number < 0n ? "\u2212" : ""}${whole}${part} ${unit}`;
}

const when = (text) => text ? text.replace("T", " ").replace(/\.\d+Z$/, "Z") : "";
const count = (n) => n >= 1e6 ? (n / 1e6).toFixed(1) + " M" : n >= 1e4 ? (n / 1e3).toFixed(1) + " k"
  : n >= 100 || Number.isInteger(n) ? n.toFixed(0) : n.toFixed(1);
const time = (s) => !isFinite(s) ? "\u2013" : s >= 1 ? s.toFixed(2) + " s" : s >= 1e-3 ? (s * 1e3).toFixed(1) + " ms"
  : (s * 1e6).toFixed(0) + " \u00b5s";

/* ---- Elements --------------------------------------------------------------------------------- */

function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes))
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value !== false && value !== null) element.setAttribute(key, value === true ? "" : value);
  element.append(...children.filter((child) => child !== null));
  return element;
}

/* columns: [title, how to show a record, class]; open: what a click or Enter on a row does. */
function table(caption, columns, rows, open) {
  const head = make("tr", {}, ...columns.map(([title, , kind]) => make("th", { scope: "col", class: kind || null }, title)));
  const body = rows.map((row) => {
    const cells = columns.map(([, show, kind]) => make("td", { class: kind || null }, show(row) ?? ""));
    if (!open) return make("tr", {}, ...cells);
    const go = () => open(row);
    return make("tr", { class: "link", tabindex: "0", onclick: go,
      onkeydown: (event) => event.key === "Enter" && event.target.tagName === "TR" && go() }, ...cells);
  });
  const text = rows.length === 0 ? `${caption}: none` : `${caption}: ${rows.length}`;
  return make("div", { class: "scroll" },
    make("table", {}, make("caption", {}, text), make("thead", {}, head), make("tbody", {}, ...body)));
}

const button = (text, go) => make("button", { type: "button", onclick: (event) => { event.stopPropagation(); go(); } }, text);

/* Asks for texts; fields: [name, label, values of a choice or null]. Resolves to null or the texts. */
function dialog(title, fields) {
  $("dialog-title").textContent = title;
  $("dialog-fields").replaceChildren(...fields.flatMap(([name, label, values]) => [
    make("label", { for: "f-" + name }, label),
    values ? make("select", { id: "f-" + name }, ...values.map((value) => make("option", {}, value)))
      : make("input", { id: "f-" + name, required: true, maxlength: "63" })]));
  $("dialog").returnValue = "";
  $("dialog").showModal();
  return new Promise((resolve) => $("dialog").addEventListener("close", () => {
    if ($("dialog").returnValue !== "ok") return resolve(null);
    resolve(Object.fromEntries(fields.map(([name]) => [name, $("f-" + name).value])));
  }, { once: true }));
}

/* ---- Figures ---------------------------------------------------------------------------------- */

const KEPT = 120;
const samples = []; /* {at, values: Map(name with labels -> number)} */

function parse(text) {
  const values = new Map();
  for (const line of text.split("\n")) {
    const space = line.lastIndexOf(" ");
    if (space > 0 && line[0] !== "#") values.set(line.slice(0, space), Number(line.slice(space + 1)));
  }
  return values;
}

const value = (sample, name) => sample.values.get(name) ?? 0;

function rate(now, before, name) {
  const change = value(now, name) - value(before, name);
  return Math.max(0, change) / ((now.at - before.at) / 1000);
}

/* A quantile of a histogram between two samples, in seconds, by its buckets' upper bounds. */
function quantile(now, before, name, label, q) {
  const prefix = `${name}_bucket{${label}le="`;
  const buckets = [];
  for (const [key, total] of now.values)
    if (key.startsWith(prefix))
      buckets.push([Number(key.slice(prefix.length, -2).replace("+Inf", "Infinity")), total - value(before, key)]);
  buckets.sort((a, b) => a[0] - b[0]);
  const rank = q * (buckets.length ? buckets[buckets.length - 1][1] : 0);
  return rank === 0 ? NaN : buckets.find(([, total]) => total >= rank)[0];
}

function requests(now, before) {
  let sum = 0;
  for (const key of now.values.keys())
    if (key.startsWith("holdfast_server_requests_total")) sum += rate(now, before, key);
  return sum;
}

const WRITES = "holdfast_operation_latency_seconds";
const charts = [
  ["Operations a second", count, [(n, b) => rate(n, b, "holdfast_operations_completed_total")]],
  ["Latency of writes, p50 and p99", time, [(n, b) => quantile(n, b, WRITES, 'kind="write",', 0.5),
    (n, b) => quantile(n, b, WRITES, 'kind="write",', 0.99)]],
  ["HTTP requests a second", count, [requests]],
  ["Operations in flight", count, [(n) => value(n, "holdfast_operations_in_flight")]],
];

function chart([title, show, series]) {
  const lines = series.map((f) => samples.slice(1).map((sample, i) => f(sample, samples[i])));
  const top = Math.max(1e-9, ...lines.flat().filter(isFinite));
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", `0 0 ${KEPT} 100`);
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", title);
  lines.forEach((line, at) => {
    const points = line.map((y, x) => [x + KEPT - line.length, y]).filter(([, y]) => isFinite(y));
    const drawn = document.createElementNS(svg.namespaceURI, "polyline");
    drawn.setAttribute("points", points.map(([x, y]) => `${x},${98 - 94 * y / top}`).join(" "));
    if (at > 0) drawn.setAttribute("class", "second");
    svg.append(drawn);
  });
  const last = lines.map((line) => line.length ? show(line[line.length - 1]) : "\u2013").join(" / ");
  return make("figure", {}, make("figcaption", {}, make("span", {}, title), make("b", {}, last)), svg,
    make("figcaption", {}, make("span", {}, `most: ${show(top)}`), make("span", {}, `last ${Math.round(lines[0].length * STEP / 60000) || "<1"} min`)));
}

function ratio(now, hit, miss) {
  const hits = value(now, hit), sum = hits + value(now, miss);
  return sum === 0 ? "\u2013" : (100 * hits / sum).toFixed(1) + " %";
}

function cards(now) {
  const figures = [
    ["availability", (100 * value(now, "holdfast_availability_ratio")).toFixed(3) + " %"],
    ["rows found in memory", ratio(now, 'holdfast_row_lookups_total{result="hit"}', 'holdfast_row_lookups_total{result="miss"}')],
    ["reads from the cache", ratio(now, 'holdfast_read_cache_lookups_total{result="hit"}', 'holdfast_read_cache_lookups_total{result="miss"}')],
    ["events", count(value(now, "holdfast_events_total"))],
    ["refused under overload", count(["writes", "reads", "completions", "transactions"].reduce((sum, full) =>
      sum + value(now, `holdfast_overloaded_total{full="${full}"}`), 0))],
    ["open connections", count(value(now, "holdfast_server_connections"))],
  ];
  return make("div", { class: "cards" }, ...figures.map(([name, text]) =>
    make("div", { class: "card" }, make("b", {}, text), make("span", { class: "quiet" }, name))));
}

/* ---- Views ------------------------------------------------------------------------------------ */

const show = (...elements) => $("view").replaceChildren(...elements);
const latest = []; /* events that came on the stream, newest first */

const unitOf = (change) => (change.from || change.to || change.account || {}).unit;
const amounts = ["authorized", "captured", "voided", "refunded", "kept", "given_away"];
const counts = ["quantity", "fulfilled", "cancelled", "returned", "posted", "released", "reversed", "scale"];

/* How a change begins: "order CLOSED", "move 2 pcs from tea", "payment authorized 21.00 EUR". */
function changeText(c, money) {
  const words = [c.change === "STATE" ? c.subject_kind.toLowerCase() + (c.no ? " " + c.no : "")
    : c.change === "QUANTITY" ? `line ${c.no}` : c.change.toLowerCase(), c.state, c.text];
  const unit = unitOf(c);
  if (c.amount !== undefined) words.push(unit ? amount(c.amount, unit) : String(c.amount));
  if (c.account) words.push(c.account.name);
  if (c.from) words.push("from " + c.from.name);
  if (c.to) words.push("to " + c.to.name);
  for (const name of amounts) if (c[name]) words.push(`${name.replace("_", " ")} ${money ? amount(c[name], money) : c[name]}`);
  for (const name of counts) if (c[name]) words.push(`${name} ${c[name]}`);
  return words.filter(Boolean).join(" ");
}

/* What is paid with says the unit of a payment's amounts; an event alone does not always know it. */
function eventText(event, currency) {
  const changes = event.data.changes;
  const paid = changes.find((c) => (c.from || c.to || {}).kind === "MONEY");
  const money = typeof currency === "string" ? currency : paid && unitOf(paid);
  return changes.map((c) => changeText(c, money)).join("; ");
}

const eventColumns = (currency) => [
  ["No.", (e) => String(Number(e.sequence)), "n"],
  ["Time", (e) => when(e.time)],
  ["What", (e) => e.type.replace("holdfast.", "")],
  ["By", (e) => e.data.actor],
  ["Changes", (e) => eventText(e, currency), "wrap"],
];

function overview() {
  if (samples.length === 0) return show(make("p", {}, "The first figures come in a moment."));
  show(cards(samples[samples.length - 1]), make("div", { class: "charts" }, ...charts.map(chart)),
    make("h2", {}, "Latest events"), table("Events since this page was opened", eventColumns(), latest));
}

async function story(id) {
  const events = [];
  let after = 0, ended = false;
  for (let pages = 0; !ended && pages < 200; pages++) {
    const page = await ask(`/v1/events?subject=${id}&after=${after}&limit=256`);
    events.push(...page.events);
    after = page.next_after;
    ended = page.at_end;
  }
  return [events, ended];
}

async function orderView(id) {
  const view = await ask(`/v1/orders/${id}`);
  const [events, ended] = await story(id);
  const o = view.order;
  show(make("div", { class: "row" }, button("\u2190 Orders", () => go("Orders"))),
    make("h2", {}, `Order ${o.number} \u00b7 ${o.state}`),
    make("p", { class: "quiet" }, `${o.id} \u00b7 ${o.customer || "no customer"} \u00b7 total ${amount(o.total, o.currency)}` +
      ` \u00b7 placed ${when(o.created_at)}${o.attention ? " \u00b7 attention: " + o.attention : ""}`),
    table("Lines", [["No.", (l) => String(l.no), "n"], ["Item", (l) => l.sku], ["Quantity", (l) => String(l.quantity), "n"],
      ["Fulfilled", (l) => String(l.fulfilled), "n"], ["Cancelled", (l) => String(l.cancelled), "n"],
      ["Returned", (l) => String(l.returned), "n"], ["Price", (l) => amount(l.unit_price, o.currency), "n"],
      ["Settles on", (l) => l.settle_on]], view.lines),
    table("Payments", [["State", (p) => p.state], ["By", (p) => p.provider || `${p.account_kind} ${p.account_name}`],
      ["Amount", (p) => amount(p.amount, o.currency), "n"], ["Authorized", (p) => amount(p.authorized, o.currency), "n"],
      ["Captured", (p) => amount(p.captured, o.currency), "n"], ["Voided", (p) => amount(p.voided, o.currency), "n"],
      ["Refunded", (p) => amount(p.refunded, o.currency), "n"], ["Attention", (p) => p.attention]], view.payments),
    make("h2", {}, "Story"), table(ended ? "Events" : "Events (the first ones)", eventColumns(o.currency), events));
}

const orderStates = ["", "WAITING", "PENDING", "CONFIRMED", "CLOSED", "CANCELLED", "EXPIRED"];
const search = { state: "", text: "" };

async function findOrders() {
  const text = search.text.trim();
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)) {
    await orderView(text);
    return null;
  }
  const named = text && (await ask(`/v1/orders?ref=${encodeURIComponent(text)}&limit=50`)).orders;
  if (named && named.length) return named;
  const filter = text ? `customer=${encodeURIComponent(text)}` : search.state ? `state=${search.state}` : "";
  const { orders } = await ask(`/v1/orders?${filter}&newest_first=true&limit=100`.replace("?&", "?"));
  return search.state ? orders.filter((o) => o.state === search.state) : orders;
}

async function orders() {
  const rows = await findOrders();
  if (rows === null) return;
  const state = make("select", { "aria-label": "State" }, ...orderStates.map((name) =>
    make("option", { value: name, selected: name === search.state }, name || "any state")));
  const text = make("input", { type: "search", value: search.text, placeholder: "id, reference or customer", "aria-label": "Search" });
  const form = make("form", { class: "row", onsubmit: (event) => {
    event.preventDefault();
    search.state = state.value;
    search.text = text.value;
    refresh();
  } }, text, state, make("button", {}, "Find"));
  show(form, table("Orders, newest first", [
    ["No.", (o) => String(o.number), "n"], ["State", (o) => o.state], ["Customer", (o) => o.customer],
    ["Total", (o) => amount(o.total, o.currency), "n"], ["Placed", (o) => when(o.created_at)],
    ["Reference", (o) => o.external_ref], ["Attention", (o) => o.attention],
    ["Id", (o) => make("span", { class: "mono" }, o.id)],
  ], rows, (o) => open_(() => orderView(o.id))));
}

async function stock() {
  const [rows, more] = await all("/v1/items?limit=256", "items", 1000);
  show(table(more ? "Items (the first ones)" : "Items", [
    ["Item", (i) => i.name], ["Place", (i) => i.place], ["On hand", (i) => amount(i.balance, i.unit), "n"],
    ["Held", (i) => amount(i.held_out, i.unit), "n"],
    ["Available", (i) => amount(BigInt(i.balance) - BigInt(i.held_out), i.unit), "n"],
    ["Orders waiting", (i) => String(i.waiting), "n"], ["Attention", (i) => i.attention], ["Changed", (i) => when(i.updated_at)],
  ], rows));
}

/* What open orders owe, and what their payments hold: authorized or captured, and not given back. */
async function owed() {
  const lists = await Promise.all(["PENDING", "CONFIRMED"].map((state) =>
    ask(`/v1/orders?state=${state}&newest_first=true&limit=100`)));
  const open = lists.flatMap((list) => list.orders);
  const units = new Map();
  for (const o of open) {
    const { payments } = await ask(`/v1/orders/${o.id}/payments`);
    const sum = units.get(o.currency) || { unit: o.currency, orders: 0, total: 0n, held: 0n };
    sum.orders++;
    sum.total += BigInt(o.total);
    for (const p of payments) sum.held += BigInt(p.authorized) - BigInt(p.voided) - BigInt(p.refunded);
    units.set(o.currency, sum);
  }
  return [[...units.values()], lists.some((list) => list.next_cursor !== null)];
}

/* Without orders there is nothing that is owed here. */
async function money() {
  const open = served["/v1/orders"] ? owed() : [[], false];
  const [[sums, more], [accounts, moreAccounts]] = await Promise.all([open, all("/v1/accounts?kind=MONEY&limit=256", "accounts", 1000)]);
  show(...(served["/v1/orders"] ? [make("h2", {}, "Held against owed"), table(more ? "Newest open orders by unit" : "Open orders by unit", [
      ["Unit", (s) => s.unit], ["Orders", (s) => String(s.orders), "n"], ["Totals", (s) => amount(s.total, s.unit), "n"],
      ["Held for them", (s) => amount(s.held, s.unit), "n"], ["Not covered", (s) => amount(s.total - s.held, s.unit), "n"]], sums)] : []),
    make("h2", {}, "Accounts"),
    table(moreAccounts ? "Accounts (the first ones)" : "Accounts", [
      ["Account", (a) => a.name], ["Balance", (a) => amount(a.balance, a.unit), "n"],
      ["Held", (a) => amount(a.held_out, a.unit), "n"],
      ["Available", (a) => amount(BigInt(a.balance) - BigInt(a.held_out), a.unit), "n"],
      ["Frozen", (a) => a.frozen ? "frozen" : ""], ["Attention", (a) => a.attention]], accounts));
}

const subjects = [["ORDER", "orders"], ["PAYMENT", "payments"], ["FACT", "facts"], ["ACCOUNT", "accounts"], ["HOLD", "holds"]];

async function clear(subject, row) {
  const given = await dialog(`Clear ${row.attention} of this ${subject.toLowerCase()}`, [["reason", "What was done about it"]]);
  if (!given) return;
  const about = subject === "FACT" ? { provider: row.provider, fact_ref: row.fact_ref, kind: row.kind }
    : subject === "ACCOUNT" ? { account: { kind: row.kind, name: row.name, place: row.place || "", unit: row.unit } } : { id: row.id };
  await act("/v1/attention/clear", { subject, bits: row.attention.split(",").map((bit) => bit.trim()), ...about, reason: given.reason });
  await refresh();
}

async function attention() {
  const pages = await Promise.all(subjects.map(([subject]) => ask(`/v1/attention?subject=${subject}&limit=256`)));
  show(...subjects.map(([subject, member], at) => {
    const rows = pages[at][member];
    return table(`${member[0].toUpperCase()}${member.slice(1)} with attention`, [
      ["Attention", (r) => make("span", { class: "warn" }, r.attention)],
      ["Record", (r) => make("span", { class: "mono" }, r.id || [r.provider, r.fact_ref, r.kind, r.name, r.place].filter(Boolean).join(" "))],
      ["Since", (r) => when(r.updated_at || r.created_at || r.at)],
      ["", (r) => button("Clear\u2026", () => open_(() => clear(subject, r)))],
    ], rows, subject === "ORDER" ? (o) => open_(() => orderView(o.id)) : null);
  }));
}

const txnActs = [["Retry", "retry"], ["Park", "park"], ["Unpark", "unpark"], ["Abort", "abort"]];

async function actOnTxn(name, path, id) {
  const given = await dialog(`${name} transaction`, [["reason", "Why"]]);
  if (!given) return;
  await act(`/v1/transactions/${id}/${path}`, { reason: given.reason });
  await transactionView(id);
}

async function resolve(id, branches) {
  const given = await dialog("How the branch ended at its participant", [
    ["branch", "Branch", branches.map((b) => String(b.no))], ["answer", "It answered", ["OK", "REJECTED", "NOT_FOUND"]], ["reason", "How that is known"]]);
  if (!given) return;
  await act(`/v1/transactions/${id}/resolve`, { branch: Number(given.branch), answer: given.answer, reason: given.reason });
  await transactionView(id);
}

async function transactionView(id) {
  const [view, past] = await Promise.all([ask(`/v1/transactions/${id}`), ask(`/v1/transactions/${id}/history`)]);
  const t = view.transaction;
  const acts = txnActs.map(([name, path]) => button(name + "\u2026", () => open_(() => actOnTxn(name, path, id))));
  if (view.branches.length) acts.push(button("Resolve a branch\u2026", () => open_(() => resolve(id, view.branches))));
  show(make("div", { class: "row" }, button("\u2190 Transactions", () => go("Transactions")), ...(t.ended_at === null ? acts : [])),
    make("h2", {}, `${t.kind} \u00b7 ${t.state}${t.parked ? " \u00b7 parked" : ""}`),
    make("p", { class: "quiet" }, `${t.id}${t.reason ? " \u00b7 " + t.reason : ""} \u00b7 begun ${when(t.created_at)} \u00b7 deadline ${when(t.deadline)}`),
    table("Branches", [["No.", (b) => String(b.no), "n"], ["Participant", (b) => b.participant], ["State", (b) => b.state],
      ["Attempts", (b) => String(b.attempts), "n"], ["Next", (b) => when(b.due)], ["Last answer", (b) => b.detail, "wrap"]], view.branches),
    table("History", Object.keys(past.history[0] || { at: "" }).filter((name) => name !== "txn_id").map((name) =>
      [name.replace(/_/g, " "), (h) => h[name] === null ? "" : name === "at" ? when(h[name]) : String(h[name])]), past.history));
}

let which = "OPEN";

async function transactions() {
  const { transactions: rows } = await ask(`/v1/transactions?which=${which}&limit=100`);
  const choice = make("select", { "aria-label": "Which", onchange: () => { which = choice.value; refresh(); } },
    ...["OPEN", "PARKED", "DUE", "ALL"].map((name) => make("option", { selected: name === which }, name)));
  show(make("div", { class: "row" }, choice), table("Transactions", [
    ["State", (t) => t.state + (t.parked ? " (parked)" : "")], ["Kind", (t) => t.kind], ["Begun", (t) => when(t.created_at)],
    ["Next", (t) => when(t.due)], ["Attempts", (t) => String(t.attempts), "n"], ["Reason", (t) => t.reason, "wrap"],
    ["Id", (t) => make("span", { class: "mono" }, t.id)],
  ], rows, (t) => open_(() => transactionView(t.id))));
}

async function dropLetter(path) {
  if (await dialog("Drop this message: its endpoint never gets it", [])) await act(path + "/drop");
  await refresh();
}

function letterActs(letter) {
  const path = `/v1/webhooks/dead/${encodeURIComponent(letter.endpoint)}/${letter.event}`;
  return make("span", { class: "row" }, letter.queued ? "waits to be posted" : button("Post again", () => run(async () => {
    await act(path + "/retry");
    await refresh();
  })), button("Drop\u2026", () => run(() => dropLetter(path))));
}

async function webhooks() {
  const [{ endpoints }, [letters, more]] = await Promise.all([ask("/v1/webhooks"), all("/v1/webhooks/dead?limit=256", "letters", 1000)]);
  const number = (name) => [name[0].toUpperCase() + name.slice(1), (e) => String(e[name]), "n"];
  show(table("Endpoints", [["Endpoint", (e) => e.name], ["State", (e) => e.state], ...["lag", "delivered", "failed", "dead"].map(number),
    ["Last answer", (e) => e.last, "wrap"]], endpoints),
    table(more ? "Dead letters (the first ones)" : "Dead letters", [["Endpoint", (l) => l.endpoint], number("event"),
      ["Since", (l) => when(l.time)], ["Reason", (l) => l.reason, "wrap"], ["", letterActs]], letters));
}

async function engines() {
  const { nodes } = await ask("/v1/nodes");
  const names = Object.keys(nodes[0] || {});
  show(nodes.length === 0 ? make("p", {}, "This store has one engine: the one of this server.")
    : table("Engines and their leases", names.map((name) => [name.replace(/_/g, " "), (n) => n[name] === null ? "" : String(n[name])]), nodes));
}

const views = { Overview: overview, Orders: orders, Stock: stock, Money: money, Attention: attention, Transactions: transactions,
  Webhooks: webhooks, Engines: engines };
const needed = { Orders: "/v1/orders", Stock: "/v1/items", Money: "/v1/accounts" }; /* by view; a role has some of them */
let served = {}; /* resources of this server, by path */
const names = () => Object.keys(views).filter((name) => !needed[name] || served[needed[name]]);
let current = "Overview";
let detail = false; /* one record is shown, not the view's list */

/* ---- Turning ---------------------------------------------------------------------------------- */

const STEP = 2000;

async function run(what) {
  try {
    if (scales.size === 0) await readUnits();
    await what();
    report(null);
  } catch (error) {
    report(error);
  }
}

const refresh = () => { detail = false; return run(views[current]); };
const open_ = (what) => { detail = true; return run(what); };

function go(name) {
  current = name;
  location.hash = name;
  for (const tab of $("tabs").children) {
    tab.setAttribute("aria-selected", String(tab.textContent === name));
    tab.tabIndex = tab.textContent === name ? 0 : -1;
  }
  return refresh();
}

function makeTabs() {
  $("tabs").replaceChildren(...names().map((name) => make("button", { type: "button", role: "tab", "aria-controls": "view", onclick: () => go(name) }, name)));
  $("tabs").addEventListener("keydown", (event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    const at = (names().indexOf(current) + by + names().length) % names().length;
    go(names()[at]);
    $("tabs").children[at].focus();
  });
}

async function lookAtHealth() {
  try {
    const health = await ask("/readyz");
    const ready = health.status === "OK";
    $("health").textContent = ready ? "ready" : health.detail || health.title || "not ready";
    $("health").className = "pill " + (ready ? "good" : "bad");
  } catch (error) {
    $("health").textContent = "the server does not answer";
    $("health").className = "pill bad";
  }
}

async function sample() {
  await lookAtHealth();
  if (document.hidden) return;
  try {
    const values = parse(await ask("/metrics"));
    samples.push({ at: performance.now(), values });
    if (samples.length > KEPT + 1) samples.shift();
    for (const key of values.keys())
      if (key.startsWith("holdfast_engine_info")) $("store").textContent = key.replace(/.*store="([^"]*)",incarnation="(\d+)".*/, "store $1, incarnation $2");
    if (current === "Overview" && !detail) await run(overview);
  } catch (error) {
    if (current === "Overview") report(error);
  }
}

/* Server-sent events by fetch, which can send a token. */
async function follow() {
  let last = null;
  for (;;) {
    try {
      const headers = { ...(token && { Authorization: `Bearer ${token}` }), ...(last && { "Last-Event-ID": last }) };
      const at = last ? "" : `?after=${Math.round(value(samples[samples.length - 1], "holdfast_events_total"))}`;
      const response = await fetch("/v1/events/stream" + at, { headers });
      if (!response.ok) throw new Problem(response.status, await response.json());
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      let text = "";
      for (let part; part = await reader.read(), !part.done;) {
        const messages = (text + part.value).split("\n\n");
        text = messages.pop();
        for (const message of messages) {
          const found = /^id:(.*)\ndata:(.*)$/m.exec(message);
          if (!found) continue;
          last = found[1];
          latest.unshift(JSON.parse(found[2], exact));
        }
        latest.length = Math.min(latest.length, 20);
      }
    } catch (error) {
      if (error.code === "EVENT_ID" || error.code === "SEQ_AHEAD") last = null; /* the store was restored */
    }
    await new Promise((resolve) => setTimeout(resolve, STEP));
  }
}

$("login").addEventListener("submit", (event) => {
  event.preventDefault();
  token = $("token").value.trim();
  sessionStorage.setItem("token", token);
  samples.length = 0;
  sample().then(refresh);
});

async function start() {
  served = (await ask("/openapi.json")).paths;
  makeTabs();
  $("token").value = token;
  await sample();
  await go(names().includes(location.hash.slice(1)) ? location.hash.slice(1) : "Overview");
  setInterval(sample, STEP);
  while (samples.length === 0) await new Promise((resolve) => setTimeout(resolve, STEP));
  follow();
}

start();
