// Takes the cells that have changed from the server, in order, and draws them in place of the old ones.
(function () {
  function run(cell) {
    for (const old of cell.querySelectorAll('script')) {
      const script = document.createElement('script');
      for (const name of old.getAttributeNames()) script.setAttribute(name, old.getAttribute(name));
      script.text = old.text;
      old.replaceWith(script);
    }
  }

  function show(message) {
    const main = document.querySelector('main');
    while (main.children.length > message.count) main.lastElementChild.remove();
    while (main.children.length < message.count) main.append(document.createElement('section'));
    for (const [index, html] of Object.entries(message.cells)) {
      const holder = document.createElement('template');
      holder.innerHTML = html;
      const cell = document.importNode(holder.content.firstElementChild, true);
      main.children[index].replaceWith(cell);
      run(cell);
    }
    document.title = message.title;
  }

  let library;
  function withLibrary(message) {
    if (!message.plotly || window.Plotly) return Promise.resolve();
    return library ??= new Promise(function (done) {
      const script = document.createElement('script');
      script.src = 'plotly.js';
      script.onload = done;
      document.head.append(script);
    });
  }

  let last = Promise.resolve();
  window.addEventListener('DOMContentLoaded', function () {
    const source = new EventSource('events');
    source.onmessage = function (event) {
      const message = JSON.parse(event.data);
      last = last.then(function () { return withLibrary(message); }).then(function () { show(message); });
    };
  });
})();
