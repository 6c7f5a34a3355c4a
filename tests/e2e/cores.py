"""Cores of running targets: the kernel's, and gdb's gcore."""

import os
import pathlib
import resource
import shutil
import signal
import subprocess

PATTERN = pathlib.Path("/proc/sys/kernel/core_pattern")


def crash_environment(**more):
    """A Go program dumps core only when it is told to at its start."""
    return {**os.environ, "GOTRACEBACK": "crash", **more}


def no_kernel_core():
    """Why the kernel cannot be made to write a core into a folder of ours; empty where it can."""
    pattern = PATTERN.read_text().strip()
    if pattern.startswith("|"):
        return f"kernel.core_pattern pipes cores into a program: {pattern}"
    if pattern.startswith("/"):
        return f"kernel.core_pattern sends cores elsewhere: {pattern}"
    if not pattern:
        return "kernel.core_pattern is empty: cores are off"
    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    if most != resource.RLIM_INFINITY:
        return f"the hard limit of a core's size is {most} (ulimit -Hc)"
    return ""


def kernel_core(target, path, kill_with=signal.SIGABRT, filter_bits=None):
    """Ends a GoTarget that was started with crash_environment() in a folder of its own (cwd=), and
    moves the core that the kernel wrote there to `path`."""
    why_not = no_kernel_core()
    assert not why_not, why_not
    folder = pathlib.Path(f"/proc/{target.pid}/cwd").resolve()
    assert folder != pathlib.Path.cwd(), "the target shares our folder, and others' cores"
    resource.prlimit(target.pid, resource.RLIMIT_CORE,
                     (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    if filter_bits is not None:
        pathlib.Path(f"/proc/{target.pid}/coredump_filter").write_text(f"{filter_bits:#x}")
    before = set(folder.iterdir())
    os.kill(target.pid, kill_with)
    target.process.wait(timeout=120)  # the kernel lets go of it when the core is written
    made = [entry for entry in set(folder.iterdir()) - before if entry.name.startswith("core")]
    assert len(made) == 1, f"no core, or several, in {folder}: {made}"
    shutil.move(made[0], path)
    return pathlib.Path(path)


def gcore(target, path, everything=False):
    """gdb's core of a GoTarget, which runs on. `everything`: also what files hold (gcore -a)."""
    prefix = f"{path}.part"
    command = ["gcore", *(["-a"] if everything else []), "-o", prefix, str(target.pid)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=300)
    made = pathlib.Path(f"{prefix}.{target.pid}")
    assert done.returncode == 0 and made.exists(), f"{' '.join(command)}: {done.stdout}"
    made.rename(path)
    return pathlib.Path(path)


def compressed(core, suffix):
    """A compressed copy beside a core: ".gz", ".zst", ".xz", ".lz4"."""
    command = {".gz": ["gzip", "-1", "-c"], ".zst": ["zstd", "-q", "-1", "-c"],
               ".xz": ["xz", "-0", "-c"], ".lz4": ["lz4", "-q", "-c"]}[suffix]
    packed = pathlib.Path(f"{core}{suffix}")
    with open(packed, "wb") as out:
        subprocess.run([*command, str(core)], check=True, stdout=out)
    return packed


EMULATOR = "qemu-aarch64"


def emulated_core(target, path, end=None):
    """Ends a GoTarget that the emulator runs (GoTarget(EMULATOR, binary), with crash_environment()
    and in a folder of its own) by SIGABRT or by `end()`, and moves the core that qemu wrote there
    of it to `path`."""
    folder = pathlib.Path(f"/proc/{target.pid}/cwd").resolve()
    assert folder != pathlib.Path.cwd(), "the target shares our folder, and others' cores"
    resource.prlimit(target.pid, resource.RLIMIT_CORE,
                     (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    if end:
        end()
    else:
        os.kill(target.pid, signal.SIGABRT)
    target.process.wait(timeout=120)
    made = list(folder.glob("qemu_*.core"))
    assert len(made) == 1, f"no core, or several, in {folder}: {made}"
    shutil.move(made[0], path)
    return pathlib.Path(path)
