// What is wider than its place scrolls, and what scrolls can be reached by the keyboard.
addEventListener('DOMContentLoaded', function () {
  const main = document.querySelector('main');
  new ResizeObserver(function () {
    for (const part of main.querySelectorAll('pre, .output, .text')) {
      if (part.scrollWidth > part.clientWidth) part.tabIndex = 0;
      else part.removeAttribute('tabindex');
    }
  }).observe(main);
});
