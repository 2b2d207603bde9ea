"""What the server itself reads of a request is fed to libFuzzer: HOLDFAST_FUZZ_SECONDS, 10 by default."""
import glob
import json
import os
import shutil
import subprocess

from shop import ROOT, SERVER, Skip, checkout, equal, order, run

KEY = "f:019b76da-a801-79b3-b1ca-ad5fb0bdbc0a"
JSON = "d:application/json"
WHAT = json.dumps({"type": "payment.captured", "timestamp": "2026-01-31T09:30:15Z",
                   "data": {"unit": "EUR", "amount": 900, "payment_ref": "pi_1"}})
SEEDS = [
    ("POST /v1/orders", KEY, JSON, "", json.dumps(checkout())),
    ("POST /v1/orders", "f:order-1", JSON, "", json.dumps(order(meta="x"))),
    ("POST /v1/orders/019b76da-a801-79b3-b1ca-ad5fb0bdbc0a/amend", KEY, JSON, 'g:"7"', "",
     json.dumps({"total": 1, "changes": [{"line": 1, "quantity": 2, "unit_price": 3}]})),
    ("GET /v1/orders?customer=ada&state=CLOSED&limit=5&newest_first=true", "k:00-" + "a" * 32 +
     "-" + "b" * 16 + "-01", "", ""),
    ("GET /v1/orders?limit=5&cursor=VD1ddFY_CvZ7ImlkIjoiMDFhMjJjMmEtZjBjYy03ZWYxLTk2OWUtN2IwMTho", "", ""),
    ("GET /v1/items/a%2fb?place=north", "", ""),
    ("GET /v1/accounts/MONEY/EUR/ada", "", ""),
    ("GET /v1/operations/order-1", "", ""),
    ("POST /v1/items/tea/receive", KEY, JSON, "", '{"amount":1,"to":{"place":"north"}}'),
    ("POST /v1/backups", JSON, "", '{"name":"copy.db"}'),
    ("POST /v1/transactions", KEY, JSON, "", '{"moves":[],"branches":[{"participant":"a"}]}'),
    ("GET /v1/webhooks/dead?limit=2", "", ""),
    ("POST /v1/webhooks/dead/erp/7/retry", "", ""),
    ("POST /v1/branches/019b76da-a801-79b3-b1ca-ad5fb0bdbc0a/1/try", JSON, "", '{"moves":[]}'),
    ("POST /webhooks/psp", JSON, "!", "", WHAT),
]


def compile_target():
    if shutil.which("clang") is None:
        raise Skip("clang is not installed")
    own = [path for path in sorted(glob.glob(ROOT + "/examples/server/**/*.c", recursive=True))
           if os.path.basename(path) not in ("main.c", "http.c")]
    build = os.path.dirname(os.path.dirname(os.path.dirname(SERVER)))
    done = subprocess.run(
        ["clang", "-std=c11", "-D_POSIX_C_SOURCE=200809L", "-g", "-O1",
         "-fsanitize=fuzzer,address,undefined", "-fno-sanitize-recover=undefined",
         f"-I{ROOT}/include", f"-I{ROOT}/examples", f"-I{ROOT}/examples/server",
         f"-I{build}/examples/server",  # the page of the console, made by the build
         *sorted(glob.glob(ROOT + "/examples/common/*.c")), *own, ROOT + "/tests/fuzz/fuzz_server.c",
         "-ljansson", "-lsodium", "-lcurl", "-luv", f"-L{build}", "-lholdfast", f"-Wl,-rpath,{build}",
         "-o", "fuzz_server"], capture_output=True, text=True, check=False)
    equal(done.returncode, 0, done.stderr[-2000:])


def any_request_is_answered():
    """Any request is answered once, with a status and whole JSON, and touches no memory it has not."""
    compile_target()
    os.mkdir("corpus")
    for number, seed in enumerate(SEEDS):
        with open(f"corpus/{number}", "w", encoding="utf-8") as file:
            file.write("\n".join(seed))
    seconds = os.environ.get("HOLDFAST_FUZZ_SECONDS", "10")
    done = subprocess.run(["./fuzz_server", f"-max_total_time={seconds}", "-max_len=8192",
                           "-timeout=600", "-rss_limit_mb=1024", "corpus"], capture_output=True,
                          text=True, check=False, errors="replace")
    equal(done.returncode, 0, done.stderr[-3000:])
    print("#", done.stderr.strip().splitlines()[-1])


if __name__ == "__main__":
    run([any_request_is_answered])
