from frontage import For, Signal, batch, h, mount, selector
from words import label


class Row:
    def __init__(self, id, text):
        self.id = id
        self.label = Signal(text)


made = 0
rows = Signal([])
selected = Signal(None)
is_selected = selector(selected)


def make(count):
    global made
    first = made + 1
    made += count
    return [Row(id, label()) for id in range(first, made + 1)]


def run(count):
    with batch():
        rows.set(make(count))
        selected.set(None)


def add(count):
    rows.set(rows.peek() + make(count))


def update():
    with batch():
        for row in rows.peek()[::10]:
            row.label.set(row.label.peek() + " !!!")


def clear():
    with batch():
        rows.set([])
        selected.set(None)


def swap():
    swapped = list(rows.peek())
    if len(swapped) > 998:
        swapped[1], swapped[998] = swapped[998], swapped[1]
        rows.set(swapped)


def remove(id):
    rows.set([row for row in rows.peek() if row.id != id])


def show(row, index):
    id = row.id

    def chosen():
        return is_selected(id)

    def choose(event):
        selected.set(id)

    def drop(event):
        remove(id)

    return h.tr(
        h.td(str(id), cls="col-md-1"),
        h.td(h.a(row.label, cls="lbl", on_click=choose), cls="col-md-4"),
        h.td(
            h.a(
                h.span(cls="remove glyphicon glyphicon-remove", aria_hidden="true"),
                cls="remove",
                on_click=drop,
            ),
            cls="col-md-1",
        ),
        h.td(cls="col-md-6"),
        class_danger=chosen,
    )


def button(id, text, action):
    def act(event):
        action()

    return h.div(
        h.button(text, type="button", cls="btn btn-primary btn-block", id=id, on_click=act),
        cls="col-sm-6 smallpad",
    )


def page():
    return h.div(
        h.div(
            h.div(
                h.div(h.h1("frontage"), cls="col-md-6"),
                h.div(
                    h.div(
                        button("run", "Create 1,000 rows", lambda: run(1_000)),
                        button("runlots", "Create 10,000 rows", lambda: run(10_000)),
                        button("add", "Append 1,000 rows", lambda: add(1_000)),
                        button("addone", "Append one row", lambda: add(1)),
                        button("update", "Update every 10th row", update),
                        button("clear", "Clear", clear),
                        button("swaprows", "Swap rows", swap),
                        cls="row",
                    ),
                    cls="col-md-6",
                ),
                cls="row",
            ),
            cls="jumbotron",
        ),
        h.table(
            h.tbody(For(rows, show), id="tbody"),
            cls="table table-hover table-striped test-data",
        ),
        cls="container",
    )


mount(page, "#main")
