(function () {
  "use strict";
  var form = document.getElementById("filter");
  var count = document.getElementById("count");
  var items = Array.prototype.slice.call(document.querySelectorAll("#trials > li"));
  var selects = Array.prototype.slice.call(form.querySelectorAll("select"));
  var words = document.getElementById("words");
  var texts = items.map(function (item) {
    return (item.textContent + " " + (item.dataset.words || "")).toLowerCase();
  });
  function show() {
    var wanted = words.value.toLowerCase().split(/\s+/);
    var shown = 0;
    items.forEach(function (item, i) {
      var fits = selects.every(function (s) { return !s.value || item.dataset[s.id] === s.value; }) &&
        wanted.every(function (w) { return texts[i].indexOf(w) >= 0; });
      item.hidden = !fits;
      shown += fits ? 1 : 0;
    });
    count.textContent = shown + " of " + items.length + " trials, the latest first.";
  }
  function fromAddress() {
    location.hash.slice(1).split("&").forEach(function (pair) {
      var at = pair.indexOf("=");
      var field = at > 0 && form.elements[decodeURIComponent(pair.slice(0, at))];
      if (field) { field.value = decodeURIComponent(pair.slice(at + 1)); }
    });
    show();
  }
  form.addEventListener("input", show);
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  form.addEventListener("reset", function () { setTimeout(show, 0); });
  window.addEventListener("hashchange", fromAddress);
  form.hidden = false;
  fromAddress();
})();
