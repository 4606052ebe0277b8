
// Makes a chart readable without sight and pointer: its text says what it shows, and the arrow keys walk a heatmap's cells and read them out.
window.patchkernelCells = function (place, text) {
  const grids = () => place.data.map((trace, number) => ({ trace, number })).filter(one => one.trace.type === "heatmap" && one.trace.customdata);
  const walks = grids().length > 0;
  place.setAttribute("role", walks ? "application" : "img");
  place.setAttribute("aria-label", walks ? text + ". The arrow keys walk the cells." : text);
  if (!walks) return;
  place.tabIndex = 0;
  place.setAttribute("aria-roledescription", "heatmap");
  const said = document.createElement("div");
  said.setAttribute("aria-live", "polite");
  said.dataset.patchkernel = "cell";
  said.style.cssText = "position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap";
  place.after(said);
  let at;

  place.addEventListener("keydown", event => {
    if (event.altKey || event.metaKey || event.ctrlKey) return;
    const leave = event.key === "Escape";
    if (!leave && !steps[event.key]) return;
    event.preventDefault();
    // A notebook's own keys would move to another cell of the notebook.
    event.stopPropagation();
    if (leave) Plotly.Fx.unhover(place);
    else show(at = at ? step(steps[event.key], at) : { grid: 0, row: 0, column: 0 });
  });

  const steps = {
    ArrowLeft: one => one.column--, ArrowRight: one => one.column++, ArrowUp: one => one.row--, ArrowDown: one => one.row++,
    Home: one => one.column = 0, End: (one, cells) => one.column = cells[0].length - 1,
    PageUp: one => one.grid--, PageDown: one => one.grid++,
  };

  // Beyond a row's end is the next heatmap.
  function step(move, from) {
    const all = grids();
    const to = { ...from };
    move(to, all[from.grid].trace.z);
    const columns = all[from.grid].trace.z[0].length;
    if (to.column < 0 || to.column >= columns) to.grid += Math.sign(to.column - from.column);
    if (to.grid < 0 || to.grid >= all.length) return from;
    const cells = all[to.grid].trace.z;
    if (to.grid !== from.grid && to.column < 0) to.column = cells[0].length - 1;
    else if (to.column >= columns) to.column = 0;
    return { grid: to.grid, row: clamp(to.row, cells.length), column: clamp(to.column, cells[0].length) };
  }

  function clamp(index, count) {
    return Math.min(Math.max(index, 0), count - 1);
  }

  function show({ grid, row, column }) {
    const all = grids();
    const { trace, number } = all[grid];
    const axes = [trace.xaxis || "x", trace.yaxis || "y"];
    const heading = place.layout.annotations.find(note => note.xref === axes[0] + " domain");
    said.textContent = plain([...(heading ? [heading.text] : []), ...lines(trace, row, column)].join("; "));
    Plotly.Fx.hover(place, [{ curveNumber: number, pointNumber: [row, column] }], axes.join(""));
  }

  // What the pointer shows there.
  function lines(trace, row, column) {
    const values = { x: trace.x[column], y: trace.y[row], z: trace.z[row][column], customdata: trace.customdata[row][column] };
    return trace.hovertemplate.replace(/<extra>.*/, "").split("<br>").map(line => line.replace(/%\{(\w+)(?:\[(\d+)\])?(?::\.(\d)f)?\}/g, (_, name, index, digits) => {
      const value = index === undefined ? values[name] : values[name][index];
      return value === null ? "not a number" : digits ? value.toFixed(digits) : value;
    }));
  }

  function plain(html) {
    return new DOMParser().parseFromString(html.replace(/<br>/g, " "), "text/html").body.textContent;
  }
};
