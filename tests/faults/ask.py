"""Asks the server of look.py about the current folder: `ask.py SOCKET check|state|debris`; ends as its answer says."""

import os
import socket
import sys

with socket.socket(socket.AF_UNIX) as server:
    server.connect(sys.argv[1])
    server.sendall(f"{sys.argv[2]}\n{os.getcwd()}\n".encode())
    with server.makefile(encoding="utf-8", errors="surrogateescape") as answer:
        code, *lines = answer.read().splitlines()
print("\n".join(lines))
raise SystemExit(int(code))
