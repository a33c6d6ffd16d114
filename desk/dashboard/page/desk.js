import { alertCard, cell, clock, make, rows, span, state } from "./draw.js";

const MOST = 200;
const at = (id) => document.getElementById(id);

function showAlert(alert, arrived) {
  const list = at("alerts");
  if (list.querySelector(`[data-id="${CSS.escape(alert.id)}"]`)) return;
  const card = alertCard(alert);
  if (arrived) card.classList.add("arrived");
  list.prepend(card);
  while (list.children.length > MOST) list.lastElementChild.remove();
  at("no-alerts").hidden = true;
}

const sections = {
  counts(counts) {
    at("counts").replaceChildren(...Object.entries(counts).map(([name, count]) => {
      const pair = make("div");
      pair.append(make("dt", name.replace("_", " ")), make("dd", count.toLocaleString()));
      return pair;
    }));
  },
  feeds(feeds) {
    const failing = feeds.filter((feed) => feed.state === "failing").length;
    at("feeds-note").textContent = `${feeds.length} watched, ${failing} failing`;
    rows(at("feeds"), feeds.map((feed) => [
      cell(feed.title, feed.host),
      state(feed.state, [feed.reason, feed.detail].filter(Boolean).join(": ")),
      cell((feed.entries ?? 0).toLocaleString(), null, "number"),
      cell(clock(feed.succeeded_at), feed.next_at ? `next ${clock(feed.next_at)}` : ""),
    ]));
  },
  stages(stages) {
    rows(at("stages"), stages.map((stage) => [
      cell(stage.stage),
      cell(stage.reads),
      cell(stage.records.toLocaleString(), null, "number"),
      cell(span(stage.seconds), null, "number"),
    ]));
  },
  deliveries(deliveries) {
    const states = Object.entries(deliveries.states);
    at("deliveries-note").textContent = states.map(([name, count]) => `${count} ${name}`).join(", ");
    rows(at("deliveries"), deliveries.latest.map((one) => [
      cell(one.subscription),
      cell(one.headline, one.kind),
      state(one.state, [one.reason, one.next_at && one.state === "retrying" ? `next ${clock(one.next_at)}` : ""].filter(Boolean).join(", ")),
      cell(one.attempts, null, "number"),
    ]));
  },
  dead_letters(letters) {
    at("dead-note").textContent = letters.length ? `${letters.length} latest` : "none";
    rows(at("dead"), letters.map((letter) => [cell(letter.origin, clock(letter.at)), cell(letter.stage), cell(letter.reason, letter.detail)]));
  },
  ruleset(ruleset) {
    at("ruleset").textContent = ruleset ? ruleset.id : "none";
    at("rules-problem").textContent = ruleset ? ruleset.warnings.join(" ") : "";
    at("rules-problem").hidden = !(ruleset && ruleset.warnings.length);
  },
};

function connection(name, text) {
  at("connection").dataset.state = name;
  at("connection").textContent = text;
}

function watch() {
  const stream = new EventSource("/api/stream");
  stream.addEventListener("snapshot", (event) => {
    const snapshot = JSON.parse(event.data);
    at("alerts").replaceChildren();
    at("no-alerts").hidden = snapshot.alerts.length > 0;
    for (const alert of [...snapshot.alerts].reverse()) showAlert(alert, false);
    for (const [name, show] of Object.entries(sections)) if (name in snapshot) show(snapshot[name]);
    connection("live", "live");
  });
  stream.addEventListener("change", (event) => {
    const { section, value } = JSON.parse(event.data);
    sections[section]?.(value);
  });
  stream.addEventListener("alert", (event) => showAlert(JSON.parse(event.data), true));
  stream.addEventListener("error", () => {
    connection("lost", "reconnecting");
    if (stream.readyState === EventSource.CLOSED) setTimeout(watch, 2000);
  });
}

watch();
