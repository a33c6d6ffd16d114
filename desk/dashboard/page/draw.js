// Every text that comes from news goes through textContent; addresses become links only if they are http or https.

export function make(tag, text, attributes = {}) {
  const element = document.createElement(tag);
  if (text !== undefined && text !== null) element.textContent = text;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

export function link(text, address) {
  let url = null;
  try { url = new URL(address); } catch { /* no address: plain text */ }
  if (!url || !["http:", "https:"].includes(url.protocol)) return make("span", text);
  return make("a", text, { href: url.href, rel: "noopener noreferrer", target: "_blank" });
}

export function clock(moment) {
  return moment ? new Date(moment).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" }) : "";
}

export function span(seconds) {
  if (seconds === null || seconds === undefined) return "";
  if (seconds < 60) return `${Number(seconds.toFixed(seconds < 1 ? 2 : 1))} s`;
  if (seconds < 3600) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172800) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86400)} d`;
}

function evidence(pieces) {
  const quote = make("blockquote");
  for (const [text, matched] of pieces) quote.append(matched ? make("mark", text) : text);
  return quote;
}

function counted(count, noun) {
  return `${count || 0} ${noun}${count === 1 ? "" : "s"}`;
}

function fact(parent, name, value) {
  if (!value) return;
  if (parent.childNodes.length) parent.append(" · ");
  parent.append(`${name} `, make("b", value));
}

export function alertCard(alert) {
  const card = make("li", null, { class: "alert", "data-kind": alert.kind, "data-id": alert.id });
  const top = make("div", null, { class: "top" });
  top.append(
    make("span", alert.kind, { class: "kind" }),
    make("span", alert.rule_title),
    make("span", alert.severity),
    make("time", clock(alert.at), { datetime: alert.at, title: alert.at }),
  );
  if (alert.shadow) top.append(make("span", "shadow: not delivered"));
  card.append(top, make("h3", alert.headline));
  const first = alert.reports[0];
  if (first) card.append(evidence(first.pieces));
  const facts = make("p", null, { class: "facts" });
  fact(facts, "said by", alert.speaker);
  fact(facts, "actors", (alert.actors || []).join(", "));
  fact(facts, "new", (alert.new_facts || []).join("; "));
  fact(facts, "rang", alert.since_seen_s === null ? "" : `${span(alert.since_seen_s)} after it was seen`);
  fact(facts, "published", alert.since_published_s === null ? "" : `${span(alert.since_published_s)} before`);
  if (facts.childNodes.length) card.append(facts);
  const outlets = make("p", null, { class: "outlets" });
  const counts = alert.counts || {};
  outlets.append(`${counted(counts.publishers, "publisher")}, ${counted(counts.texts, "independent text")}: `);
  alert.reports.forEach((report, at) => {
    if (at) outlets.append(", ");
    outlets.append(link(report.publisher || report.headline, report.url));
  });
  card.append(outlets);
  return card;
}

export function rows(table, cells) {
  const body = table.tBodies[0];
  body.replaceChildren(...cells.map((row) => {
    const line = make("tr");
    line.append(...row);
    return line;
  }));
}

export function cell(text, more, kind = "") {
  const found = make("td", text, kind ? { class: kind } : {});
  if (more) found.append(make("small", more));
  return found;
}

export function state(name, more) {
  const found = make("td");
  found.append(make("span", name.replace("_", " "), { class: "state", "data-state": name }));
  if (more) found.append(make("small", more));
  return found;
}
