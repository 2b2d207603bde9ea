"""Erasure in the model: customers and meta go, and every other answer stays what it was."""
from orders import Orders

ORDER, CUSTOMER, ACCOUNT, HOLD = 0, 1, 2, 3  # hf_erase_by
ONE = {ORDER: ("order", "record"), ACCOUNT: ("account", "account"), HOLD: ("hold", "record")}


class Erasing(Orders):
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

    def erased_again(self, v):
        """A repeated erasure says whether there is something to erase now."""
        more = self.customer_orders(v) if v["by"] == CUSTOMER else self.erase_one(v)[3]
        return "erase", (0, 0, int(bool(more)))
