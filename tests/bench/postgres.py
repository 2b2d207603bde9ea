"""The checkout as a PL/pgSQL function in a PostgreSQL server of its own, driven by pgbench.

usage: postgres.py FOLDER BEFORE AFTER CLIENTS SPREAD SECONDS ORDERS

BEFORE and AFTER are SQLite stores of holdfast, before and after one order. Their tables and indexes
are made in PostgreSQL, and the function writes the rows that the order wrote. Accounts are locked in
the order of their keys. What is the same row for all orders (counters) is left to a sequence.
Prints the number of orders and the seconds, then each order's microseconds, one a line.
"""
import os
import re
import shutil
import sqlite3
import subprocess
import sys

BIN = "/usr/lib/postgresql/15/bin"
TYPES = [(r"\bBLOB\b", "bytea"), (r"\bINTEGER\b", "bigint"), (r"\bTEXT\b", 'text COLLATE "C"')]
PICK = {
    "uniform": "random(0, 9999)",
    "zipf": "(random_zipfian(1, 10000, 1.1) * 7919) % 10000",
    "hot": "0",
}


class Server:
    """A cluster in a folder, reached through a socket in it; of the user postgres under root."""

    def __init__(self, folder, clients):
        self.folder = os.path.abspath(folder)
        self.data = os.path.join(self.folder, "pg")
        self.user = []
        os.mkdir(self.data, 0o700)
        if os.geteuid() == 0:
            self.user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
            os.chmod(self.folder, 0o711)
            shutil.chown(self.data, "postgres", "postgres")
        self.run("initdb", "-U", "postgres", "--auth=trust", "--no-sync", "-k", "-D", self.data)
        with open(os.path.join(self.data, "postgresql.conf"), "a", encoding="utf-8") as conf:
            conf.write(
                f"listen_addresses = ''\nunix_socket_directories = '{self.data}'\n"
                f"max_connections = {clients + 10}\nshared_buffers = 512MB\nmax_wal_size = 4GB\n"
                "fsync = on\nsynchronous_commit = on\n"
            )
        self.run("pg_ctl", "-w", "-D", self.data, "-l", os.path.join(self.data, "log"), "start")

    def run(self, program, *arguments, text=None):
        done = subprocess.run(
            [*self.user, os.path.join(BIN, program), *arguments],
            input=text,
            cwd=self.data,
            stdout=subprocess.PIPE if program == "pgbench" else subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            check=False,
        )
        if done.returncode != 0:
            sys.exit(f"{program}: {done.stderr.strip()[-400:]}")
        return done.stdout

    def sql(self, text):
        self.run("psql", "-q", "-h", self.data, "-U", "postgres", "-v", "ON_ERROR_STOP=1", text=text)

    def stop(self):
        self.run("pg_ctl", "-w", "-m", "immediate", "-D", self.data, "stop")


def translate(sql):
    sql = sql[: sql.rindex(")") + 1] if sql.startswith("CREATE TABLE") else sql
    for pattern, replacement in TYPES:
        sql = re.sub(pattern, replacement, sql)
    return sql + ";\n"


def literal(value):
    if value is None:
        return "NULL"
    if isinstance(value, bytes):
        return f"'\\x{value.hex()}'::bytea"
    return str(value) if isinstance(value, int) else "'" + value.replace("'", "''") + "'"


def copy_text(value):
    if value is None:
        return "\\N"
    return f"\\\\x{value.hex()}" if isinstance(value, bytes) else str(value)


def tables(db):
    found = db.execute(
        "SELECT name FROM main.sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    )
    return [name for (name,) in found]


def columns(db, table):
    info = db.execute(f"PRAGMA main.table_info({table})").fetchall()
    return [row[1] for row in info], [row[1] for row in info if row[5]]


def schema(db):
    made = db.execute(
        "SELECT sql FROM main.sqlite_master WHERE sql IS NOT NULL AND type IN ('table', 'index')"
        " AND name NOT LIKE 'sqlite_%' ORDER BY type DESC"
    )
    text = "".join(translate(sql) for (sql,) in made)
    for table in tables(db):
        rows = db.execute(f"SELECT * FROM main.{table}").fetchall()
        lines = "".join("\t".join(map(copy_text, row)) + "\n" for row in rows)
        text += f"COPY {table} FROM STDIN;\n{lines}\\.\n"
    return text


class Order:
    """What stands in the rows of the order in the middle, and what to write instead."""

    def __init__(self, db):
        new = "SELECT id FROM main.{0} WHERE id NOT IN (SELECT id FROM old.{0})"
        (order,) = db.execute(new.format("orders")).fetchone()
        (payment,) = db.execute(new.format("payments")).fetchone()
        (self.seq,) = db.execute("SELECT max(seq) FROM main.events").fetchone()
        skus = db.execute(
            "SELECT sku FROM main.order_lines WHERE order_id = ? ORDER BY no", (order,)
        ).fetchall()
        (wallet,) = db.execute("SELECT customer FROM main.orders WHERE id = ?", (order,)).fetchone()
        self.prefixes = {"o": order[:8], "p": payment[:8]}
        self.parts = {order: "o", payment: "p", wallet: "wallet"}
        self.parts |= {skus[1][0]: "sku_b", skus[0][0]: "sku_a"}

    def value(self, column, value):
        if column == "seq" and value == self.seq:
            return "n"
        return self.parts.get(value) or literal(value)


def statement(order, table, names, keys, row, old):
    def where():
        return " AND ".join(f"{k} = {order.value(k, row[names.index(k)])}" for k in keys)

    if old is None:
        values = ", ".join(order.value(c, v) for c, v in zip(names, row))
        return f"  INSERT INTO {table} VALUES ({values});\n"
    changed = [i for i, value in enumerate(row) if value != old[i]]
    sets = ", ".join(f"{names[i]} = {order.value(names[i], row[i])}" for i in changed)
    return f"  UPDATE {table} SET {sets} WHERE {where()};\n"


def body(db, order):
    """Statements for every row that the order wrote, but not for what is common to all orders."""
    text, locks = "", []
    for table in tables(db):
        names, keys = columns(db, table)
        rows = db.execute(f"SELECT * FROM main.{table} EXCEPT SELECT * FROM old.{table}")
        for row in rows.fetchall():
            key = [row[names.index(k)] for k in keys]
            if all(order.value(k, v) == literal(v) for k, v in zip(keys, key)):
                continue
            test = " AND ".join(f"{k} = ?" for k in keys)
            old = db.execute(f"SELECT * FROM old.{table} WHERE {test}", key).fetchone()
            text += statement(order, table, names, keys, row, old)
            if old is not None and table == "accounts":
                locks.append(
                    "(" + " AND ".join(f"{k} = {order.value(k, v)}" for k, v in zip(keys, key)) + ")"
                )
    lock = " OR ".join(locks)
    return f"  PERFORM 1 FROM accounts WHERE {lock} ORDER BY kind, name FOR UPDATE;\n{text}"


def function(db):
    order = Order(db)
    ids = "".join(
        f"  {name} bytea := {literal(prefix)} || int8send(n);\n"
        for name, prefix in order.prefixes.items()
    )
    return (
        "CREATE SEQUENCE next_no START 1000000;\n"
        "CREATE FUNCTION checkout(sku_a text, sku_b text, wallet text) RETURNS bigint\n"
        "LANGUAGE plpgsql AS $$\nDECLARE\n  n bigint := nextval('next_no');\n"
        f"{ids}BEGIN\n{body(db, order)}  RETURN n;\nEND $$;\n"
    )


def script(spread):
    def name(prefix, variable):
        return f"'{prefix}-' || lpad((:{variable})::text, 5, '0')"

    other = "0" if spread == "hot" else "(:a + 1 + random(0, 9998)) % 10000"
    if spread == "zipf":
        other = PICK["zipf"]
    return (
        f"\\set a {PICK[spread]}\n\\set b {other}\n\\set w random(0, 9999)\n"
        f"SELECT checkout({name('item', 'a')}, {name('item', 'b')}, {name('user', 'w')});\n"
    )


def measure(server, clients, spread, limits):
    path = os.path.join(server.data, "script.sql")
    with open(path, "w", encoding="utf-8") as file:
        file.write(script(spread))
    seconds, orders = limits
    limit = ["-T", str(max(2, round(seconds)))]
    if orders != 0:
        limit = ["-t", str(max(1, orders // clients))]
    said = server.run(
        "pgbench", "-n", "-M", "prepared", "-c", str(clients), "-j", str(min(2, clients)), *limit,
        "-f", path, "-l", "--log-prefix", os.path.join(server.data, "latency"),
        "-h", server.data, "-U", "postgres", "postgres",
    )  # fmt: skip
    rate = re.search(r"^tps = ([0-9.]+) \(without", said, re.MULTILINE)
    if rate is None:
        sys.exit("pgbench: no order was ready in time: give it more --seconds")
    taken = []
    for name in os.listdir(server.data):
        if name.startswith("latency"):
            with open(os.path.join(server.data, name), encoding="utf-8") as log:
                taken += [line.split()[2] for line in log]
    return len(taken) / float(rate[1]), taken


def main():
    folder, before, after, clients, spread, seconds, orders = sys.argv[1:]
    db = sqlite3.connect(f"file:{after}?mode=ro", uri=True)
    db.execute("ATTACH ? AS old", (before,))
    server = Server(folder, int(clients))
    try:
        server.sql(schema(db) + "ANALYZE;\n" + function(db))
        took, taken = measure(server, int(clients), spread, (float(seconds), int(orders)))
    finally:
        server.stop()
    print(len(taken), took)
    print("\n".join(taken))


if __name__ == "__main__":
    main()
