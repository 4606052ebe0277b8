// Runs once on a page, after plotly.js.

// Gives a chart that names no colours those of the page it stands on: dark in a dark editor.
window.patchkernelTheme = function (layout, place) {
  const page = getComputedStyle(place);
  const host = (...names) => names.map(name => page.getPropertyValue(name).trim()).find(value => value);
  // A page that follows the system's dark mode says so by its text's colour.
  const [r, g, b, a] = pixel(host("--vscode-editor-foreground", "--jp-content-font-color1") || page.color);
  const ink = part => `rgba(${r},${g},${b},${a / 255 * part})`;
  const paper = host("--vscode-editor-background", "--jp-layout-color0") || background(place);
  const axis = { linecolor: ink(1), tickcolor: ink(1), gridcolor: ink(0.15), zerolinecolor: ink(0.7) };
  const colours = { font: { color: ink(1) }, paper_bgcolor: paper, plot_bgcolor: paper, xaxis: axis, yaxis: axis };
  const given = layout.template && layout.template.layout;
  if (!given) layout.template = { layout: colours };
  // Plotly.NET's own template, which a chart has unless it asks for another, is made for white pages.
  else if (r + g + b > 384 && pixel(given.plot_bgcolor).join() === "229,236,246,255")
    for (const [name, value] of Object.entries(colours)) given[name] = typeof value === "string" ? value : { ...given[name], ...value };

  function pixel(colour) {
    const context = document.createElement("canvas").getContext("2d");
    context.fillStyle = colour;
    context.fillRect(0, 0, 1, 1);
    return context.getImageData(0, 0, 1, 1).data;
  }

  function background(element) {
    for (; element; element = element.parentElement) {
      const colour = getComputedStyle(element).backgroundColor;
      if (pixel(colour)[3] > 0) return colour;
    }
    return "rgba(0,0,0,0)";
  }
};

// Draws a figure in its place, as its place's width asks for, and again where width or colours change.
window.patchkernelDraw = function (id, figure, narrower, config) {
  const place = document.getElementById(id);
  if (!place) return;
  const picture = place.querySelector("img");
  const text = place.getAttribute("aria-label") || (picture && picture.alt);
  place.innerHTML = "";
  place.style.background = "";
  let drawn, dark, busy = false, again = false;
  const system = matchMedia("(prefers-color-scheme: dark)");

  function fit() {
    const asked = narrower.filter(one => place.clientWidth && place.clientWidth < one.below).pop();
    if (place.data && drawn === asked && dark === system.matches)
      return place.clientWidth && !place.layout.width && place._fullLayout.width !== place.clientWidth && Plotly.Plots.resize(place);
    const now = structuredClone(figure);
    if (asked) {
      now.layout = structuredClone(asked.figure.layout);
      now.data.forEach((trace, i) => Object.assign(trace, asked.figure.data[i]));
    }
    [drawn, dark] = [asked, system.matches];
    place.style.height = (now.layout.height || 450) + "px";
    patchkernelTheme(now.layout, place);
    // Anew: from one layout to another Plotly keeps margins that the other has no room for.
    Plotly.purge(place);
    // On a phone the buttons would lie over the title.
    const bar = place.clientWidth < 600 ? { displayModeBar: false } : {};
    return Plotly.newPlot(place, now.data, now.layout, Object.assign({}, config, figure.config, bar))
      .then(() => place.querySelector(".svg-container").setAttribute("aria-hidden", "true"));
  }

  // One at a time: Plotly draws in several steps.
  async function update() {
    again = true;
    if (busy) return;
    busy = true;
    while (again && place.isConnected) {
      again = false;
      for (let step = fit(); step; step = fit()) await step;
    }
    busy = false;
  }

  update();
  patchkernelCells(place, text || (place.querySelector(".gtitle") || {}).textContent || "Chart");
  // A place that was hidden has its width only now.
  new ResizeObserver(update).observe(place);
  system.addEventListener("change", update);
};
