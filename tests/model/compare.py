"""Draws steps with the model, and plays them in the library on any store."""
from draw import Draw
from draw_payments import PROVIDERS
from guards import target
from holdfast import error_name
from host import Host
from model import Unsure
from money import OVER, in_hand, total_of
from run import Model
from summary import differences, model_summary, result_summary

VERIFY_EVERY = 25  # steps


def fresh_model(wrong=""):
    return Model(Draw(0).now, wrong, PROVIDERS)


def draw_steps(seed, count):
    """What to do: drawn with a model, because it says what there is to do."""
    draw, model = Draw(seed), fresh_model()
    draw.model = model
    steps = [("ops", [[one] for one in draw.opening()])]
    model.play(steps[0])
    while draw.count < count:
        step = draw_step(draw)
        try:
            if step is not None:
                model.play(step)
                steps.append(step)
        except Unsure:
            break
        draw.now = model.now
        draw.forget(model.tables)
    return steps, draw.names


def draw_step(draw):
    what = draw.random.random()
    if what < 0.25:
        return draw.answer()
    if what < 0.4:
        return "advance", draw.passing()
    draw.versions = draw.chance(0.3)
    return "ops", [draw.chain() for _ in range(draw.up_to(6))]


# ---- The library ---------------------------------------------------------------------------------

def version_of(done):
    if done.status != 0:
        return 0
    return done.result["order"]["version"] if "lines" in done.result else done.result["version"]


def with_versions(host, ops):
    """The same with the versions that the records have now, or an older one."""
    named = [target(name, v) if "expected_version" in v else None for name, v, _ in ops]
    reads = [(f"{table}_get", {"key" if table == "account" else table: key})
             for table, key in filter(None, named)]
    found = iter(host.engine.do(reads))
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


def answer_of(done):
    """As the model's: the error's name and the summary."""
    if done.status != 0 or done.result is None:
        return error_name(done.status), None
    return "HF_OK", result_summary(done.result)


def do_step(host, model, step):
    """Plays a step in the library; how its answers differ from the model's."""
    before = model.now
    moments = model.moments(before + step[1]) if step[0] == "advance" else []
    answers, rows = model.play(step)
    if step[0] == "ops":
        ops = with_versions(host, flat(step[1]))
        for op, done, want in zip(ops, host.engine.do(ops), answers):
            if answer_of(done) != want:
                found = differences(want, answer_of(done))
                return [f"{op[0]}: {one} {done.detail}" for one in found[:6]], rows
    elif step[0] == "advance":
        for moment in moments:
            host.engine.advance(moment - before)
            host.rest(2)
            before = moment
    else:
        host.answer(*step[1:])
    return [], rows


def row_differences(host, rows):
    """Reads rows of the library and compares them with the model's."""
    wanted = sorted(rows, key=lambda one: one[0] != "order")
    reads = [(f"{table}_get", {"key" if table == "account" else table: key})
             for table, key in wanted if table != "fact"]
    found = []
    for (table, key), done in zip([one for one in wanted if one[0] != "fact"],
                                  host.engine.do(reads)):
        what = differences(("HF_OK", rows[table, key]), answer_of(done))
        found += [f"{table} {key}: {one}" for one in what]
    return found


def settled(host, model, rows):
    """Differences that stay when the library has nothing to do any more."""
    for rounds in (2, 4, 16):
        host.rest(rounds)
        found = row_differences(host, rows) + host.call_differences(model)
        if not found:
            return []
    return found


def all_rows(model):
    return {(table, key): model_summary(model, table, key)
            for table in ("account", "hold", "order") for key in model.tables[table]}


def run_library(url, steps, wrong="", met=None):
    """(problems, number of the step, digest): the first step that differs."""
    host, model, number = Host(url), fresh_model(wrong), 0
    try:
        for number, step in enumerate(steps):
            problems, rows = do_step(host, model, step)
            last = number + 1 == len(steps)
            if not problems:
                problems = settled(host, model, all_rows(model) if last else rows)
            if not problems and (last or number % VERIFY_EVERY == VERIFY_EVERY - 1):
                problems = host.engine.verify().findings
            if host.engine.invariants() != 0:
                problems = ["an operation broke an invariant", *problems]
            if problems:
                return problems, number, ""
        if met is not None:
            met.update(model.met)
        return unexplained(model), len(steps), host.engine.verify().digest
    except Unsure:  # of a shrunk run: no rule says what follows
        return [], number, ""
    finally:
        host.close()


def unexplained(model):
    """Orders that are over and have more or less money than they owe, without any attention."""
    found = []
    for key, order in model.tables["order"].items():
        asked = total_of(order, lambda p: p["pending_capture"] + p["pending_refund"])
        differs = not asked and total_of(order, in_hand) != model.owed(order)
        attention = order["attention"] | sum(p["attention"] for p in order["payments"])
        seen = model.looked & {key, *(p["id"] for p in order["payments"])}
        if order["state"] in OVER and differs and not attention and not seen:
            found.append(f"order {key} has {total_of(order, in_hand)} and owes {model.owed(order)}")
    return found
