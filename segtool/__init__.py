"""Segments of users, from files: static ones frozen to CSV, dynamic ones decided anew at each run.

                       ┌──► read ─────┐   files        → typed tables, definitions with their places
 you ─► cli ─► verbs ─►├──► compile ──┤   definitions  → checked, lowered, planned; words; JSON Schema
          │            ├──► engine ───┤   plan × tables → who is in
          │            └──► store ────┤   what is kept: tables, runs, ledger, snapshots
          └──────────────► output ────┤   results      → terminal, JSON, CSV
                                      ▼
                                    model ─► errors

Imports go down only; the rooms in the middle do not know each other; `tests/test_architecture.py` holds it so.
"""

__version__ = "0.1.0"
