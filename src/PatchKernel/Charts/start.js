
(window.patchkernelCharts || []).splice(0).forEach(draw => draw());
