"""Runs a first cell, interrupts a second one once it has printed something, and runs a third, all in one kernel."""
import signal
import sys

from jupyter_client import KernelManager

PATIENCE = 60


def run(manager, client, code, interrupt=False):
    """Runs a cell to its end; returns its status and the types of what it sent."""
    message = client.execute(code)
    types = []
    while True:
        reply = client.get_iopub_msg(timeout=PATIENCE)
        if reply["parent_header"].get("msg_id") != message:
            continue
        types.append(reply["msg_type"])
        if reply["msg_type"] == "status" and reply["content"]["execution_state"] == "idle":
            break
        if reply["msg_type"] == "stream" and interrupt:
            manager.interrupt_kernel()
            interrupt = False
    while True:
        reply = client.get_shell_msg(timeout=PATIENCE)
        if reply["parent_header"].get("msg_id") == message:
            return reply["content"]["status"], types


def main():
    first, long, last = sys.argv[1:]
    # A shell may start its children with Ctrl+C ignored, and the kernel would inherit that.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    manager = KernelManager(kernel_name=".net-csharp")
    manager.start_kernel()
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=PATIENCE)
        status, types = run(manager, client, first)
        assert status == "ok", types
        status, types = run(manager, client, long, interrupt=True)
        assert status == "error" and "error" in types, (status, types)
        status, types = run(manager, client, last)
        assert status == "ok" and "execute_result" in types, (status, types)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


main()
