"use strict";
(() => {
  const root = document.documentElement;
  const each = (selector, act, from = document) => from.querySelectorAll(selector).forEach(act);

  const choose = (name, value) => {
    root.dataset[name] = value;
    if (name === "lang") root.lang = value === "zh" ? "zh-CN" : "en";
    each(`[data-set-${name}]`, (button) => button.setAttribute("aria-pressed", String(button.getAttribute(`data-set-${name}`) === value)));
  };
  for (const name of ["lang", "theme"]) {
    choose(name, root.dataset[name]);
    each(`[data-set-${name}]`, (button) => button.addEventListener("click", () => choose(name, button.getAttribute(`data-set-${name}`))));
  }

  const key = (row, column) => {
    const cell = row.cells[column];
    const number = cell.hasAttribute("data-v") ? Number(cell.dataset.v) : NaN;
    return { number, text: cell.hasAttribute("data-v") ? "" : cell.innerText.trim(), empty: !cell.hasAttribute("data-v") };
  };
  const compare = (a, b) => {
    if (!a.empty && !b.empty) return a.number - b.number;
    return a.text.localeCompare(b.text);
  };
  const sort = (table, column, direction) => {
    const body = table.tBodies[0];
    const numeric = [...body.rows].some((row) => row.cells[column].hasAttribute("data-v"));
    const keyed = [...body.rows].map((row) => ({ row, place: Number(row.dataset.place), key: key(row, column) }));
    keyed.sort((a, b) => {
      if (direction === 0) return a.place - b.place;
      if (numeric && a.key.empty !== b.key.empty) return a.key.empty ? 1 : -1;
      return direction * compare(a.key, b.key) || a.place - b.place;
    });
    body.append(...keyed.map((item) => item.row));
  };
  each("table.sortable", (table) => {
    [...table.tBodies[0].rows].forEach((row, place) => { row.dataset.place = place; });
    const heads = [...table.tHead.rows[table.tHead.rows.length - 1].cells];
    heads.forEach((head, column) => {
      if (head.classList.contains("no-sort")) return;
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      button.append(...head.childNodes);
      head.append(button);
      head.setAttribute("aria-sort", "none");
      button.addEventListener("click", () => {
        const next = { none: "descending", descending: "ascending", ascending: "none" }[head.getAttribute("aria-sort")];
        heads.forEach((other) => other.hasAttribute("aria-sort") && other.setAttribute("aria-sort", "none"));
        head.setAttribute("aria-sort", next);
        table.classList.toggle("sorted", next !== "none");
        sort(table, column, { none: 0, descending: -1, ascending: 1 }[next]);
      });
    });
  });

  const filter = document.getElementById("filter");
  const rows = [...document.querySelectorAll("#matrix tbody tr")];
  const show = () => {
    const wanted = filter.value.normalize("NFKC").toLowerCase().split(/\s+/).filter(Boolean);
    const fits = (item) => wanted.every((word) => item.dataset.words.toLowerCase().includes(word));
    each("#matrix tbody tr, article.card", (item) => { item.hidden = !fits(item); });
    document.getElementById("found").textContent = `${rows.filter((row) => !row.hidden).length} / ${rows.length}`;
  };
  filter.addEventListener("input", show);
  show();

  let closed = [];
  window.addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll(".legend:not([open])")];
    closed.forEach((item) => { item.open = true; });
  });
  window.addEventListener("afterprint", () => closed.forEach((item) => { item.open = false; }));
  each(".switches, .search", (item) => { item.hidden = false; });
})();
