from words import label
from wybthon import For, create_selector, create_signal, h, render


class Row:
    __slots__ = ("id", "label", "set_label")

    def __init__(self, id, text):
        self.id = id
        self.label, self.set_label = create_signal(text)


made = 0
rows, set_rows = create_signal([])
selected, select = create_signal(None)
is_selected = create_selector(selected)


def make(count):
    global made
    first = made + 1
    made += count
    return [Row(id, label()) for id in range(first, made + 1)]


def run(count):
    set_rows(make(count))
    select(None)


def add(count):
    set_rows(rows() + make(count))


def update():
    for row in rows()[::10]:
        row.set_label(row.label() + " !!!")


def clear():
    set_rows([])
    select(None)


def swap():
    swapped = list(rows())
    if len(swapped) > 998:
        swapped[1], swapped[998] = swapped[998], swapped[1]
        set_rows(swapped)


def remove(id):
    set_rows([row for row in rows() if row.id != id])


def show(item, index):
    row = item()
    id = row.id
    return h(
        "tr",
        {"class": lambda: "danger" if is_selected(id) else ""},
        h("td", {"class": "col-md-1"}, str(id)),
        h(
            "td",
            {"class": "col-md-4"},
            h("a", {"class": "lbl", "on_click": lambda event: select(id)}, row.label),
        ),
        h(
            "td",
            {"class": "col-md-1"},
            h(
                "a",
                {"class": "remove", "on_click": lambda event: remove(id)},
                h("span", {"class": "remove glyphicon glyphicon-remove", "aria-hidden": "true"}),
            ),
        ),
        h("td", {"class": "col-md-6"}),
    )


def button(id, text, action):
    attributes = {"type": "button", "class": "btn btn-primary btn-block", "id": id}
    return h(
        "div",
        {"class": "col-sm-6 smallpad"},
        h("button", {**attributes, "on_click": lambda event: action()}, text),
    )


page = h(
    "div",
    {"class": "container"},
    h(
        "div",
        {"class": "jumbotron"},
        h(
            "div",
            {"class": "row"},
            h("div", {"class": "col-md-6"}, h("h1", {}, "wybthon")),
            h(
                "div",
                {"class": "col-md-6"},
                h(
                    "div",
                    {"class": "row"},
                    button("run", "Create 1,000 rows", lambda: run(1_000)),
                    button("runlots", "Create 10,000 rows", lambda: run(10_000)),
                    button("add", "Append 1,000 rows", lambda: add(1_000)),
                    button("addone", "Append one row", lambda: add(1)),
                    button("update", "Update every 10th row", update),
                    button("clear", "Clear", clear),
                    button("swaprows", "Swap rows", swap),
                ),
            ),
        ),
    ),
    h(
        "table",
        {"class": "table table-hover table-striped test-data"},
        h("tbody", {"id": "tbody"}, For(each=rows, children=show)),
    ),
)
render(page, "#main")
