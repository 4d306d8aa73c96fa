// Follows a flow, filters and sorts the rows, copies a text. The page is whole without it.
(function () {
  function all(selector, root) {
    return Array.prototype.slice.call((root || document).querySelectorAll(selector));
  }

  function followFlows(svg) {
    var told = document.getElementById("read");
    var nodes = all("g[data-n]", svg);
    var links = all(".link", svg);

    function on(shape) {
      var lines = shape.dataset.l.split(" ");
      svg.classList.add("on");
      nodes.concat(links).forEach(function (other) {
        var meets = other.dataset.l.split(" ").some(function (line) { return lines.indexOf(line) >= 0; });
        other.classList.toggle("hi", meets);
      });
      if (told) told.textContent = shape.dataset.t;
    }

    function off() {
      svg.classList.remove("on");
      if (told) told.textContent = told.dataset.d;
    }

    function showRows(node) {
      var wanted = node.dataset.f.indexOf("|");
      var select = wanted > 0 && document.getElementById("f-" + node.dataset.f.slice(0, wanted));
      if (!select) return;
      document.getElementById("rows").open = true;
      all("#rows select").forEach(function (other) { other.value = ""; });
      select.value = node.dataset.f.slice(wanted + 1);
      select.dispatchEvent(new Event("change"));
      select.focus();
    }

    nodes.forEach(function (node) {
      if (node.dataset.f) {
        node.setAttribute("tabindex", "0");
        node.setAttribute("role", "button");
      }
      node.addEventListener("mouseenter", function () { on(node); });
      node.addEventListener("focus", function () { on(node); });
      node.addEventListener("mouseleave", off);
      node.addEventListener("blur", off);
      node.addEventListener("click", function () { showRows(node); });
      node.addEventListener("keydown", function (event) {
        if (event.key === "Enter" || event.key === " ") {
          event.preventDefault();
          showRows(node);
        }
      });
    });
    links.forEach(function (link) {
      link.addEventListener("mouseenter", function () { on(link); });
      link.addEventListener("mouseleave", off);
    });
  }

  function sortBy(table, place, heading) {
    var down = heading.getAttribute("aria-sort") !== "descending";
    all("thead th", table).forEach(function (other) { other.removeAttribute("aria-sort"); });
    heading.setAttribute("aria-sort", down ? "descending" : "ascending");
    var body = table.tBodies[0];
    function value(row) {
      var cell = row.cells[place];
      return cell.dataset.v === undefined ? cell.textContent.trim() : parseFloat(cell.dataset.v);
    }
    Array.prototype.slice.call(body.rows).sort(function (one, other) {
      var a = value(one), b = value(other);
      var order = typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b));
      return down ? -order : order;
    }).forEach(function (row) { body.appendChild(row); });
  }

  // As the page writes it: `how` has the marks and the groups of its locale.
  function money(cents, how) {
    var places = parseInt(how.places, 10), groups = how.grouping.split(" ");
    var digits = String(Math.abs(cents)).padStart(places + 1, "0");
    var whole = digits.slice(0, digits.length - places);
    var ends = new RegExp("\\B(?=(\\d{" + groups[1] + "})*\\d{" + groups[0] + "}$)", "g");
    var part = places ? how.decimal + digits.slice(-places) : "";
    return (cents < 0 ? "\u2212" : "") + whole.replace(ends, how.group) + part;
  }

  function filterRows(selects) {
    var rows = all("#rows tbody tr");
    var told = document.querySelector("#rows output");
    var count = 0, cents = 0;
    rows.forEach(function (row) {
      var stays = selects.every(function (select) {
        return !select.value || row.dataset[select.dataset.k] === select.value;
      });
      row.hidden = !stays;
      if (stays) {
        count += 1;
        cents += parseInt(row.dataset.c, 10);
      }
    });
    told.textContent = count + " of " + rows.length + " rows, " + money(cents, told.dataset);
  }

  function copy(button) {
    var text = document.getElementById(button.dataset.c);
    function done() {
      button.textContent = "Copied";
      setTimeout(function () { button.textContent = "Copy"; }, 1600);
    }
    if (navigator.clipboard && window.isSecureContext) {
      navigator.clipboard.writeText(text.textContent).then(done);
      return;
    }
    var range = document.createRange();
    range.selectNodeContents(text);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    if (document.execCommand("copy")) done();
  }

  all("svg.sk").forEach(followFlows);
  all("table.sort").forEach(function (table) {
    all("thead th", table).forEach(function (heading, place) {
      var button = heading.querySelector("button");
      if (button) button.addEventListener("click", function () { sortBy(table, place, heading); });
    });
  });
  var selects = all("#rows select");
  selects.forEach(function (select) {
    select.addEventListener("change", function () { filterRows(selects); });
  });
  all("button.copy").forEach(function (button) {
    button.addEventListener("click", function () { copy(button); });
  });
})();
