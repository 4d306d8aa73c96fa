// Follows a flow, filters and sorts the rows, copies a text. The page is whole without it.
(function () {
  function all(selector, root) {
    return Array.prototype.slice.call((root || document).querySelectorAll(selector));
  }

  function showRows(name) {
    var wanted = name.dataset.f.indexOf("|");
    var select = document.getElementById("f-" + name.dataset.f.slice(0, wanted));
    if (!select) return;
    document.getElementById("rows").open = true;
    all("#rows select").forEach(function (other) { other.value = ""; });
    select.value = name.dataset.f.slice(wanted + 1);
    select.dispatchEvent(new Event("change"));
    select.focus();
  }

  // A node of a flow, or a name in a table, whose bar leads to its rows, too.
  function leadToRows(name) {
    var row = name.closest("tr");
    name.setAttribute("tabindex", "0");
    name.setAttribute("role", "button");
    [name].concat(row ? all(".cb svg", row) : []).forEach(function (shape) {
      shape.addEventListener("click", function () { showRows(name); });
    });
    name.addEventListener("keydown", function (event) {
      if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        showRows(name);
      }
    });
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

    nodes.forEach(function (node) {
      node.addEventListener("mouseenter", function () { on(node); });
      node.addEventListener("focus", function () { on(node); });
      node.addEventListener("mouseleave", off);
      node.addEventListener("blur", off);
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

  // Cents of a row, or of one model in it; NaN where it has none of the model.
  function centsOf(row, model) {
    if (!model) return parseInt(row.dataset.c, 10);
    var found = (" " + (row.dataset.m || "")).split(" " + model + ":")[1];
    return parseInt(found, 10);
  }

  // What a row says of its money; requests are not told apart by model.
  function writeCents(row, cents, model, how) {
    var cell = row.cells[row.cells.length - 1], estimate = cell.querySelector(".est");
    var power = Math.pow(10, how.places);
    var rough = { places: "0", group: how.group, grouping: how.grouping };
    (estimate || cell).textContent = estimate ? money(Math.round(cents / power), rough) : money(cents, how);
    cell.dataset.v = cents;
    [2, 3].forEach(function (back) {
      row.cells[row.cells.length - back].classList.toggle("off", Boolean(model));
    });
  }

  function filterRows(selects) {
    var rows = all("#rows tbody tr");
    var told = document.querySelector("#rows output");
    var models = document.getElementById("f-model"), model = models ? models.value : "";
    var count = 0, cents = 0;
    rows.forEach(function (row) {
      var own = centsOf(row, model);
      var stays = !isNaN(own) && selects.every(function (select) {
        return select === models || !select.value || row.dataset[select.dataset.k] === select.value;
      });
      row.hidden = !stays;
      if (stays) {
        count += 1;
        cents += own;
        writeCents(row, own, model, told.dataset);
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
  all("[data-f]:not([data-f=''])").forEach(leadToRows);
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
