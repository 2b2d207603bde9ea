"""Installed to any folder the library is found: by the tool, pkg-config, CMake and as a subproject.

Usage: test_install.py SOURCE_ROOT BUILD_ROOT, in an empty folder
"""
import json
import os
import shutil
import subprocess
import sys
import traceback

SOURCE, BUILD = (os.path.abspath(path) for path in sys.argv[1:3])
PREFIX = os.path.abspath("moved")  # where nobody said it would be
HOST = """
#include <holdfast.h>
#include <stdio.h>
int main(void)
{
    hf_id id;
    puts(hf_version());
    return hf_id_from_key(1, "x", &id);
}
"""
STORE_HOST = """
#include <holdfast/conformance.h>
#include <stdio.h>
int main(int count, char **names)
{
    hf_store_driver driver = *hf_store_builtin("memory");
    if (count > 1)
        driver.scan = hf_store_builtin(names[1])->scan; /* of another store: a broken driver */
    return hf_conformance_run(&driver, HF_CONFORMANCE_CHECKSUMS) == 0 ? 0 : 1;
}
"""
CMAKE = """
cmake_minimum_required(VERSION 3.18)
project(host C)
find_package(holdfast 0.1 CONFIG REQUIRED)
add_executable(host host.c)
target_link_libraries(host holdfast::holdfast)
"""
MESON = """
project('host', 'c', default_options: ['warning_level=3', 'c_args=-Wconversion'])
executable('host', 'host.c', dependencies: dependency('holdfast', fallback: 'holdfast'))
"""


class Skip(Exception):
    """What the test needs is not there."""


def run(*command, code=0, **options):
    environment = {**os.environ, "PKG_CONFIG_PATH": os.path.dirname(found("holdfast.pc"))}
    environment.pop("LD_LIBRARY_PATH", None)
    environment.pop("DESTDIR", None)
    done = subprocess.run(list(map(str, command)), env=environment, check=False, text=True,
                          capture_output=True, **options)
    assert done.returncode == code, f"{command}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def found(path):
    """The installed file whose path ends so."""
    for folder, _, names in os.walk(PREFIX):
        for name in names:
            if os.path.join(folder, name).endswith("/" + path):
                return os.path.join(folder, name)
    raise AssertionError(f"{path} is not installed")


def write(folder, **texts):
    os.makedirs(folder, exist_ok=True)
    for name, text in texts.items():
        with open(os.path.join(folder, name.replace("_", ".")), "w", encoding="utf-8") as file:
            file.write(text)


def flags(*names):
    prefix = PREFIX + run("pkg-config", "--variable=prefix", "holdfast").strip()
    text = run("pkg-config", f"--define-variable=prefix={prefix}", "--cflags", "--libs",
               *names).split()
    return [*text, f"-Wl,-rpath,{os.path.dirname(found('libholdfast.so'))}"]


def the_tool_finds_its_library():
    try:
        tool = found("bin/holdfast")
    except AssertionError as missing:
        raise Skip("examples are not built") from missing
    assert "holdfast" in run(tool, "--help")
    linked = run("ldd", tool)
    paths = [line.split()[2] for line in linked.splitlines() if "libholdfast.so" in line]
    assert paths and os.path.realpath(paths[0]) == os.path.realpath(found("libholdfast.so")), linked


def shells_and_man_find_what_they_look_for():
    try:
        found("bin/holdfast")
    except AssertionError as missing:
        raise Skip("examples are not built") from missing
    for path, text in (("share/bash-completion/completions/holdfast", "complete -o filenames"),
                       ("share/zsh/site-functions/_holdfast", "#compdef holdfast"),
                       ("share/fish/vendor_completions.d/holdfast.fish", "complete -c holdfast")):
        with open(found(path), encoding="utf-8") as script:
            assert text in script.read(), path
    if shutil.which("scdoc") is not None:
        assert found("man/man1/holdfast.1") and found("man/man5/holdfast-operations.5")


def a_host_is_built_with_pkg_config():
    write("pkg", host_c=HOST)
    run("cc", "-Wall", "-Werror", "-o", "pkg/host", "pkg/host.c", *flags("holdfast"))
    assert run("pkg/host") == "0.1.0\n"


def a_host_is_built_with_cmake():
    if shutil.which("cmake") is None:
        raise Skip("cmake is not installed")
    write("cmake", host_c=HOST)
    with open("cmake/CMakeLists.txt", "w", encoding="utf-8") as file:
        file.write(CMAKE)
    place = os.path.dirname(found("holdfast-config.cmake"))
    run("cmake", "-S", "cmake", "-B", "cmake/build", f"-Dholdfast_DIR={place}")
    run("cmake", "--build", "cmake/build")
    assert run("cmake/build/host") == "0.1.0\n"
    write("cmake", host_c=HOST)
    with open("cmake/CMakeLists.txt", "w", encoding="utf-8") as file:
        file.write(CMAKE.replace("holdfast 0.1 ", "holdfast 0.2 "))  # the control
    run("cmake", "-S", "cmake", "-B", "cmake/newer", f"-Dholdfast_DIR={place}", code=1)


def a_host_tests_a_store_of_its_own():
    write("store", host_c=STORE_HOST)
    run("cc", "-Wall", "-Werror", "-o", "store/host", "store/host.c",
        *flags("holdfast-conformance", "holdfast"))
    run("store/host")
    if "sqlite" in run("strings", found("libholdfast.so")):
        assert "scan" in run("store/host", "sqlite", code=1)  # the control


def as_a_subproject_only_the_library_is_built_and_warnings_are_the_hosts():
    write("sub", host_c=HOST, meson_build=MESON)
    os.makedirs("sub/subprojects")
    os.symlink(SOURCE, "sub/subprojects/holdfast")
    run("meson", "setup", "sub/build", "sub", "--force-fallback-for=holdfast",
        "-Doptimization=0", "-Ddebug=false")
    targets = subprocess.run(["meson", "introspect", "--targets", "sub/build"], check=True,
                             capture_output=True, text=True).stdout
    names = {target["name"] for target in json.loads(targets)}
    assert names == {"host", "holdfast", "holdfast_internal"}, names
    with open("sub/build/compile_commands.json", encoding="utf-8") as file:
        assert "-Werror" not in file.read()
    run("ninja", "-C", "sub/build")
    assert run("sub/build/host") == "0.1.0\n"


TESTS = [the_tool_finds_its_library, shells_and_man_find_what_they_look_for,
         a_host_is_built_with_pkg_config, a_host_is_built_with_cmake,
         a_host_tests_a_store_of_its_own,
         as_a_subproject_only_the_library_is_built_and_warnings_are_the_hosts]


def main():
    subprocess.run(["meson", "install", "-C", BUILD, "--no-rebuild", "--destdir", PREFIX],
                   check=True, stdout=subprocess.DEVNULL)
    failed = 0
    print(f"1..{len(TESTS)}")
    for number, test in enumerate(TESTS, 1):
        name = test.__name__.replace("_", " ")
        try:
            test()
            print(f"ok {number} {name}", flush=True)
        except Skip as why:
            print(f"ok {number} {name} # SKIP {why}", flush=True)
        except Exception:  # whatever it is, the others run
            failed += 1
            print(f"not ok {number} {name}", flush=True)
            traceback.print_exc()
    sys.exit(1 if failed else 0)


main()
