"""Runs drawn operations through the model once, and through the library on any store."""
from draw import Draw
from guards import target
from holdfast import Engine, error_name
from erasing import Model
from parts import (account_summary, fact_summary, hold_summary, line_summary, payment_summary,
                   unit_summary)

BATCH = 24  # chains in one batch, at most


def draw_steps(seed, count, wrong=""):
    """[(ms to advance, [chain], [answers])]: what to do and what the model says to it.

    It ends before the first step whose outcome is not promised.
    """
    steps, model = draw_some(seed, count, wrong, count)
    return draw_some(seed, count, wrong, len(steps) - 1) if model.unsure else (steps, model)


def draw_some(seed, count, wrong, most):
    draw, steps = Draw(seed), []
    model = Model(draw.now, wrong)
    chains = [[one] for one in draw.opening()]
    steps.append((0, chains, [model.run(chain)[0] for chain in chains]))
    while draw.count < count and len(steps) < most and not model.unsure:
        ms = draw.up_to(40) if draw.chance(0.3) else 0
        draw.now = model.now = model.now + ms
        model.expire()
        draw.versions = ms == 0  # else a deadline might move them between reading and batch
        chains = [draw.chain() for _ in range(draw.up_to(BATCH))]
        model.watch(chains)
        steps.append((ms, chains, [answer for chain in chains for answer in model.run(chain)]))
        draw.forget(model.tables)
    return steps, model


def order_answer(view):
    row = view["order"]
    return (row["customer"], row["state"], row["total"], row["number"], row["deadline"],
            tuple(line_summary(line, "unit_price") for line in view["lines"]),
            tuple(payment_summary(payment) for payment in view["payments"]))


def answer_of(done):
    """As the model's: the error's name and the summary."""
    if done.status != 0 or done.result is None:
        return error_name(done.status), None
    if "order" in done.result and "lines" in done.result:
        return "HF_OK", order_answer(done.result)
    if "posted" in done.result:
        return "HF_OK", hold_summary(done.result)
    if "fact_ref" in done.result:
        return "HF_OK", fact_summary(done.result)
    if "records" in done.result:
        return "HF_OK", tuple(done.result[name] for name in ("records", "orders", "more"))
    if "scale" in done.result:
        return "HF_OK", unit_summary(done.result["scale"])
    if "captured" in done.result:
        return "HF_OK", payment_summary(done.result)
    return "HF_OK", account_summary(done.result)


def version_of(done):
    if done.status != 0:
        return 0
    return done.result["order"]["version"] if "lines" in done.result else done.result["version"]


def with_versions(engine, ops):
    """The same with the versions that the records have now, or an older one."""
    named = [target(name, v) if "expected_version" in v else None for name, v, _ in ops]
    reads = [(f"{table}_get", {"key" if table == "account" else table: key})
             for table, key in filter(None, named)]
    found = iter(engine.do(reads))
    out = []
    for (name, v, linked), one in zip(ops, named):
        if one is not None:
            now = version_of(next(found))
            older = now - 1 if now > 1 else 10**9  # or one it never had
            v = {**v, "expected_version": now if v["expected_version"] == "read" and now else older}
        out.append((name, v, linked))
    return out


def flat(chains):
    return [(name, values, at + 1 < len(chain)) for chain in chains
            for at, (name, values) in enumerate(chain)]


def final_differences(engine, model):
    """Every record of the model against the store."""
    wanted = [("account_get", {"key": key}) for key in model.tables["account"]]
    wanted += [("order_get", {"order": key}) for key in model.tables["order"]]
    wanted += [("hold_get", {"hold": key}) for key in model.tables["hold"]]
    expected = [model.summary(table, key) for table in ("account", "order", "hold")
                for key in model.tables[table]]
    return [f"at the end: {op}: {answer_of(done)} instead of {want}" for op, done, want
            in zip(wanted, engine.do(wanted), expected) if answer_of(done) != ("HF_OK", want)]


def run_library(url, steps, model):
    """(problems, digest): the first answer that differs, else what differs at the end."""
    engine = Engine(url, virtual_time_ms=steps_start(), random_seed=1)
    number = 0
    try:
        for ms, chains, expected in steps:
            if ms:
                engine.advance(ms)
            ops = with_versions(engine, flat(chains))
            for op, done, want in zip(ops, engine.do(ops), expected):
                number += 1
                if answer_of(done) != want:
                    return [f"{url}: operation {number}: {op}\n  answer {answer_of(done)} "
                            f"{done.detail}\n  model  {want}"], ""
        verdict = engine.verify()
        return verdict.findings + final_differences(engine, model), verdict.digest
    finally:
        engine.close()


def steps_start():
    return Draw(0).now
