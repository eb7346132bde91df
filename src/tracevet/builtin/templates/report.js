"use strict";
// Tables sort by a click on a column's head, and the list of violations filters; without scripts all is shown as it is.
const value = (row, column) => {
  const cell = row.cells[column];
  return cell.dataset.v === undefined ? cell.textContent.trim().toLowerCase() : Number(cell.dataset.v);
};
const letters = new Intl.Collator();
const compare = (a, b) => (typeof a === "number" && typeof b === "number" ? a - b : letters.compare(a, b));
for (const table of document.querySelectorAll("table.sorts")) {
  const body = table.tBodies[0];
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") !== "descending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const keyed = [...body.rows].map((row) => [value(row, column), row]);
      keyed.sort((a, b) => (down ? -1 : 1) * compare(a[0], b[0]));
      body.append(...keyed.map((pair) => pair[1]));
    });
  });
}
const list = document.getElementById("violations-table");
if (list) {
  const controls = document.getElementById("filters");
  const shown = document.getElementById("shown");
  const rows = [...list.tBodies[0].rows].map((row) => [row, row.textContent.toLowerCase()]);
  const filter = () => {
    const words = controls.querySelector("input").value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = [...controls.querySelectorAll("select")].map((each) => [each.dataset.key, each.value]);
    let count = 0;
    for (const [row, text] of rows) {
      const fits = words.every((word) => text.includes(word)) && wanted.every(([key, is]) => !is || row.dataset[key] === is);
      row.hidden = !fits;
      count += fits;
    }
    shown.textContent = `${count} of ${rows.length} shown`;
  };
  controls.hidden = false;
  controls.addEventListener("input", filter);
  filter();
}
addEventListener("beforeprint", () => {
  for (const each of document.querySelectorAll("details")) each.open = true;
});
