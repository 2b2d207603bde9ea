"""The script that kills one instance of each role under load, and what it says of the stores."""
import os
import re
import shutil
import subprocess

from shop import DRIVER, ROOT, SERVER, Skip, contains, equal, run

NOTHING = ("outcomes not known", "acknowledged orders lost", "orders nobody was told of", "orders twice",
           "stock oversold", "stock gone without an order", "money taken without an order",
           "money not taken", "findings of verify")


def story(*flags, path=None):
    """Runs the script; its exit code, and what it printed."""
    done = subprocess.run([os.path.join(ROOT, "examples", "microservices.sh"), "--store", DRIVER,
                           "--clients", "4", *flags], capture_output=True, text=True, check=False,
                          env={**os.environ, "HOLDFAST_SERVER": SERVER, "PATH": path or os.environ["PATH"]},
                          timeout=600)
    return done.returncode, done.stdout + done.stderr


def figure(text, name):
    found = re.search(f"^{name}: ([0-9,]+)$", text, re.MULTILINE)
    if found is None:
        raise AssertionError(f"{name} is not in {text}")
    return int(found[1].replace(",", ""))


def is_whole(code, text):
    equal(code, 0, text)
    for name in NOTHING:
        equal(figure(text, name), 0, name)
    for name in ("inventory-1", "payment-1", "order-1"):
        contains(text, f"kill -9 {name}")
        contains(text, f"start {name}")
    equal(figure(text, "acknowledged") > 0, True, text)
    equal(figure(text, "orders in the stores"), figure(text, "acknowledged"))


def nothing_is_lost_behind_haproxy():
    """One instance of each role is killed under load behind HAProxy, and the stores have every order."""
    if shutil.which("haproxy") is None:
        raise Skip("package haproxy is not installed")
    code, text = story("--seconds", "6")
    is_whole(code, text)
    equal("HAProxy is not installed" in text, False)


def it_goes_without_haproxy():
    """Without HAProxy the script says so, and clients pick the instance themselves."""
    path = os.pathsep.join(part for part in os.environ["PATH"].split(os.pathsep)
                           if not os.path.exists(os.path.join(part, "haproxy")))
    code, text = story("--seconds", "3", path=path)
    is_whole(code, text)
    contains(text, "HAProxy is not installed")


def a_lost_order_is_found():
    """An acknowledged order that a store does not have is counted, and the script fails."""
    code, text = story("--seconds", "2", "--drop", "1")
    equal(code, 1, text)
    equal(figure(text, "acknowledged orders lost"), 1)
    equal(figure(text, "stock gone without an order"), 3)
    equal(figure(text, "money taken without an order"), 2100)


run([nothing_is_lost_behind_haproxy, it_goes_without_haproxy, a_lost_order_is_found])
