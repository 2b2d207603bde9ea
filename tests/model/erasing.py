"""Erasure in the model: customers and meta go, and every other answer stays what it was."""
from orders import Model as Orders

ORDER, CUSTOMER, ACCOUNT, HOLD = 0, 1, 2, 3  # hf_erase_by
ONE = {ORDER: ("order", "record"), ACCOUNT: ("account", "account"), HOLD: ("hold", "record")}


class Model(Orders):
    def placed_order(self, order, v):
        order["customer"] = v.get("customer", "")
        return super().placed_order(order, v)

    def customer_orders(self, v):
        return sorted(key for key, order in self.tables["order"].items()
                      if order["customer"] == v["customer"])

    def erase_one(self, v):
        table, field = ONE[v["by"]]
        row = self.find(table, v[field])
        what, new = ("customer", v["replacement"]) if v["by"] == ORDER else ("meta", v["meta"])
        return row, what, new, row.get(what) != new

    def do_erase(self, v):
        """The answer is (records, orders, more)."""
        if v["by"] != CUSTOMER:
            row, what, new, changes = self.erase_one(v)
            row[what] = new
            return "erase", (int(changes), int(changes and v["by"] == ORDER), 0), not changes
        keys = self.customer_orders(v)
        page = keys[:v["limit"] + (self.wrong == "erase")]
        for key in page:
            self.edit("order", key)["customer"] = v["replacement"]
        return "erase", (len(page), len(page), int(len(keys) > len(page))), not page

    def first_answer(self, name, v):
        """A repeated erasure says whether there is something to erase now."""
        again = super().first_answer(name, v)
        if again is None or name != "erase":
            return again
        more = self.customer_orders(v) if v["by"] == CUSTOMER else self.erase_one(v)[3]
        return "erase", (0, 0, int(bool(more)))

    def summary(self, table, key):
        if table == "erase":
            return key
        found = super().summary(table, key)
        return (self.get("order", key)["customer"], *found) if table == "order" else found
