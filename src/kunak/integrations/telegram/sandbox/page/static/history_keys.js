// The history by keyboard: arrows walk the messages, Enter opens what can be done with one, Escape leaves.

export function walkMessages(scroller, list, openMenu) {
  scroller.addEventListener("keydown", (event) => {
    const row = event.target.classList.contains("row") ? event.target : null;
    if (event.target !== scroller && !row) return;
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (step) walk(list, row, step);
    else if (row && event.key === "Enter") openMenu(row);
    else if (row && event.key === "Escape") scroller.focus();
    else return;
    event.preventDefault();
  });
}

function walk(list, row, step) {
  const rows = [...list.querySelectorAll(".row")];
  const index = row ? rows.indexOf(row) + step : rows.length - 1;
  const next = rows[Math.max(0, Math.min(index, rows.length - 1))];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}
